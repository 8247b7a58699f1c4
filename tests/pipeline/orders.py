#!/usr/bin/env python3
"""The order in which requests come changes nothing, nor how they are cut.

usage: orders.py CAPTURES ORDERS

Each run of each client goes through aitrace-enrich in so many random orders of
its requests. Of every sixty orders, about a third have a request cut in two
parts that come apart, a quarter have requests twice, and a fifth have all
records mixed. The spans must be the same bytes each time.
"""
import glob
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
import tap  # noqa: E402

CLIENTS = ('claude-code', 'codex', 'gemini-cli', 'opencode')


def run(command, data=b''):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def spans(records):
    out = run(['aitrace-enrich', '-q'], b''.join(records))
    return sorted(x for x in out.splitlines()
                  if b'"record":"span"' in x and b'"aitrace.agent":' in x)


def shuffled(parts, seed):
    r = random.Random(seed)
    parts = list(parts)
    if seed % 3 == 0:
        at = r.randrange(len(parts))
        cut = r.randrange(len(parts[at]) + 1)
        parts[at:at + 1] = [parts[at][:cut], parts[at][cut:]]
    if seed % 4 == 0:
        parts += r.sample(parts, max(1, len(parts) // 3))
    r.shuffle(parts)
    lines = [x for p in parts for x in p]
    if seed % 5 == 0:
        r.shuffle(lines)
    return lines


def main():
    t = tap.Tap()
    orders = int(sys.argv[2])
    for client in CLIENTS:
        for d in sorted(glob.glob(os.path.join(sys.argv[1], client, '*'))):
            parts = [run(['aitrace-recv', f]).splitlines(keepends=True)
                     for f in sorted(glob.glob(d + '/[0-9][0-9][0-9]-*'))
                     if '.headers.' not in f and '.decoded.' not in f]
            want = spans(x for p in parts for x in p)
            bad = [i for i in range(1, orders + 1)
                   if spans(shuffled(parts, i)) != want]
            t.ok(want and not bad, '%s/%s: %d orders give the same %d spans' % (
                client, os.path.basename(d), orders, len(want)),
                'seeds: %s' % bad[:20])
    t.done()


if __name__ == '__main__':
    main()
