#!/usr/bin/env python3
"""Did every metric, log and foreign span come through?

usage: nothing_lost.py BEFORE AFTER

Metrics must be the same bytes. Logs may gain what joins them to a span and
nothing else. Of spans that no agent claimed (no aitrace.agent after) none may
vanish unless its trace was rebuilt.
"""
import json
import sys
from collections import Counter

from stream import load, enriched, spans
from tap import Tap


def lines(path, kind):
    with open(path, encoding='utf-8', newline='\n') as f:
        return Counter(line for line in f.read().split('\n')
                       if line and json.loads(line).get('record') == kind)


def bare(log):
    """A log without what enrichment may add."""
    out = {k: v for k, v in log.items()
           if k not in ('trace_id', 'span_id', 'flags')}
    out['attributes'] = {k: v for k, v in log.get('attributes', {}).items()
                         if k != 'aitrace.used'}
    return json.dumps(out, sort_keys=True, default=str)


def main():
    before, after = sys.argv[1:3]
    tap = Tap()
    a, b = load(before), load(after)
    tap.ok(a, 'there are records')
    lost = lines(before, 'metric') - lines(after, 'metric')
    more = lines(after, 'metric') - lines(before, 'metric')
    tap.ok(not lost and not more, 'metrics are the same bytes',
           '\n'.join(list(lost)[:3] + list(more)[:3]))
    logs = [Counter(bare(r) for r in x if r.get('record') == 'log')
            for x in (a, b)]
    lost, more = logs[0] - logs[1], logs[1] - logs[0]
    tap.ok(not lost and not more, 'no log is lost, changed or doubled',
           '\n'.join(['lost ' + x for x in list(lost)[:3]] +
                     ['new  ' + x for x in list(more)[:3]]))
    moved = [r for r in b if r.get('record') == 'log' and
             'aitrace.used' in r.get('attributes', {}) and
             not ('trace_id' in r and 'span_id' in r)]
    tap.ok(not moved, 'a used log names its span', moved[:3])
    there = {(s.trace_id, s.id) for s in spans(b)}
    rebuilt = {s.trace_id for s in enriched(b)}
    gone = [s for s in spans(a)
            if (s.trace_id, s.id) not in there and s.trace_id not in rebuilt]
    tap.ok(not gone, 'no foreign span is lost', gone[:3])
    tap.done()


if __name__ == '__main__':
    main()
