#!/usr/bin/env python3
"""Prints the trees of a finished stream without what differs from run to run:
ids, times, sizes of processes. Two runs of one scenario print the same.

usage: shape.py FILE
"""
import json
import re
import sys

from stream import by_start, enriched, load

KEEP = ('langfuse.observation.type', 'gen_ai.request.model',
        'langfuse.observation.usage_details', 'gen_ai.tool.name',
        'langfuse.observation.level', 'error.type', 'aitrace.purpose',
        'aitrace.attempts', 'aitrace.tool.exit_code', 'gen_ai.provider.name',
        'gen_ai.response.finish_reasons', 'gen_ai.response.id',
        'langfuse.observation.input', 'langfuse.observation.output')
VARY = re.compile(r'\d{13}|PGID: \d+')


def show(spans, parent, depth):
    for s in by_start([s for s in spans if s.parent == parent]):
        facts = {k: s.attr[k] for k in KEEP if k in s.attr}
        print(VARY.sub('#', '%s%s %s' % ('  ' * depth, s.name, json.dumps(
            facts, sort_keys=True, default=str))))
        show(spans, s.id, depth + 1)


def main():
    done = enriched(load(sys.argv[1]))
    traces = {}
    for s in by_start(done):
        traces.setdefault(s.trace_id, []).append(s)
    for spans in traces.values():
        show(spans, None, 0)


if __name__ == '__main__':
    main()
