#!/usr/bin/env python3
"""The memory of aitrace-report is that of its groups: with thirty times the
records it is the same; what tells repeated spans takes what was asked for.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from tap import Tap     # noqa: E402

LINE = ('{"record":"span","trace_id":"%032x","span_id":"%016x",'
        '"parent_span_id":"00000000000000aa",'
        '"start_time":"2026-11-%02dT08:00:00Z",'
        '"end_time":"2026-11-%02dT08:00:%02d.%06dZ","attributes":{'
        '"langfuse.observation.type":"generation","session.id":"s%d",'
        '"gen_ai.usage.cost":0.25,"aitrace.cost.source":"book"}}\n')


def peak(spans, *options):
    """KiB after so many spans, and the calls that were counted."""
    p = subprocess.Popen(
        ['aitrace-report', '--by', 'day,session', '--format=csv',
         '--columns=calls'] + list(options), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    for i in range(1, spans + 1):
        day = 1 + i % 20
        p.stdin.write((LINE % (i, i, day, day, i % 60, i % 10**6,
                               i % 50)).encode())
    p.stdin.flush()
    with open('/proc/%d/status' % p.pid, encoding='ascii') as f:
        kib = next(int(x.split()[1]) for x in f if x.startswith('VmHWM'))
    out = p.communicate()[0].decode().split('\n')
    return kib, sum(int(x.split(',')[2]) for x in out[1:] if x), len(out) - 2


def main():
    tap = Tap()
    peak(10)
    few, counted, groups = peak(2000, '--remember=0')
    tap.equal((counted, groups), (2000, 100), 'all of few are counted')
    many, counted, groups = peak(60000, '--remember=0')
    tap.equal((counted, groups), (60000, 100), 'all of many are counted')
    # Buckets of percentiles fill up; wrappers have a life of their own.
    tap.ok(many < few + 1024 + few // 4, 'many take no more than few',
           '%d KiB and %d KiB' % (few, many))
    known, counted, _ = peak(60000, '--remember=4096')
    tap.ok(known < many + 1024 + few // 4 and counted == 60000,
           'a small memory for repeats stays small',
           '%d KiB and %d KiB' % (many, known))
    tap.done()


if __name__ == '__main__':
    main()
