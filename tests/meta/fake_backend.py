#!/usr/bin/env python3
"""Stands in for a Langfuse project and any other backend: takes everything.
Prints its port, ends with its standard input."""
import gzip
import http.server
import json
import os
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'server'))
sys.dont_write_bytecode = True
import otlpread     # noqa: E402

PROJECT = {'data': [{'id': 'p1', 'name': 'demo', 'metadata': {}}]}


SPANS = {}      # by trace


class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        if url.path == '/api/public/v2/observations':
            trace = urllib.parse.parse_qs(url.query)['traceId'][0]
            self.answer({'data': [{'id': i} for i in SPANS.get(trace, [])],
                         'meta': {}})
            return
        self.answer(PROJECT if 'projects' in self.path else {'status': 'OK'})

    def do_POST(self):
        if 'chunked' in self.headers.get('Transfer-Encoding', ''):
            while True:
                size = int(self.rfile.readline().split(b';')[0], 16)
                self.rfile.read(size + 2)
                if size == 0:
                    break
        else:
            self.keep(self.rfile.read(
                int(self.headers.get('Content-Length', 0))))
        self.answer({})

    def keep(self, body):
        if not self.path.endswith('/otel/v1/traces'):
            return
        if 'gzip' in self.headers.get('Content-Encoding', ''):
            body = gzip.decompress(body)
        for s in otlpread.traces(body, self.headers['Content-Type']):
            SPANS.setdefault(s['trace_id'], set()).add(s['span_id'])

    def log_message(self, *args):
        pass


def main():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Backend)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == '__main__':
    main()
