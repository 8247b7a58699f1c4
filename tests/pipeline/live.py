#!/usr/bin/env python3
"""Plays records into a running aitrace-enrich and watches when spans come.

usage: live.py BOTH LOGS TWO   (records of a run with spans and logs, of one
with logs alone, of one with two prompts)

Times are generous: what is checked is order and what waits for what.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
import tap  # noqa: E402


class Enrich:
    def __init__(self, *options):
        self.p = subprocess.Popen(['aitrace-enrich', *options],
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.records, self.lock = [], threading.Lock()
        self.t = threading.Thread(target=self.read)
        self.t.start()

    def read(self):
        for line in self.p.stdout:
            with self.lock:
                self.records.append(json.loads(line))

    def send(self, lines):
        self.p.stdin.write(b''.join(lines))
        self.p.stdin.flush()

    def spans(self):
        with self.lock:
            return [r for r in self.records if r['record'] == 'span']

    def wait(self, count, limit):
        end = time.monotonic() + limit
        while time.monotonic() < end and len(self.spans()) < count:
            time.sleep(0.02)
        return len(self.spans())

    def close(self):
        self.p.stdin.close()
        self.t.join()
        return self.p.wait()

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        self.t.join()
        return self.p.wait()


def kinds(spans):
    return sorted(s['attributes'].get('langfuse.observation.type', '-')
                  for s in spans)


def ids(spans):
    return sorted((s['trace_id'], s['span_id'], s.get('parent_span_id', ''))
                  for s in spans)


def of(lines, kind):
    return [x for x in lines if json.loads(x)['record'] == kind]


def offline(lines):
    out = subprocess.run(['aitrace-enrich'], input=b''.join(lines),
                         stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(x) for x in out.splitlines()
            if b'"record":"span"' in x]


def main():
    both, logs, two = [open(a, 'rb').read().splitlines(True)
                       for a in sys.argv[1:4]]
    t = tap.Tap()
    whole = offline(both)

    e = Enrich('--settle=300ms', '--linger=60s', '--idle=60s')
    e.send(of(both, 'log'))
    time.sleep(1.2)
    t.equal(len(e.spans()), 0, 'logs that promise spans wait for them')
    e.send(of(both, 'span'))
    t.equal(e.wait(5, 5), 5, 'when the spans have come the tree is written')
    t.equal(ids(e.spans()), ids(whole), 'the same spans as offline')
    t.equal(e.close(), 0, 'and nothing is left for the end')
    t.equal(len(e.spans()), 5, 'no span twice')

    e = Enrich('--settle=200ms', '--linger=500ms', '--idle=60s')
    e.send(of(both, 'log'))
    t.equal(e.wait(4, 5), 4, 'when spans do not come the calls are made '
            'from logs')
    t.equal(kinds(e.spans()), ['generation', 'generation', 'tool', 'tool'],
            'but not yet the root')
    made = ids(e.spans())
    e.send(of(both, 'span'))
    t.equal(e.wait(5, 5), 5, 'late spans bring the root alone')
    time.sleep(0.5)
    t.equal([x for x in ids(e.spans()) if x in made], made,
            'what was written stays')
    spans = e.spans()
    have = {s['span_id'] for s in spans}
    t.equal([s['name'] for s in spans if s.get('parent_span_id') and
             s['parent_span_id'] not in have], [], 'every parent is there')
    t.equal(e.close(), 0, 'exit')
    t.equal(len(e.spans()), 5, 'and late twins are not written again')

    e = Enrich('--settle=200ms', '--linger=60s', '--idle=60s')
    e.send(of(both, 'span'))
    time.sleep(1)
    t.equal(len(e.spans()), 0, 'spans of a new session wait for logs')
    e.send(of(both, 'log'))
    t.equal(e.wait(5, 5), 5, 'which bring the rest')
    t.equal(e.close(), 0, 'exit')
    t.equal(sorted(map(str, e.spans())), sorted(map(str, whole)),
            'and nothing is missing')

    e = Enrich('--settle=200ms', '--linger=1s', '--idle=60s')
    e.send(of(both, 'span'))
    t.equal(e.wait(5, 5), 5, 'spans alone are written after the linger')
    e.close()

    e = Enrich('--settle=200ms', '--idle=1500ms')
    start = time.monotonic()
    e.send(logs)
    t.equal(e.wait(4, 2), 4, 'logs alone: calls and tools within 2 s of '
            'their last record')
    t.equal(e.wait(5, 5), 5, 'the root when the turn has fallen silent')
    t.ok(time.monotonic() - start >= 1.5, 'not before')
    root = [s for s in e.spans() if 'parent_span_id' not in s]
    t.equal(len(root), 1, 'one root')
    t.ok('aitrace.incomplete' not in root[0]['attributes'],
         'which is not called incomplete')
    e.close()

    e = Enrich('--settle=200ms', '--idle=60s', '--linger=300ms')
    e.send(of(two, 'log'))
    t.equal(e.wait(8, 5), 8, 'a prompt ends the turn before it, a command '
            'the last')
    t.equal(e.stop(), 0, 'SIGTERM')
    t.equal(kinds(e.spans()).count('chain'), 2, 'closes the last turn, too')

    # A tool that ends while its call still streams waits for the call.
    end = [i for i, x in enumerate(logs) if b'api_request"' in x][0]
    older = [x.replace(b'"request_id":', b'"request_gone":')
             if b'"tool_' in x else x for x in logs]
    for name, lines in (('by its request id', logs), ('by its time', older)):
        first = [x for x in lines[:end]] + [
            x for x in lines[end:] if b'tool_result' in x]
        rest = [x for x in lines[end:] if b'tool_result' not in x]
        e = Enrich('--settle=100ms', '--idle=60s', '--linger=60s')
        e.send(first)
        time.sleep(0.8)
        t.equal(len(e.spans()), 0, 'tools that ended wait for their call, '
                'found ' + name)
        e.send(rest)
        t.equal(e.wait(4, 5), 4, 'and follow it')
        e.stop()
        t.equal(ids(e.spans()), ids(offline(lines)), 'below it')

    cut = [x for x in of(logs, 'log') if b'"tool_result"' not in x]
    cut = cut[:-2]
    e = Enrich('--settle=100ms', '--idle=60s')
    e.send(cut)
    t.equal(e.wait(1, 5), 1, 'a call whose tools still run is shown')
    time.sleep(0.5)
    t.equal(kinds(e.spans()), ['generation'], 'the tools are not')
    t.equal(e.stop(), 0, 'SIGTERM in the middle of it')
    tools = [s for s in e.spans() if s['attributes'].get(
        'langfuse.observation.type') == 'tool']
    t.equal([s['attributes'].get('langfuse.observation.level')
             for s in tools], ['ERROR', 'ERROR'],
            'tools that never answered are errors')
    root = [s for s in e.spans() if 'parent_span_id' not in s]
    t.equal([s['attributes'].get('aitrace.incomplete') for s in root],
            [True], 'and the root is incomplete')
    t.done()


if __name__ == '__main__':
    main()
