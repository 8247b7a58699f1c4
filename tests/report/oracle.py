#!/usr/bin/env python3
"""What aitrace-report says of a stream, against a second count of it that
shares nothing with the first: exact decimals, exact percentiles, the zones of
Python.

usage: oracle.py FILE ZONE DIMENSION...

DIMENSION is what --by takes. Prints TAP.
"""
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'truth'))
from tap import Tap     # noqa: E402

ATTRS = {
    'agent': (['aitrace.agent'], ['service.name']),
    'branch': (['vcs.ref.head.name'], ['vcs.ref.head.name']),
    'environment': (['langfuse.environment'],
                    ['deployment.environment.name', 'env']),
    'host': ([], ['host.name']),
    'model': (['langfuse.observation.model.name', 'gen_ai.response.model',
               'gen_ai.request.model', 'llm.model_name'], []),
    'project': (['project.name'], []),
    'provider': (['gen_ai.provider.name', 'gen_ai.system'], []),
    'purpose': (['aitrace.purpose'], []),
    'repository': (['vcs.repository.name'], ['vcs.repository.name']),
    'session': (['session.id', 'langfuse.session.id',
                 'gen_ai.conversation.id'], ['session.id']),
    'tool': (['gen_ai.tool.name', 'aitrace.tool.name'], []),
    'user': (['user.id', 'langfuse.user.id'], ['user.id']),
    'version': (['langfuse.version', 'app.version'], ['service.version']),
}
CALL_ONLY, TOOL_ONLY = {'model', 'error'}, {'tool', 'server'}
CLASSES = ['auth', 'rate_limit', 'timeout', 'server', 'client']


def ns(text):
    if not text:
        return None
    text = text.strip('"').rstrip('Z')
    whole, _, frac = text.partition('.')
    t = datetime.strptime(whole, '%Y-%m-%dT%H:%M:%S')
    return int(t.replace(tzinfo=timezone.utc).timestamp()) * 10**9 + \
        int((frac + '0' * 9)[:9])


def inner(a, name):
    v = a.get(name)
    if isinstance(v, str):
        v = json.loads(v, parse_float=Decimal)
    return v if isinstance(v, dict) else {}


def tokens(a):
    """Disjoint counts, as the record's own details say them."""
    out = defaultdict(int)
    details = inner(a, 'langfuse.observation.usage_details')
    if 'prompt_tokens' in details:      # OpenAI's: parts stand inside
        cached = details.get('prompt_tokens_details', {}).get(
            'cached_tokens', 0)
        reasoning = details.get('completion_tokens_details', {}).get(
            'reasoning_tokens', 0)
        out.update(input=details['prompt_tokens'] - cached,
                   cache_read=cached, reasoning=reasoning,
                   output=details['completion_tokens'] - reasoning)
        return out
    for k, v in details.items():
        if k == 'total':
            continue
        name = {'input': 'input', 'input_tool_tokens': 'input',
                'input_cached_tokens': 'cache_read',
                'cache_read_input_tokens': 'cache_read',
                'input_cache_creation': 'write',
                'cache_creation_input_tokens': 'write',
                'input_cache_creation_5m': 'write_5m',
                'input_cache_creation_1h': 'write_1h',
                'output': 'output',
                'output_reasoning_tokens': 'reasoning'}.get(k, 'other')
        out[name] += v
    return out


def nearest_rank(values, p):
    values = sorted(values)
    rank = -(-p * len(values) // 100)
    return values[max(rank, 1) - 1]


class Span:
    def __init__(self, r):
        a = self.a = r.get('attributes', {})
        self.r = r
        self.resource = r.get('resource', {})
        kind = a.get('langfuse.observation.type') or {
            'LLM': 'generation', 'TOOL': 'tool', 'CHAIN': 'chain'}.get(
                a.get('openinference.span.kind')) or {
            'chat': 'generation', 'execute_tool': 'tool'}.get(
                a.get('gen_ai.operation.name'))
        self.call = kind in ('generation', 'embedding')
        self.tool = kind == 'tool' or (not self.call and
                                       'aitrace.tool.name' in a)
        self.root = 'parent_span_id' not in r
        self.turn = self.root and kind == 'chain' and \
            'aitrace.purpose' not in a and \
            a.get('aitrace.turn.kind') != 'client'
        self.start, end = ns(r.get('start_time')), ns(r.get('end_time'))
        self.duration = None
        guess = a.get('aitrace.inferred', '')
        self.guess = 'start' in guess
        if self.start and end and end >= self.start and \
                not self.guess and 'end' not in guess:
            self.duration = end - self.start
        level = a.get('langfuse.observation.level')
        self.failed = level == 'ERROR' or \
            r.get('status', {}).get('code') == 'ERROR' or \
            (level is None and 'error.type' in a)
        self.warned = not self.failed and level == 'WARNING'
        self.error = None
        if self.failed:
            self.error = a.get('error.type')
            if self.error not in CLASSES:
                self.error = 'other'

    def value(self, dim, zone):
        if dim in ('hour', 'day', 'week', 'month', 'year'):
            if self.start is None:
                return None
            t = datetime.fromtimestamp(self.start // 10**9, zone)
            if dim == 'hour':
                text = t.strftime('%Y-%m-%dT%H:00%z')
                return text[:-2] + ':' + text[-2:]
            if dim == 'week':
                return '%d-W%02d' % t.isocalendar()[:2]
            return t.strftime({'day': '%Y-%m-%d', 'month': '%Y-%m',
                               'year': '%Y'}[dim])
        if dim == 'run':
            return self.r.get('trace_id')
        if dim == 'error':
            return self.error
        if dim == 'server':
            name = self.a.get('mcp.server.name')
            parts = self.a.get('gen_ai.tool.name', '').split('__')
            if name is None and len(parts) > 2 and parts[0] == 'mcp':
                name = parts[1]
            return name
        names, more = ATTRS.get(dim, ([dim], [dim]))
        for where, keys in ((self.a, names), (self.resource, more)):
            for k in keys:
                v = where.get(k)
                if v is not None and v != '':
                    return v if isinstance(v, str) else json.dumps(v)
        return None


class Sums:
    def __init__(self):
        self.n = defaultdict(int)
        self.cost = defaultdict(Decimal)
        self.times = defaultdict(list)
        self.nodes = 0

    def add(self, s, kinds):
        n = self.n
        if s.root and 'run' in kinds:
            n['runs'] += 1
            n['turns'] += s.turn
            n['incomplete_runs'] += s.a.get('aitrace.incomplete') is True
        if s.tool and 'tool' in kinds:
            n['tool_calls'] += 1
            n['tool_errors'] += s.failed
            n['tool_warnings'] += s.warned
            if s.duration is not None:
                self.times['tool'].append(s.duration)
                n['tool_ns'] += s.duration
        if s.call and 'call' in kinds:
            self.add_call(s)

    def add_call(self, s):
        n, a = self.n, s.a
        n['calls'] += 1
        n['retries'] += max(a.get('aitrace.attempts', 1) - 1, 0)
        if s.failed:
            n['errors'] += 1
            n['errors_' + s.error] += 1
        t = tokens(a)
        told = bool(t)
        writes = t['write'] + t['write_5m'] + t['write_1h']
        n['input_tokens'] += t['input']
        n['cache_read_tokens'] += t['cache_read']
        n['cache_write_tokens'] += writes
        n['cache_write_5m_tokens'] += t['write_5m']
        n['cache_write_1h_tokens'] += t['write_1h']
        n['output_tokens'] += t['output'] + t['reasoning']
        n['reasoning_tokens'] += t['reasoning']
        n['other_tokens'] += t['other']
        n['total_tokens'] += sum(t.values())
        cost = inner(a, 'langfuse.observation.cost_details').get('total')
        if cost is None and 'gen_ai.usage.cost' in a:
            cost = a['gen_ai.usage.cost']
        if cost is not None:
            source = {'book': 'computed', 'estimate': 'estimated'}.get(
                a.get('aitrace.cost.source'), 'reported')
            if a.get('cost.estimated'):
                source = 'estimated'
            self.cost[source] += Decimal(cost)
            n['priced'] += 1
        elif sum(t.values()) or not (
                told or s.failed):
            n['unpriced_calls'] += 1
            n['unpriced_tokens'] += sum(t.values())
        if not s.failed and s.duration is not None:
            self.times['latency'].append(s.duration)
        if not s.failed:
            self.add_ttft(s)

    def add_ttft(self, s):
        first = ns(s.a.get('langfuse.observation.completion_start_time'))
        if 'ttft_ms' in s.a:
            self.times['ttft'].append(s.a['ttft_ms'] * 10**6)
        elif first is not None and s.start and not s.guess and \
                first > s.start - 10**6:
            self.times['ttft'].append(max(first - s.start, 0))


ADDITIVE = {
    'run': ['runs', 'turns', 'incomplete_runs'],
    'tool': ['tool_calls', 'tool_errors', 'tool_warnings'],
    'call': ['calls', 'retries', 'errors', 'errors_other'] +
            ['errors_' + c for c in CLASSES] +
            ['unpriced_calls', 'unpriced_tokens', 'input_tokens',
             'cache_read_tokens', 'cache_write_tokens',
             'cache_write_5m_tokens', 'cache_write_1h_tokens',
             'output_tokens', 'reasoning_tokens', 'other_tokens',
             'total_tokens'],
}
COSTS = ['reported', 'computed', 'estimated']


def differences(row, want, kinds):
    """Where a row of the report is not what was counted."""
    bad = []

    def same(name, got, expected):
        if got != expected:
            bad.append('%s: %s, counted %s' % (name, got, expected))

    for kind in kinds:
        for name in ADDITIVE[kind]:
            same(name, row.get(name), want.n[name])
    if 'call' in kinds:
        for c in COSTS:
            same(c, Decimal(row['cost_%s_usd' % c]), want.cost[c])
        total = sum(want.cost.values())
        if want.n['unpriced_calls'] and not want.n['priced']:
            total = None
        same('cost_usd', row['cost_usd'], total)
        prompt = want.n['input_tokens'] + want.n['cache_read_tokens'] + \
            want.n['cache_write_tokens']
        share = row['cache_hit_share']
        if not prompt:
            same('cache_hit_share', share, None)
        elif abs(Fraction(share) - Fraction(want.n['cache_read_tokens'],
                                            prompt)) > Fraction(1, 2000):
            bad.append('cache_hit_share: %s' % share)
    for name, kind in (('latency', 'call'), ('ttft', 'call'),
                       ('tool', 'tool')):
        if kind not in kinds:
            continue
        times = want.times[name]
        for p in (50, 95):
            got = row['%s_p%d_seconds' % (name, p)]
            if not times:
                same('%s p%d' % (name, p), got, None)
                continue
            exact = nearest_rank(times, p)
            if abs(Fraction(got) * 10**9 - exact) * 128 > exact:
                bad.append('%s p%d: %s, exact %s ns' % (name, p, got, exact))
        got = row['%s_max_seconds' % name]
        same(name + ' max', got if got is None else Fraction(got) * 10**9,
             max(times) if times else None)
    return bad


def parts_equal_total(table, kinds):
    bad = []
    rows = table['rows'] + ([table['other']] if 'other' in table else [])
    names = [n for k in kinds for n in ADDITIVE[k]]
    if 'call' in kinds:
        names += ['cost_%s_usd' % c for c in COSTS]
    for name in names:
        parts = sum(Decimal(r[name]) for r in rows)
        if parts != Decimal(table['total'][name]):
            bad.append('%s: parts %s, total %s' % (name, parts,
                                                   table['total'][name]))
    return bad


def kinds_of(dims):
    kinds = {'run', 'call', 'tool'}
    for d in dims:
        if d in CALL_ONLY:
            kinds &= {'call'}
        if d in TOOL_ONLY:
            kinds &= {'tool'}
    return kinds


def main():
    path, zone_name, specs = sys.argv[1], sys.argv[2], sys.argv[3:]
    zone = ZoneInfo(zone_name)
    spans, seen = [], set()
    with open(path, encoding='utf-8') as f:
        for line in f:
            try:
                r = json.loads(line, parse_float=Decimal)
            except ValueError:
                continue
            if r.get('record') != 'span':
                continue
            s = Span(r)
            key = (r['trace_id'], r['span_id'])
            if not (s.root or s.call or s.tool) or key in seen:
                continue
            seen.add(key)
            spans.append(s)
    command = ['aitrace-report', '--format=json', '--tz', zone_name]
    for spec in specs:
        command += ['--by', spec]
    # The suite's TZ is not the zone that was asked for.
    out = subprocess.run(command + [path], stdout=subprocess.PIPE,
                         check=False).stdout
    doc = json.loads(out, parse_float=Decimal)
    tap = Tap()
    whole = Sums()
    for s in spans:
        whole.add(s, {'run', 'call', 'tool'})
    bad = differences(doc['total'], whole, {'run', 'call', 'tool'})
    tap.ok(not bad, 'total of %d spans' % len(spans), '\n'.join(bad))
    for spec, table in zip(specs, doc['tables']):
        dims = spec.split(',')
        kinds = kinds_of(dims)
        want = defaultdict(Sums)
        for s in spans:
            if ('call' in kinds and s.call) or ('tool' in kinds and s.tool) \
                    or ('run' in kinds and s.root):
                want[tuple(s.value(d, zone) for d in dims)].add(s, kinds)
        bad = []
        for row in table['rows']:
            key = tuple(row['key'][d] for d in dims)
            if key not in want:
                bad.append('no such group: %s' % (key,))
                continue
            bad += ['%s: %s' % (key, x)
                    for x in differences(row, want.pop(key), kinds)]
        bad += ['group missing: %s' % (k,) for k in want]
        bad += parts_equal_total(table, kinds)
        tap.ok(not bad, 'by %s: %d groups, and they make up the total' % (
            spec, len(table['rows'])), '\n'.join(bad[:20]))
    tap.done()


if __name__ == '__main__':
    main()
