#!/usr/bin/env python3
"""Do two finished streams of the same run tell the same facts?

usage: agree.py WHOLE PART

WHOLE was made from all signals, PART from some of them. The trees must be the
same; whatever PART says of a turn, a call or a tool must be what WHOLE says,
and only the facts listed here as carried by one signal alone may be missing.
"""
import sys

from stream import by_start, enriched, load, message_text
from tap import Tap

# Where these come from the span in one stream and from the log in the other
# they may be spelled with another precision, or be cut at another length.
FACTS = ('langfuse.observation.type', 'gen_ai.request.model',
         'langfuse.observation.model.name', 'gen_ai.usage.input_tokens',
         'gen_ai.usage.output_tokens', 'llm.token_count.total',
         'gen_ai.response.finish_reasons', 'gen_ai.tool.call.id',
         'gen_ai.agent.id', 'langfuse.observation.level', 'session.id',
         'langfuse.session.id', 'user.id', 'langfuse.user.id',
         'langfuse.trace.name', 'langfuse.trace.tags',
         'langfuse.environment', 'langfuse.release', 'langfuse.version',
         'gen_ai.provider.name', 'aitrace.turn.kind', 'aitrace.turn.number',
         'aitrace.cost.reported', 'aitrace.attempts')
# Must be in both.
WHOLE = ('langfuse.observation.type', 'gen_ai.request.model',
         'gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens',
         'gen_ai.tool.call.id', 'session.id')
# Gemini CLI: spans tell no complete usage, redacted logs no call ids.
MAY_LACK = {'gemini-cli': ('gen_ai.usage.input_tokens',
                           'gen_ai.usage.output_tokens',
                           'gen_ai.tool.call.id')}


def keys(records):
    """span -> what identifies it in any stream of the run."""
    spans = by_start(enriched(records))
    roots = [s for s in spans if s.type == 'chain']
    turn = {s.trace_id: i for i, s in enumerate(roots)}
    out, order = {}, {}
    for s in spans:
        if s.type == 'chain':
            what = 'turn'
        elif s.agent == 'gemini-cli' and s.tool_name is not None:
            what = 'tool ' + s.tool_name    # logs may tell no id
        elif s.call_id is not None:
            what = 'tool ' + s.call_id
        elif s.agent == 'codex':
            what = 'call'       # no record names it: by their order
        else:
            what = 'call ' + str(s.attr.get('aitrace.call.id',
                                            s.attr.get('gen_ai.response.id')))
        key = (turn.get(s.trace_id), what)
        order[key] = order.get(key, 0) + 1
        out[key + (order[key],)] = s
    return out


def parents(found):
    by_id = {(s.trace_id, s.id): k for k, s in found.items()}
    return {k: by_id.get((s.trace_id, s.parent)) for k, s in found.items()}


def main():
    tap = Tap()
    whole, part = keys(load(sys.argv[1])), keys(load(sys.argv[2]))
    tap.ok(whole, 'there are finished spans')
    tap.equal(sorted(map(str, part)), sorted(map(str, whole)),
              'the same turns, calls and tools')
    tap.equal(parents(part), parents(whole), 'the same tree')
    wrong, missing = [], []
    for key in set(part) & set(whole):
        a, b = whole[key], part[key]
        for name in FACTS:
            if name in b.attr and a.attr.get(name) != b.attr[name]:
                wrong.append((key, name, a.attr.get(name), b.attr[name]))
            if name in WHOLE and name in a.attr and name not in b.attr and \
                    name not in MAY_LACK.get(a.agent, ()):
                missing.append((key, name))
        if a.type in ('chain', 'generation'):
            for side in ('input', 'output'):
                one = message_text(getattr(a, side))
                two = message_text(getattr(b, side))
                if a.type == 'generation' and side == 'input':
                    continue    # raw bodies hold more than the log's prompt
                if two not in ('', '<REDACTED>') and one != two:
                    wrong.append((key, side, one, two))
    tap.ok(not wrong, 'no fact differs', '\n'.join(map(str, wrong)))
    tap.ok(not missing, 'no fact is missing', '\n'.join(map(str, missing)))
    tap.done()


if __name__ == '__main__':
    main()
