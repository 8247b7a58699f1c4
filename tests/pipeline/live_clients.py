#!/usr/bin/env python3
"""When the spans of each client appear in a running aitrace-enrich.

usage: live_clients.py NAME RECORDS [NAME RECORDS...]   (the spans and logs of
a whole run, in order of arrival)

With AITRACE_TIMED set, a finished call must be out 2 s after its last record;
else only what waits for what is checked, with generous times.
"""
import json
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'truth'))
sys.path.insert(0, here)
import tap                          # noqa: E402
from live import Enrich, ids, offline   # noqa: E402

TIMED = 'AITRACE_TIMED' in os.environ
LIMIT = 30


def of_type(spans, kind):
    return [s for s in spans
            if s['attributes'].get('langfuse.observation.type') == kind]


def roots(spans):
    return [s for s in spans if 'parent_span_id' not in s]


def calls_of_turn(spans):
    """But for titles, which are whole traces of their own."""
    return [s for s in of_type(spans, 'generation')
            if 'aitrace.purpose' not in s['attributes']]


def calls(spans):
    return [(s['span_id'], s['attributes'].get('gen_ai.usage.output_tokens'))
            for s in of_type(spans, 'generation')]


def wait(e, done):
    """Seconds until done(spans), or None."""
    start = time.monotonic()
    while time.monotonic() < start + LIMIT:
        if done(e.spans()):
            return time.monotonic() - start
        time.sleep(0.02)
    return None


def whole_run(t, name, lines):
    want = offline(lines)
    count, all_roots = len(calls(want)), roots(want)
    t.ok(count and all_roots, name + ': has calls and a root')

    # No client ends its turn by falling silent here.
    e = Enrich('--idle=1h')
    e.send(lines)
    took = wait(e, lambda s: len(calls(s)) == count)
    t.ok(took is not None and (not TIMED or took <= 2),
         name + ': finished calls come at once', 'after %s s' % took)
    if took is not None:
        print('# %s: calls %.1f s after their last record' % (name, took))
    e.stop()
    t.equal(ids(e.spans()), ids(want), name + ': SIGTERM brings the rest')

    # A turn that is not at its end is waited for ten times as long.
    e = Enrich('--settle=200ms', '--linger=300ms', '--idle=300ms')
    e.send(lines)
    took = wait(e, lambda s: len(roots(s)) == len(all_roots))
    t.ok(took is not None, name + ': the root comes in silence')
    if took is not None:
        print('# %s: root %.1f s after its last record, idle time 0.3 s' % (
            name, took))
    t.equal(e.close(), 0, name + ': ends well')
    t.equal(ids(e.spans()), ids(want), name + ': as offline, nothing twice')


def killed(t, name, lines):
    """The client is at work when we are told to stop."""
    low, high = 0, len(lines)
    while low < high:       # the first record that makes a call of the turn
        mid = (low + high) // 2
        if calls_of_turn(offline(lines[:mid])):
            high = mid
        else:
            low = mid + 1
    part = lines[:low]

    # Asked for tools, or between two calls: silence is no end.
    e = Enrich('--idle=500ms', '--settle=100ms')
    e.send(part)
    time.sleep(1.5)
    cut = {s['trace_id'] for s in calls_of_turn(offline(part))}
    t.equal([s['name'] for s in roots(e.spans()) if s['trace_id'] in cut],
            [], name + ': a turn at work is not at its end')
    e.send(lines[low:])
    t.equal(e.close(), 0, name + ': and go on')
    t.equal(sorted(calls(e.spans())), sorted(calls(offline(lines))),
            name + ': with every call once')

    e = Enrich('--idle=1h', '--settle=200ms')
    e.send(part + [b'{"record":"mark"}\n'])
    wait(e, lambda s: any(r['record'] == 'mark' for r in e.records))
    t.equal(e.stop(), 0, name + ': SIGTERM in the middle')
    spans = e.spans()
    have = {s['span_id'] for s in spans}
    t.equal([s['name'] for s in spans if s.get('parent_span_id') and
             s['parent_span_id'] not in have], [],
            name + ': every parent is there')
    cut = {s['trace_id'] for s in calls_of_turn(spans)}
    t.equal([s['attributes'].get('aitrace.incomplete') for s in roots(spans)
             if s['trace_id'] in cut], [True],
            name + ': what was cut off says so')


def main():
    t = tap.Tap()
    for name, path in zip(sys.argv[1::2], sys.argv[2::2]):
        with open(path, 'rb') as f:
            lines = [x for x in f if not x.startswith(b'{"record":"metric"')]
        whole_run(t, name, lines)
        killed(t, name, lines)
    t.done()


if __name__ == '__main__':
    main()
