#!/usr/bin/env python3
"""What must hold for any stream, whoever sent it and whatever stages ran.

usage: invariants.py [--raw] [--no-price] FILE

Checks the form of every record and, for finished spans (those with
aitrace.agent), what the three vocabularies must agree on. --raw: the stream
comes from aitrace-recv alone, there are no finished spans. --no-price: usage
but no cost is expected.
"""
import argparse
import re

from decimal import Decimal

from stream import load, enriched, decoded
from tap import Tap

HEX = {'trace_id': 32, 'span_id': 16, 'parent_span_id': 16}
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$')
TIMES = ('time', 'observed_time', 'start_time', 'end_time')
KINDS = ('INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER')
METRICS = ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary')
TYPES = {'chain': 'CHAIN', 'generation': 'LLM', 'tool': 'TOOL',
         'agent': 'AGENT', 'span': 'CHAIN', 'event': 'CHAIN'}

# Names that a backend adds up: on generations and nowhere else.
USAGE = re.compile(r'langfuse\.observation\.(usage_details|cost_details)$|'
                   r'gen_ai\.usage\.|llm\.(token_count|cost)\.')

SAME = ('session.id', 'langfuse.session.id', 'user.id', 'langfuse.user.id',
        'langfuse.trace.name', 'langfuse.trace.tags', 'langfuse.environment',
        'langfuse.release', 'langfuse.version', 'aitrace.agent')
ALWAYS = ('session.id', 'langfuse.session.id', 'langfuse.trace.name',
          'gen_ai.provider.name')

# Anthropic's output holds its reasoning; where the others are counted apart
# the buckets are disjoint, so every input_ and output_ name adds to its side.
INPUT = re.compile(r'input($|_)')
OUTPUT = re.compile(r'output($|_)')


class Faults:
    """Collects what is wrong under one heading: a point per heading."""

    def __init__(self, tap):
        self.tap, self.found = tap, {}

    def need(self, cond, name, what):
        self.found.setdefault(name, [])
        if not cond:
            self.found[name].append(str(what))

    def report(self):
        for name, bad in self.found.items():
            self.tap.ok(not bad, name, '%d times, first: %s' % (
                len(bad), '; '.join(bad[:3])))


def null_free(value):
    if isinstance(value, dict):
        return all(v is not None and null_free(v) for v in value.values())
    return True


def check_form(f, records):
    for r in records:
        what = '%s %s' % (r.get('record'), r.get('name', r.get('span_id')))
        kind = r.get('record')
        f.need(kind in ('span', 'log', 'metric', 'score'),
               'every record says its kind', what)
        for key, length in HEX.items():
            if key in r:
                f.need(re.fullmatch('[0-9a-f]{%d}' % length, r[key]) and
                       set(r[key]) != {'0'},
                       'ids are lower-case hex and not zero', '%s %s=%r' % (
                           what, key, r[key]))
        for key in TIMES:
            if key in r:
                f.need(TIME.match(r[key]), 'times have nine digits',
                       '%s %s=%r' % (what, key, r[key]))
        for event in r.get('events', []):
            f.need('time' not in event or TIME.match(event['time']),
                   'times have nine digits', what)
        f.need(null_free({k: v for k, v in r.items() if k not in (
            'attributes', 'resource', 'scope', 'body', 'events', 'links',
            'exemplars')}), 'members are absent rather than null', what)
        f.need(isinstance(r.get('attributes', {}), dict) and
               isinstance(r.get('resource', {}), dict) and
               isinstance(r.get('scope', {}), dict),
               'attributes, resource and scope are objects', what)
        if kind == 'span':
            check_span_form(f, r, what)
        if kind == 'metric':
            f.need(r.get('type') in METRICS and 'name' in r,
                   'a metric has a type and a name', what)
            f.need('value' in r or 'count' in r, 'a metric has a value', what)


def check_span_form(f, r, what):
    f.need('trace_id' in r and 'span_id' in r and 'name' in r,
           'a span has ids and a name', what)
    f.need('start_time' in r and 'end_time' in r, 'a span has its times', what)
    f.need(r.get('kind', 'INTERNAL') in KINDS, 'a span kind is known', what)
    f.need(r.get('end_time', '') >= r.get('start_time', ''),
           'no span ends before it starts', what)
    f.need(r.get('status', {}).get('code', 'OK') in ('OK', 'ERROR'),
           'a status code is known', what)
    f.need(r.get('parent_span_id') != r.get('span_id'),
           'no span is its own parent', what)


def check_tree(f, tap, done):
    traces = {}
    for s in done:
        traces.setdefault(s.trace_id, []).append(s)
    for spans in traces.values():
        ids = [s.id for s in spans]
        f.need(len(ids) == len(set(ids)), 'no span stands twice', spans[0])
        by_id = {s.id: s for s in spans}
        roots = [s for s in spans if s.parent is None]
        f.need(len(roots) == 1, 'a trace has one root', '%s: %r' % (
            spans[0].trace_id, roots))
        for s in spans:
            f.need(s.parent is None or s.parent in by_id,
                   'every parent exists', s)
            # A slash command is a trace of one span, and no turn.
            f.need((s.parent is None) == (s.type == 'chain') or
                   s.type == 'span' and len(spans) == 1,
                   'the chain is the root, and the root a chain', s)
            seen, at = set(), s
            while at is not None and at.parent is not None and \
                    at.id not in seen:
                seen.add(at.id)
                at = by_id.get(at.parent)
            f.need(at is None or at.parent is None, 'no cycles', s)
            parent = by_id.get(s.parent)
            if s.type == 'generation' and parent is not None:
                f.need(parent.type in ('chain', 'agent'),
                       'a generation stands under a chain or an agent', s)
            if s.type in ('tool', 'agent') and parent is not None and \
                    'aitrace.inferred' not in s.attr:
                f.need(parent.type in ('generation', 'agent', 'tool', 'chain'),
                       'a tool stands in the tree', s)
        for name in SAME:
            values = {str(s.attr.get(name)) for s in spans}
            f.need(len(values) == 1, 'a trace agrees on ' + name, values)
        for s in spans:
            for name in ALWAYS:
                f.need(name in s.attr, 'every span carries ' + name, s)
            f.need(TYPES.get(s.type) == s.attr.get('openinference.span.kind'),
                   'the observation type and the span kind agree', s)
            f.need(s.level in ('DEFAULT', 'DEBUG', 'WARNING', 'ERROR'),
                   'a level is one that backends know', s)
            f.need(s.is_error == (s.level == 'ERROR'),
                   'status and level agree on errors', s)


def side(usage, pattern):
    return sum(v for k, v in usage.items()
               if k != 'total' and pattern.match(k))


def check_usage(f, s):
    a, u = s.attr, s.usage
    f.need(isinstance(u, dict) and all(
        isinstance(v, int) and v >= 0 for v in u.values()),
        'usage is a set of whole numbers', s)
    if not isinstance(u, dict):
        return
    f.need(u.get('total') == sum(v for k, v in u.items() if k != 'total'),
           'the buckets add up to their total', (s, u))
    f.need(side(u, INPUT) + side(u, OUTPUT) == u.get('total'),
           'a bucket is of the input or of the output', (s, u))
    f.need(a.get('gen_ai.usage.input_tokens') == side(u, INPUT) and
           a.get('gen_ai.usage.output_tokens') == side(u, OUTPUT),
           'gen_ai.usage agrees with the buckets', (s, u))
    f.need(a.get('llm.token_count.prompt') == side(u, INPUT) and
           a.get('llm.token_count.completion') == side(u, OUTPUT) and
           a.get('llm.token_count.total') == u.get('total'),
           'llm.token_count agrees with the buckets', (s, u))
    read = u.get('input_cached_tokens', 0)
    write = sum(v for k, v in u.items()
                if k.startswith('input_cache_creation'))
    for name, want in (('gen_ai.usage.cache_read.input_tokens', read),
                       ('gen_ai.usage.cache_creation.input_tokens', write),
                       ('llm.token_count.prompt_details.cache_read', read),
                       ('llm.token_count.prompt_details.cache_write', write)):
        f.need(a.get(name, want) == want,
               'the dialects agree on cached tokens', (s, name, u))


def check_cost(f, s):
    a = s.attr
    details = decoded(a['langfuse.observation.cost_details'])
    f.need(isinstance(details, dict) and 'total' in details and all(
        isinstance(v, (int, Decimal)) and v >= 0 for v in details.values()),
        'cost is a set of numbers with a total', (s, details))
    if not isinstance(details, dict) or 'total' not in details:
        return
    total = Decimal(details['total'])
    parts = [Decimal(v) for k, v in details.items() if k != 'total']
    # A cost that the client reported itself has no parts, or parts of ours
    # beside its total.
    if parts and 'aitrace.cost.reported' not in a:
        f.need(sum(parts) == total, 'the costs add up exactly', (s, details))
    for name in ('gen_ai.usage.cost', 'gen_ai.usage.cost_usd',
                 'llm.cost.total'):
        f.need(name not in a or Decimal(a[name]) == total,
               'all names say the same cost', (s, name, a.get(name), total))


def check_generations(f, done, price):
    for s in done:
        if s.type != 'generation':
            extra = [k for k in s.attr if USAGE.match(k)]
            f.need(not extra, 'usage and cost stand on generations only',
                   (s, extra))
            continue
        f.need(not any(USAGE.match(k) for k in s.attr) or
               s.usage is not None or s.cost is not None,
               'usage is said in all dialects or in none', s)
        if s.usage is not None:
            check_usage(f, s)
            if price:
                f.need(s.cost is not None, 'every used token is priced', s)
        if 'langfuse.observation.cost_details' in s.attr:
            check_cost(f, s)
        f.need('gen_ai.request.model' in s.attr or
               'gen_ai.response.model' in s.attr or s.usage is None,
               'a generation with usage names its model', s)
        f.need(('langfuse.observation.input' in s.attr) ==
               ('langfuse.observation.output' in s.attr),
               'input and output stand together or not at all', s)
        f.need(s.attr.get('gen_ai.operation.name') != 'invoke_agent',
               'no generation is called invoke_agent', s)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--raw', action='store_true')
    p.add_argument('--no-price', action='store_true')
    p.add_argument('file')
    args = p.parse_args()
    tap = Tap()
    try:
        records = load(args.file)
    except (ValueError, OSError) as e:
        tap.ok(False, 'the stream is JSON, line by line', e)
        tap.done()
    tap.ok(records, 'there are records')
    f = Faults(tap)
    check_form(f, records)
    if not args.raw:
        done = enriched(records)
        check_tree(f, tap, done)
        check_generations(f, done, not args.no_price)
    f.report()
    tap.done()


if __name__ == '__main__':
    main()
