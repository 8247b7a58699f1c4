#!/usr/bin/env python3
"""What a killed receiver or a lost request leaves: still trees, nothing twice.

usage: lost.py CAPTURES LIMIT   (at most LIMIT single records of each are left
out, spread over the run; 0: each in turn)

From every run, first each of its requests and then single records are left
out. What is made of the rest may know less. It must not have two roots in a
trace, a parent that is not there, or more calls, tokens and cost than the
whole run.
"""
import collections
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
import tap  # noqa: E402

CLIENTS = ('claude-code', 'codex', 'gemini-cli', 'opencode')


def run(command, data=b''):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit('%s: exit status %d: %s' % (
            command[0], done.returncode, done.stderr.decode()[:300]))
    return done.stdout


def requests(directory):
    return sorted(f for f in glob.glob(directory + '/[0-9][0-9][0-9]-*')
                  if '.headers.' not in f and '.decoded.' not in f)


def sums(spans):
    """Generations that are no failures, and each kind of their tokens."""
    total = collections.Counter()
    for s in spans:
        a = s['attributes']
        if a.get('langfuse.observation.type') != 'generation':
            continue
        if a.get('langfuse.observation.level') != 'ERROR':
            total['calls'] += 1
        for k, v in a.items():
            if k.startswith('gen_ai.usage.'):
                total[k] += v
    return total


def look(lines, whole):
    """What is wrong with the trees made of these records; None if nothing."""
    out = run(['aitrace-enrich', '-q'], b''.join(lines))
    spans = [r for r in map(json.loads, out.splitlines())
             if r['record'] == 'span']
    ids = collections.Counter(s['span_id'] for s in spans)
    roots = collections.Counter(s['trace_id'] for s in spans
                                if 'parent_span_id' not in s)
    twice = [k for k, n in ids.items() if n > 1]
    if twice:
        return 'span %s stands twice' % twice[0]
    for s in spans:
        if s['attributes'].get('langfuse.observation.type') is None:
            continue
        if roots[s['trace_id']] != 1:
            return 'trace %s has %d roots' % (s['trace_id'],
                                              roots[s['trace_id']])
        if 'parent_span_id' in s and s['parent_span_id'] not in ids:
            return 'span %s has no parent' % s['span_id']
    for k, n in sums(spans).items():
        if n > whole[k]:
            return '%s: %s of %s' % (k, n, whole[k])
    return None


def check(t, name, directory, limit):
    parts = [run(['aitrace-recv', r]).splitlines(keepends=True)
             for r in requests(directory)]
    lines = [x for p in parts for x in p]
    whole = sums(r for r in map(json.loads, run(
        ['aitrace-enrich', '-q'], b''.join(lines)).splitlines())
        if r['record'] == 'span')
    bad = []
    for i in range(len(parts)):
        for kind, some in (('without', parts[:i] + parts[i + 1:]),
                           ('up to', parts[:i + 1])):
            why = look([x for p in some for x in p], whole)
            if why:
                bad.append('%s request %d: %s' % (kind, i + 1, why))
    t.ok(not bad, '%s: each of %d requests lost' % (name, len(parts)),
         '\n'.join(bad))
    told = [i for i, x in enumerate(lines) if b'"record":"metric"' not in x]
    step = max(1, -(-len(told) // limit)) if limit else 1
    bad = []
    for i in told[::step]:
        why = look(lines[:i] + lines[i + 1:], whole)
        if why:
            r = json.loads(lines[i])
            bad.append('without %s %s: %s' % (
                r['record'], r.get('name') or r.get('event_name') or
                r['attributes'].get('event.name'), why))
    t.ok(not bad, '%s: each of %d records lost' % (name, len(told[::step])),
         '\n'.join(bad))


def main():
    t = tap.Tap()
    for client in CLIENTS:
        for d in sorted(glob.glob(os.path.join(sys.argv[1], client, '*'))):
            if os.path.exists(d + '/expected.json'):
                check(t, '%s/%s' % (client, os.path.basename(d)), d,
                      int(sys.argv[2]))
    t.done()


if __name__ == '__main__':
    main()
