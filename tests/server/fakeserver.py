#!/usr/bin/env python3
"""A Langfuse (or any OTLP/HTTP) server for tests, which does what a script
says. It checks what a real one checks and remembers everything it got.

As a module: Server(script, ...) runs in threads. As a program:

  fakeserver.py --ready FILE --log FILE [--script JSON] [--auth VALUE]
                [--cert FILE --key FILE]

writes HOST:PORT to the ready file when it listens, and one JSON line a request
to the log.

A script is a list of rules. Each POST takes the first rule that fits:
  {"status": 429, "headers": {"Retry-After": "1"}, "body": "...",
   "times": 2,                  used up after so many (default 1; 0: never)
   "name": "BAD",               only if a span of this name is in it
   "over": 5,                   only if more than 5 spans are in it
   "do": "reset"|"hang"|"half"|"lost"|"early"}
    reset  the connection breaks before an answer
    hang   no answer
    half   a part of an answer, then the end
    lost   accepted, but the connection breaks before the answer
    early  answers before the body was read
Without a fitting rule: 200, what Langfuse answers.
"""
import argparse
import base64
import gzip
import hashlib
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import otlpread     # noqa: E402

TRACES = "/api/public/otel/v1/traces"
SCORES = "/api/public/scores"
READ = "/api/public/v2/observations"
READ_V3 = "/api/public/observations"


def langfuse_400(spans):
    """Why Langfuse would refuse the whole request, or None."""
    for s in spans:
        for key in ("trace_id", "span_id"):
            if not isinstance(s[key], str) or not s[key]:
                return key + ":absent"
    return None


def killers(spans):
    """Spans that make Langfuse lose the request after it answered 200."""
    return [s["span_id"] for s in spans
            if any(v is otlpread.MISSING for v in s["attributes"].values())]


def score_400(s, headers):
    """Why the API of scores would refuse it, or None."""
    of = [k for k in ("traceId", "sessionId", "datasetRunId") if k in s]
    if headers.get("content-type") != "application/json" or \
            "content-encoding" in headers:
        return "type"
    if not isinstance(s.get("name"), str) or not s["name"]:
        return "name"
    if type(s.get("value")) not in (int, float, str):
        return "value"
    if len(of) != 1 or ("observationId" in s and of != ["traceId"]):
        return "exactly one of traceId, sessionId, datasetRunId"
    if s.get("source", "API") not in ("API", "ANNOTATION"):
        return "source"
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", headers=None, cut=None):
        if isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        for k, v in (headers or {}).items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        self.wfile.flush()

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass
        self.connection.close()

    def do_GET(self):
        srv = self.server.fake
        note = {"method": "GET", "path": self.path,
                "headers": {k.lower(): v for k, v in self.headers.items()}}
        where = self.path.split("?")[0]
        if where == READ_V3 or (where == READ and not srv.old):
            rule = srv.take(None)
            if rule:
                status, body = rule.get("status", 200), rule.get("body", "")
            elif srv.auth and self.headers.get("Authorization") != srv.auth:
                status, body = 401, '{"message":"Invalid credentials"}'
            else:
                status, body = 200, srv.read(self.path)
        elif self.path != "/api/public/projects":
            status, body = 404, '{"message":"not found"}'
        else:
            rule = srv.take(None)
            if rule:
                status, body = rule.get("status", 200), rule.get("body", "")
            elif srv.auth and self.headers.get("Authorization") != srv.auth:
                status, body = 401, '{"message":"Invalid credentials"}'
            else:
                status = 200
                body = '{"data":[{"id":"prj-1","name":"My \\u001bproject"}]}'
        note["status"] = status
        srv.remember(note)
        self.answer(status, body, {"Content-Type": "application/json"})

    def read_body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            out = b""
            while True:
                n = int(self.rfile.readline().split(b";")[0], 16)
                out += self.rfile.read(n)
                self.rfile.readline()
                if n == 0:
                    return out
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_POST(self):
        srv = self.server.fake
        if srv.peek("early"):
            rule = srv.take_doing("early")
            self.answer(rule.get("status", 413), rule.get("body", ""),
                        {"Connection": "close"})
            self.close_connection = True
            return
        body = self.read_body()
        note = {"method": "POST", "path": self.path, "at": time.monotonic(),
                "headers": {k.lower(): v for k, v in self.headers.items()},
                "wire": len(body), "peer": self.client_address[1],
                "sha256": hashlib.sha256(body).hexdigest(),
                "sum": hash(body)}
        status, text, spans = self.judge(body, note, srv)
        rule = srv.take(spans) if status == 200 else None
        note["rule"] = rule
        if rule is None:
            note["accepted"] = status == 200
            note["status"] = status
            srv.remember(note, spans)
            self.answer(status, text, {"Content-Type": "application/json"})
            return
        what = rule.get("do")
        note["status"] = rule.get("status", 0 if what else 200)
        note["accepted"] = what == "lost" or (not what and
                                              note["status"] == 200)
        srv.remember(note, spans)
        if what in ("reset", "lost"):
            self.reset()
        elif what == "hang":
            srv.stop.wait(60)
            self.reset()
        elif what == "half":
            self.answer(200, "x" * 100, cut=10)
            self.close_connection = True
        else:
            self.answer(note["status"], rule.get("body", ""),
                        rule.get("headers"))

    def judge(self, body, note, srv):
        """(status, body, spans) by the rules of the real server."""
        h = note["headers"]
        try:
            if srv.auth and h.get("authorization") != srv.auth:
                return 401, '{"message":"Invalid credentials"}', []
            if self.path not in srv.paths:
                return 404, '<html>not here</html>', []
            if "gzip" in h.get("content-encoding", ""):
                body = gzip.decompress(body)
            ctype = h.get("content-type", "")
            if not re.search("application/(json|x-protobuf)", ctype):
                return 400, '{"error":"Invalid content type"}', []
            note["bytes"] = len(body)
            note["body"] = base64.b64encode(body).decode() \
                if srv.keep_bodies else ""
            if self.path == SCORES:
                note["score"] = json.loads(body)
                why = score_400(note["score"], h)
                return (400, json.dumps({"error": why}), []) if why else \
                    (200, json.dumps({"id": note["score"]["id"]}), [])
            if self.path.endswith("/traces"):
                spans = otlpread.traces(body, ctype)
            else:
                note["count"] = otlpread.count(
                    body, ctype, self.path.rsplit("/", 1)[1])
                spans = []
        except Exception as e:      # whatever is wrong with it
            return 400, json.dumps({"error": "parse: %r" % e}), []
        why = langfuse_400(spans)
        if why:
            return 400, json.dumps({"error": why}), spans
        note["killers"] = killers(spans)
        return 200, '{"message":"OK"}', spans


class Server:
    def __init__(self, script=(), auth=None, paths=(TRACES, SCORES), cert=None,
                 key=None, log=None, keep_bodies=False, host="127.0.0.1",
                 clients=None):
        self.script = [dict(r) for r in script]
        self.auth, self.paths = auth, set(paths)
        self.log, self.keep_bodies = log, keep_bodies
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.requests, self.spans = [], []      # spans: accepted ones
        self.scores = {}                        # by id: the last
        self.hidden = {}        # span id: reads that do not show it yet
        self.old = False        # a server without READ
        self.http = ThreadingHTTPServer((host, 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *a: None
        self.http.fake = self
        scheme = "http"
        if cert:
            ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            ctx.load_cert_chain(cert, key)
            if clients:     # who signs certificates that clients must have
                ctx.load_verify_locations(clients)
                ctx.verify_mode = ssl.CERT_REQUIRED
            self.http.socket = ctx.wrap_socket(self.http.socket,
                                               server_side=True)
            scheme = "https"
        self.address = "%s:%d" % (host, self.http.server_address[1])
        self.url = "%s://%s" % (scheme, self.address)
        threading.Thread(target=self.http.serve_forever,
                         kwargs={"poll_interval": 0.05}, daemon=True).start()

    def read(self, path):
        """A page of observations, newest API or the one before it."""
        where, _, query = path.partition("?")
        q = {k: v[0] for k, v in urllib.parse.parse_qs(query).items()}
        with self.lock:
            ids = sorted({s["span_id"] for s in self.spans
                          if s["trace_id"] == q.get("traceId")})
            shown = [i for i in ids if self.hidden.get(i, 0) == 0]
            for i in ids:
                if self.hidden.get(i, 0) > 0:
                    self.hidden[i] -= 1
        size = int(q.get("limit", 50))
        if where == READ:
            at = int(q.get("cursor", 0))
            meta = {"cursor": str(at + size)} if at + size < len(shown) else {}
        else:
            at = (int(q.get("page", 1)) - 1) * size
            meta = {"page": at // size + 1, "limit": size,
                    "totalItems": len(shown),
                    "totalPages": -(-len(shown) // size)}
        return json.dumps({"data": [
            {"id": i, "traceId": q.get("traceId"), "type": "SPAN"}
            for i in shown[at:at + size]], "meta": meta})

    def fits(self, rule, spans):
        if rule.get("do") == "early":
            return False
        if "name" in rule and (spans is None or rule["name"] not in
                               [s["name"] for s in spans]):
            return False
        return "over" not in rule or len(spans or ()) > rule["over"]

    def use(self, rule):
        left = rule.get("times", 1)
        if left == 1:
            self.script.remove(rule)
        elif left > 1:
            rule["times"] = left - 1
        return dict(rule)

    def take(self, spans):
        with self.lock:
            for rule in self.script:
                if self.fits(rule, spans):
                    return self.use(rule)
        return None

    def peek(self, what):
        with self.lock:
            return any(r.get("do") == what for r in self.script)

    def take_doing(self, what):
        with self.lock:
            return self.use([r for r in self.script
                             if r.get("do") == what][0])

    def remember(self, note, spans=()):
        with self.lock:
            note["spans"] = [[s["trace_id"], s["span_id"], s["start"]]
                             for s in spans]
            self.requests.append(note)
            if note.get("accepted"):
                self.spans += spans
                if "score" in note:
                    self.scores[note["score"]["id"]] = note["score"]
            if self.log:
                self.log.write(json.dumps(note) + "\n")
                self.log.flush()

    def posts(self):
        with self.lock:
            return [r for r in self.requests if r["method"] == "POST"]

    def close(self):
        self.stop.set()
        self.http.shutdown()
        self.http.server_close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--ready", required=True)
    p.add_argument("--log", required=True)
    p.add_argument("--script", default="[]")
    p.add_argument("--auth")
    p.add_argument("--path", action="append")
    p.add_argument("--cert")
    p.add_argument("--key")
    a = p.parse_args()
    with open(a.log, "a") as log:
        s = Server(json.loads(a.script), a.auth, a.path or [TRACES], a.cert,
                   a.key, log)
        with open(a.ready + ".new", "w") as f:
            f.write(s.address + "\n")
        os.rename(a.ready + ".new", a.ready)
        threading.Event().wait()


if __name__ == "__main__":
    main()
