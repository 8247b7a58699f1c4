"""Makes the streams of the benchmark: the same bytes for the same seed.

Finished spans of about 2.6 KB: 25 attributes and more, texts of 0.2 to 5 KB,
most of them raw UTF-8, a fifth with \\u escapes. The same spans as OTLP
requests, in protobuf and JSON. And raw Claude Code telemetry, made of a
recorded run repeated under other names.
"""
import json
import random
import re
import struct

WORDS = ('the file test login build error trace naïve größe 数据 result value '
         'function return check update path 👍 write read token').split()


def text(rng, size):
    out, n = [], 0
    while n < size:
        word = rng.choice(WORDS)
        out.append(word)
        n += len(word.encode()) + 1
    return ' '.join(out)


def attributes(rng, i, kind):
    session = '%08x-0000-4000-8000-%012x' % (i // 500, i // 500)
    prompt = rng.randrange(1000, 90000)
    output = rng.randrange(10, 4000)
    read = prompt // 2
    size = rng.choice((200, 400, 800, 1200, 1200, 2500))
    a = {
        'session.id': session, 'langfuse.session.id': session,
        'user.id': 'u%d' % (i % 7), 'langfuse.user.id': 'u%d' % (i % 7),
        'langfuse.trace.name': 'Claude Code turn',
        'langfuse.trace.tags': ['claude-code', 'project:demo'],
        'langfuse.environment': 'default', 'langfuse.version': '2.1.329',
        'langfuse.observation.type': kind, 'gen_ai.system': 'anthropic',
        'gen_ai.provider.name': 'anthropic', 'gen_ai.conversation.id': session,
        'project.name': 'demo', 'aitrace.agent': 'claude-code',
        'langfuse.observation.input': text(rng, size),
        'langfuse.observation.output': text(rng, size // 2),
    }
    if kind == 'generation':
        a.update({
            'openinference.span.kind': 'LLM',
            'gen_ai.operation.name': 'chat',
            'gen_ai.request.model': 'claude-opus-5-5',
            'gen_ai.response.model': 'claude-opus-5-5',
            'langfuse.observation.model.name': 'claude-opus-5-5',
            'langfuse.observation.usage_details': json.dumps({
                'input': prompt - read, 'input_cached_tokens': read,
                'output': output, 'total': prompt + output}),
            'gen_ai.usage.input_tokens': prompt,
            'gen_ai.usage.output_tokens': output,
            'gen_ai.usage.cache_read.input_tokens': read,
            'llm.token_count.prompt': prompt,
            'llm.token_count.completion': output,
            'llm.token_count.total': prompt + output,
        })
    else:
        a.update({
            'openinference.span.kind': 'TOOL',
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.name': 'Bash',
            'gen_ai.tool.call.id': 'toolu_%012d' % i,
            'code.line': i, 'process.ratio': rng.randrange(1, 10**6) / 1000.0,
        })
    return a


def span(rng, i):
    start = 1760000000 * 10**9 + i * 1234567
    kind = 'generation' if i % 3 else 'tool'
    return {
        'trace_id': '%032x' % (1 + i // 20), 'span_id': '%016x' % (1 + i),
        'parent_span_id': '%016x' % (1 + i - i % 20) if i % 20 else None,
        'name': 'LLM Call: claude-opus-5-5' if i % 3 else 'Bash',
        'start': start, 'end': start + rng.randrange(10**6, 10**10),
        'attributes': attributes(rng, i, kind),
    }


def spans(count, seed=7):
    rng = random.Random(seed)
    return [span(rng, i) for i in range(count)]


def stamp(ns):
    import time
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(ns // 10**9)) + \
        '.%09dZ' % (ns % 10**9)


def record_line(s, i):
    r = {'record': 'span', 'trace_id': s['trace_id'], 'span_id': s['span_id']}
    if s['parent_span_id']:
        r['parent_span_id'] = s['parent_span_id']
    r.update({
        'flags': 257, 'name': s['name'], 'kind': 'INTERNAL',
        'start_time': stamp(s['start']), 'end_time': stamp(s['end']),
        'resource': {'service.name': 'claude-code',
                     'service.version': '2.1.329'},
        'scope': {'name': 'bench', 'version': '1.0.0'},
        'attributes': s['attributes']})
    return json.dumps(r, ensure_ascii=i % 5 == 0, separators=(',', ':'))


def otlp_value(v):
    if isinstance(v, str):
        return {'stringValue': v}
    if isinstance(v, float):
        return {'doubleValue': v}
    if isinstance(v, list):
        return {'arrayValue': {'values': [otlp_value(x) for x in v]}}
    return {'intValue': str(v)}


def otlp_json(batch):
    out = []
    for s in batch:
        o = {'traceId': s['trace_id'], 'spanId': s['span_id'], 'flags': 257,
             'name': s['name'], 'kind': 1,
             'startTimeUnixNano': str(s['start']),
             'endTimeUnixNano': str(s['end']),
             'attributes': [{'key': k, 'value': otlp_value(v)}
                            for k, v in s['attributes'].items()]}
        if s['parent_span_id']:
            o['parentSpanId'] = s['parent_span_id']
        out.append(o)
    resource = {'attributes': [
        {'key': 'service.name', 'value': {'stringValue': 'claude-code'}}]}
    return json.dumps({'resourceSpans': [{
        'resource': resource,
        'scopeSpans': [{'scope': {'name': 'bench'}, 'spans': out}]}]},
        ensure_ascii=False, separators=(',', ':')).encode()


# -- protobuf, by hand: field numbers of opentelemetry-proto 1.x

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def pb_value(v):
    if isinstance(v, str):
        return field(1, v.encode())
    if isinstance(v, float):
        return varint(4 << 3 | 1) + struct.pack('<d', v)
    if isinstance(v, list):
        return field(5, b''.join(field(1, pb_value(x)) for x in v))
    return varint(3 << 3) + varint(v)


def pb_attribute(k, v):
    return field(1, k.encode()) + field(2, pb_value(v))


def pb_span(s):
    out = field(1, bytes.fromhex(s['trace_id']))
    out += field(2, bytes.fromhex(s['span_id']))
    if s['parent_span_id']:
        out += field(4, bytes.fromhex(s['parent_span_id']))
    out += field(5, s['name'].encode()) + varint(6 << 3) + varint(1)
    out += varint(7 << 3 | 1) + struct.pack('<Q', s['start'])
    out += varint(8 << 3 | 1) + struct.pack('<Q', s['end'])
    for k, v in s['attributes'].items():
        out += field(9, pb_attribute(k, v))
    return out + varint(16 << 3 | 5) + struct.pack('<I', 257)


def otlp_pb(batch):
    scope = field(1, field(1, b'bench')) + b''.join(
        field(2, pb_span(s)) for s in batch)
    resource = field(1, pb_attribute('service.name', 'claude-code'))
    return field(1, field(1, resource) + field(2, scope))


def book(text, models):
    """A price book of so many models: this one, with made-up names in front
    that have the rows of every few of its own."""
    rows = list(json.loads(text)['models'].values())
    missing = max(0, models - len(rows))
    head, mark, rest = text.partition(' "models": {\n')
    made = ''.join('  "bench/model-%04d-preview": %s,\n' % (i, json.dumps(
        rows[i * len(rows) // missing], separators=(',', ':')))
        for i in range(missing))
    return head + mark + made + rest


def repeated(records, copies):
    """A recorded run again and again: other sessions, prompts and traces."""
    names = set()
    for line in records:
        r = json.loads(line)
        names.update(v for k, v in r.get('attributes', {}).items()
                     if k in ('session.id', 'prompt.id'))
        names.update(v for k, v in r.items()
                     if k in ('trace_id', 'span_id', 'parent_span_id'))
    names = sorted(n for n in names if re.fullmatch('[0-9a-f-]{16,36}', n))
    pattern = re.compile('|'.join(map(re.escape, names)))
    whole = '\n'.join(records) + '\n'
    for copy in range(copies):
        mark = '%06x' % (copy + 1)
        yield pattern.sub(lambda m: mark + m.group(0)[6:], whole)


def interleaved(records, copies):
    """So many sessions of one run at once: the first record of each, then the
    second of each, and so on."""
    uuid = r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
    pattern = re.compile('(?<=")(?:%s|[0-9a-f]{32}|[0-9a-f]{16})(?=")' % uuid)
    for line in records:
        for copy in range(copies):
            mark = '%06x' % (copy + 1)
            yield pattern.sub(lambda m: mark + m.group(0)[6:], line) + '\n'
