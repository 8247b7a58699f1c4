#!/usr/bin/env python3
"""Did every metric, log and foreign span come through?

usage: nothing_lost.py BEFORE AFTER

Metrics must be the same bytes, but for a resource attribute that leaks what its
client was told not to log: that must be gone everywhere. Logs may gain what joins them to a span and
nothing else. Of spans that no agent claimed (no aitrace.agent after) none may
vanish unless its trace was rebuilt, or its session: Gemini CLI sends one turn
as several traces.
"""
import json
import sys
from collections import Counter

from stream import load, enriched, spans
from tap import Tap


LEAK = 'process.command_args'


def unleaked(line):
    """The line without what must not leave."""
    r = json.loads(line)
    if r.get('resource', {}).get('service.name') != 'gemini-cli' or \
            r['resource'].pop(LEAK, None) is None:
        return line
    return json.dumps(r, separators=(',', ':'), ensure_ascii=False)


def lines(path, kind):
    with open(path, encoding='utf-8', newline='\n') as f:
        return Counter(unleaked(line) for line in f.read().split('\n')
                       if line and json.loads(line).get('record') == kind)


def bare(log):
    """A log without what enrichment may add."""
    out = {k: v for k, v in log.items()
           if k not in ('trace_id', 'span_id', 'flags')}
    out['resource'] = {k: v for k, v in log.get('resource', {}).items()
                       if k != LEAK}
    out['attributes'] = {k: v for k, v in log.get('attributes', {}).items()
                         if k != 'aitrace.used'}
    return json.dumps(out, sort_keys=True, default=str)


def internal(span):
    """Codex traces its own workings, Claude Code opens a span for a slash
    command; neither is a turn, and by contract they are left out."""
    if span.name == 'claude_code.interaction' and str(
            span.attr.get('user_prompt', '')).startswith('/'):
        return True
    return str(span.record.get('resource', {}).get(
        'service.name', '')).startswith('codex')


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
    sessions = {s.attr['session.id'] for s in enriched(b)
                if s.agent == 'gemini-cli'}
    gone = [s for s in spans(a)
            if (s.trace_id, s.id) not in there and
            s.trace_id not in rebuilt and
            s.attr.get('gen_ai.conversation.id') not in sessions and
            not internal(s) and
            # opencode sends hundreds of spans that say nothing of a turn.
            s.record.get('resource', {}).get('service.name') != 'opencode']
    tap.ok(not gone, 'no foreign span is lost', gone[:3])
    leaky = [r for r in b if LEAK in r.get('resource', {}) and
             r['resource'].get('service.name') == 'gemini-cli']
    tap.ok(not leaky, 'no command line leaves', leaky[:1])
    tap.done()


if __name__ == '__main__':
    main()
