#!/usr/bin/env python3
"""Requests that come with pauses between them, as from a running client: the
same spans as from a replay, each once, with the same usage.

usage: codex_paused.py RECORDS..., one file a request, with aitrace-enrich on
PATH
"""
import json
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from stream import Span     # noqa: E402
from tap import Tap         # noqa: E402

PAUSE = 0.3     # longer than --settle, shorter than --linger


def facts(out):
    """(id, parent, type, usage) of every span, sorted."""
    spans = [Span(json.loads(line)) for line in out.decode().splitlines()
             if '"aitrace.agent":' in line and '"record":"span"' in line]
    return sorted((s.trace_id, s.id, str(s.parent), s.type, s.level,
                   json.dumps(s.usage)) for s in spans)


def main():
    tap = Tap()
    parts = []
    for path in sys.argv[1:]:
        with open(path, 'rb') as f:
            parts.append(f.read())
    want = facts(subprocess.run(['aitrace-enrich'], input=b''.join(parts),
                                stdout=subprocess.PIPE, check=True).stdout)
    p = subprocess.Popen(['aitrace-enrich', '--settle', '100ms', '--linger',
                          '20s'], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    out = []
    reader = threading.Thread(target=lambda: out.append(p.stdout.read()))
    reader.start()
    for part in parts:
        p.stdin.write(part)
        p.stdin.flush()
        time.sleep(PAUSE)
    p.stdin.close()
    reader.join()
    tap.equal(p.wait(), 0, 'it ends well')
    tap.equal(facts(out[0]), want, 'the same spans, each once')
    tap.done()


if __name__ == '__main__':
    main()
