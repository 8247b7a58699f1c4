#!/usr/bin/env python3
"""A run gives the same bytes however its telemetry was encoded.

usage: encodings.py CAPTURES

Each recorded run is encoded anew, without our code, as OTLP/JSON, as OTLP
protobuf, and as protobuf in gRPC frames; the first two are read from files,
all three are sent to a server. The records and what aitrace-enrich makes of
them must be the same bytes.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, '..', 'truth'), here]
import otlp_message as otlp     # noqa: E402
import otlp_write               # noqa: E402
from tap import Tap             # noqa: E402

SERVICE = {'traces': 'trace', 'logs': 'logs', 'metrics': 'metrics'}


def run(command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def messages(directory):
    """(signal, message) of each request of a recorded run."""
    for path in sorted(glob.glob(directory + '/[0-9][0-9][0-9]-*')):
        signal = re.search(r'-(traces|logs|metrics)\.(pb|json)$', path)
        if signal and '.headers.' not in path and '.decoded.' not in path:
            with open(path, 'rb') as f:
                yield signal.group(1), otlp.read(f.read(), signal.group(2),
                                                 signal.group(1))


def served(requests, send):
    """What a server writes that was sent the requests one after another."""
    r, w = os.pipe()
    p = subprocess.Popen(['aitrace-recv', '--listen', '127.0.0.1:0', '--grpc',
                          '127.0.0.1:0', '--ready-fd', str(w)], pass_fds=[w],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    os.close(w)
    with os.fdopen(r) as ready:
        http = ready.readline().strip()
        grpc = ready.readline().split()[1]
    try:
        # The reader must keep up: the answers wait for it.
        with tempfile.TemporaryFile() as out:
            reader = subprocess.Popen(['cat'], stdin=p.stdout, stdout=out)
            p.stdout.close()
            for signal, path in requests:
                send(http, grpc, signal, path)
            p.terminate()
            p.wait()
            reader.wait()
            out.seek(0)
            return out.read()
    finally:
        p.kill()


def post(kind):
    def send(http, _, signal, path):
        answer = run(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}',
                      '-H', 'Content-Type: ' + kind, '--data-binary',
                      '@' + path, 'http://%s/v1/%s' % (http, signal)])
        assert answer == b'200', answer
    return send


def call(_, grpc, signal, path):
    service = ('opentelemetry.proto.collector.%s.v1.%sService/Export' % (
        SERVICE[signal], SERVICE[signal].capitalize()))
    answer = run(['curl', '-s', '--http2-prior-knowledge', '-D', '-', '-o',
                  '/dev/null', '-H', 'Content-Type: application/grpc', '-H',
                  'TE: trailers', '--data-binary', '@' + path,
                  'http://%s/%s' % (grpc, service)])
    assert b'grpc-status: 0' in answer, answer


def check(t, name, directory):
    with tempfile.TemporaryDirectory() as d:
        files = {'json': [], 'pb': [], 'grpc': []}
        signals = []
        for i, (signal, m) in enumerate(messages(directory)):
            signals.append(signal)
            for form, some in files.items():
                data = otlp_write.write(m, 'json' if form == 'json' else 'pb',
                                        signal)
                if form == 'grpc':
                    data = b'\0' + len(data).to_bytes(4, 'big') + data
                some.append('%s/%03d-%s.%s' % (d, i, signal, form))
                with open(some[-1], 'wb') as f:
                    f.write(data)
        raw = {form: run(['aitrace-recv'] + files[form])
               for form in ('json', 'pb')}
        raw['sent as JSON'] = served(zip(signals, files['json']),
                                     post('application/json'))
        raw['sent as protobuf'] = served(zip(signals, files['pb']),
                                         post('application/x-protobuf'))
        raw['sent over gRPC'] = served(zip(signals, files['grpc']), call)
    want = raw.pop('json')
    made = run(['aitrace-enrich', '-q'], want)
    t.ok(len(want.splitlines()) > 1 and len(made) > 0, '%s: %d records' % (
        name, len(want.splitlines())))
    for form, got in raw.items():
        t.ok(got == want, '%s: %s, the same records' % (name, form))
        t.ok(run(['aitrace-enrich', '-q'], got) == made,
             '%s: %s, the same spans' % (name, form))


def main():
    t = Tap()
    for client in ('claude-code', 'codex', 'gemini-cli', 'opencode'):
        for d in sorted(glob.glob(os.path.join(sys.argv[1], client, '*'))):
            check(t, '%s/%s' % (client, os.path.basename(d)), d)
    t.done()


if __name__ == '__main__':
    main()
