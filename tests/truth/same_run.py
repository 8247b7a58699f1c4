#!/usr/bin/env python3
"""Prints the finished spans of a run without what the client makes anew in
every run, so that two runs of one scenario print the same bytes.

usage: same_run.py [--raw-bodies] FILE

  ids       each UUID, hash, trace and span id, and each id of a call with a
            time in it, is the number of its first appearance
  times     all, and every attribute that is a duration
  process   its number, the number of a command's output
  order     of resource attributes, which Codex keeps in a hash table
  --raw-bodies  and of what only raw API bodies tell: content and response ids

Everything else stays: names, parents, kinds, status, tokens, cost, content.
"""
import json
import re
import sys

ID = re.compile(
    r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|'
    r'[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}|(?<=_)1[0-9]{12}_[0-9]+')
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z|\b1\d{12}\b')
ONCE = re.compile(r'(Chunk ID: |PGID: |durationMs[^0-9]{1,5})[0-9a-f]+')
LENGTH = re.compile(r'duration_ms$|ttft_ms$|first_content_ms$')
BODIES = ('langfuse.observation.input', 'langfuse.observation.output',
          'gen_ai.response.id')


def plain(text, seen):
    text = ID.sub(lambda m: '#%d' % seen.setdefault(m[0], len(seen)), text)
    return ONCE.sub(r'\1#', TIME.sub('TIME', text))


def main():
    args = sys.argv[1:]
    raw = args[0] == '--raw-bodies'
    with open(args[-1], encoding='utf-8') as f:
        spans = [json.loads(x) for x in f if '"aitrace.agent"' in x]
    spans = [s for s in spans if s['record'] == 'span']
    seen = {}
    for s in sorted(spans, key=lambda s: s['start_time']):
        s['resource'].pop('process.pid', None)
        s['resource'] = dict(sorted(s['resource'].items()))
        s['attributes'] = {
            k: v for k, v in s['attributes'].items()
            if not LENGTH.search(k) and not (raw and k in BODIES)}
        print(plain(json.dumps(s, ensure_ascii=False), seen))


if __name__ == '__main__':
    main()
