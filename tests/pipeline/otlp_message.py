"""OTLP messages read and written without any of our code: the oracle of the
lossless tests. Tables typed from opentelemetry-proto 1.x; the record from
aitrace-record(5).

A message is a dict of the .proto names that are set. An AnyValue is a pair
(type, value), an empty one None; attributes are lists of (key, AnyValue);
doubles are kept as their eight bytes.
"""
import base64
import datetime
import json
import struct

# field number -> (name, type); a list type is repeated, '?' has presence
M = {
    'Request': {1: ('groups', ['Resources'])},
    'Resources': {1: ('resource', 'Resource'), 2: ('scopes', ['Scopes']),
                  3: ('schema_url', 'string')},
    'Resource': {1: ('attributes', ['KeyValue']),
                 2: ('dropped_attributes_count', 'uint32'),
                 3: ('entity_refs', ['EntityRef'])},
    'EntityRef': {1: ('schema_url', 'string'), 2: ('type', 'string'),
                  3: ('id_keys', ['string']),
                  4: ('description_keys', ['string'])},
    'Scope': {1: ('name', 'string'), 2: ('version', 'string'),
              3: ('attributes', ['KeyValue']),
              4: ('dropped_attributes_count', 'uint32')},
    'Span': {1: ('trace_id', 'id'), 2: ('span_id', 'id'),
             3: ('trace_state', 'string'), 4: ('parent_span_id', 'id'),
             5: ('name', 'string'), 6: ('kind', 'enum'),
             7: ('start_time_unix_nano', 'fixed64'),
             8: ('end_time_unix_nano', 'fixed64'),
             9: ('attributes', ['KeyValue']),
             10: ('dropped_attributes_count', 'uint32'),
             11: ('events', ['Event']),
             12: ('dropped_events_count', 'uint32'),
             13: ('links', ['Link']), 14: ('dropped_links_count', 'uint32'),
             15: ('status', 'Status'), 16: ('flags', 'fixed32')},
    'Event': {1: ('time_unix_nano', 'fixed64'), 2: ('name', 'string'),
              3: ('attributes', ['KeyValue']),
              4: ('dropped_attributes_count', 'uint32')},
    'Link': {1: ('trace_id', 'id'), 2: ('span_id', 'id'),
             3: ('trace_state', 'string'), 4: ('attributes', ['KeyValue']),
             5: ('dropped_attributes_count', 'uint32'),
             6: ('flags', 'fixed32')},
    'Status': {2: ('message', 'string'), 3: ('code', 'enum')},
    'LogRecord': {1: ('time_unix_nano', 'fixed64'),
                  2: ('severity_number', 'enum'),
                  3: ('severity_text', 'string'), 5: ('body', 'AnyValue'),
                  6: ('attributes', ['KeyValue']),
                  7: ('dropped_attributes_count', 'uint32'),
                  8: ('flags', 'fixed32'), 9: ('trace_id', 'id'),
                  10: ('span_id', 'id'),
                  11: ('observed_time_unix_nano', 'fixed64'),
                  12: ('event_name', 'string')},
    'Metric': {1: ('name', 'string'), 2: ('description', 'string'),
               3: ('unit', 'string'), 5: ('gauge', 'Gauge'),
               7: ('sum', 'Sum'), 9: ('histogram', 'Histogram'),
               10: ('exponential_histogram', 'ExpHistogram'),
               11: ('summary', 'Summary'), 12: ('metadata', ['KeyValue'])},
    'Gauge': {1: ('data_points', ['Number'])},
    'Sum': {1: ('data_points', ['Number']),
            2: ('aggregation_temporality', 'enum'),
            3: ('is_monotonic', 'bool')},
    'Histogram': {1: ('data_points', ['HistPoint']),
                  2: ('aggregation_temporality', 'enum')},
    'ExpHistogram': {1: ('data_points', ['ExpPoint']),
                     2: ('aggregation_temporality', 'enum')},
    'Summary': {1: ('data_points', ['SummaryPoint'])},
    'Number': {2: ('start_time_unix_nano', 'fixed64'),
               3: ('time_unix_nano', 'fixed64'), 4: ('as_double', '?double'),
               5: ('exemplars', ['Exemplar']), 6: ('as_int', '?sfixed64'),
               7: ('attributes', ['KeyValue']), 8: ('flags', 'uint32')},
    'HistPoint': {2: ('start_time_unix_nano', 'fixed64'),
                  3: ('time_unix_nano', 'fixed64'), 4: ('count', 'fixed64'),
                  5: ('sum', '?double'), 6: ('bucket_counts', ['fixed64']),
                  7: ('explicit_bounds', ['double']),
                  8: ('exemplars', ['Exemplar']),
                  9: ('attributes', ['KeyValue']), 10: ('flags', 'uint32'),
                  11: ('min', '?double'), 12: ('max', '?double')},
    'ExpPoint': {1: ('attributes', ['KeyValue']),
                 2: ('start_time_unix_nano', 'fixed64'),
                 3: ('time_unix_nano', 'fixed64'), 4: ('count', 'fixed64'),
                 5: ('sum', '?double'), 6: ('scale', 'sint32'),
                 7: ('zero_count', 'fixed64'), 8: ('positive', '?Buckets'),
                 9: ('negative', '?Buckets'), 10: ('flags', 'uint32'),
                 11: ('exemplars', ['Exemplar']), 12: ('min', '?double'),
                 13: ('max', '?double'), 14: ('zero_threshold', 'double')},
    'Buckets': {1: ('offset', 'sint32'), 2: ('bucket_counts', ['uint64'])},
    'SummaryPoint': {2: ('start_time_unix_nano', 'fixed64'),
                     3: ('time_unix_nano', 'fixed64'),
                     4: ('count', 'fixed64'), 5: ('sum', 'double'),
                     6: ('quantile_values', ['Quantile']),
                     7: ('attributes', ['KeyValue']), 8: ('flags', 'uint32')},
    'Quantile': {1: ('quantile', 'double'), 2: ('value', 'double')},
    'Exemplar': {2: ('time_unix_nano', 'fixed64'), 3: ('as_double', '?double'),
                 4: ('span_id', 'id'), 5: ('trace_id', 'id'),
                 6: ('as_int', '?sfixed64'),
                 7: ('filtered_attributes', ['KeyValue'])},
}
ITEMS = {'traces': 'Span', 'logs': 'LogRecord', 'metrics': 'Metric'}
for _s, _m in ITEMS.items():
    M['Scopes-' + _s] = {1: ('scope', 'Scope'), 2: ('items', [_m]),
                         3: ('schema_url', 'string')}
JSON_NAMES = {
    'traces': {'groups': 'resourceSpans', 'scopes': 'scopeSpans',
               'items': 'spans'},
    'logs': {'groups': 'resourceLogs', 'scopes': 'scopeLogs',
             'items': 'logRecords'},
    'metrics': {'groups': 'resourceMetrics', 'scopes': 'scopeMetrics',
                'items': 'metrics'},
}
DATA = ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary')
DOUBLE_ZERO = bytes(8)


# ---- protobuf

def varint(b, i):
    v = shift = 0
    while True:
        c = b[i]
        v |= (c & 127) << shift
        i, shift = i + 1, shift + 7
        if c < 128:
            return v & (1 << 64) - 1, i


def fields(b):
    i = 0
    while i < len(b):
        tag, i = varint(b, i)
        kind = tag & 7
        if kind == 0:
            v, i = varint(b, i)
        elif kind == 1:
            v, i = b[i:i + 8], i + 8
        elif kind == 5:
            v, i = b[i:i + 4], i + 4
        else:
            n, i = varint(b, i)
            v, i = b[i:i + n], i + n
            assert len(v) == n
        yield tag >> 3, kind, v


def any_pb(b):
    value = None
    for number, _, v in fields(b):
        if number == 1:
            value = ('string', v.decode())
        elif number == 2:
            value = ('bool', v != 0)
        elif number == 3:
            value = ('int', v - (1 << 64) if v >> 63 else v)
        elif number == 4:
            value = ('double', v)
        elif number == 5:
            value = ('array', [any_pb(x) for n, _, x in fields(v) if n == 1])
        elif number == 6:
            value = ('kvlist', [kv_pb(x) for n, _, x in fields(v) if n == 1])
        elif number == 7:
            value = ('bytes', v)
    return value


def kv_pb(b):
    key, value = '', None
    for number, _, v in fields(b):
        if number == 1:
            key = v.decode()
        elif number == 2:
            value = any_pb(v)
    return key, value


def scalar_pb(kind, wire, v):
    if kind in ('fixed64', 'sfixed64', 'fixed32'):
        return int.from_bytes(v, 'little', signed=kind == 'sfixed64')
    if kind == 'sint32':
        v &= 0xffffffff
        return v >> 1 ^ -(v & 1)
    if kind == 'bool':
        return v != 0
    if kind == 'string':
        return v.decode()
    return v        # double and id as bytes, varints as they are


def parse_pb(b, name, signal):
    m = {}
    for number, wire, v in fields(b):
        if number not in M[name]:
            continue
        field, kind = M[name][number]
        many = isinstance(kind, list)
        kind = (kind[0] if many else kind).lstrip('?')
        if kind == 'Scopes':
            kind += '-' + signal
        if kind == 'KeyValue':
            x = kv_pb(v)
        elif kind == 'AnyValue':
            x = any_pb(v)
        elif kind in M:
            x = parse_pb(v, kind, signal)
        elif many and wire == 2 and kind != 'string':   # packed
            x = []
            while v:
                if kind == 'uint64':
                    y, n = varint(v, 0)
                else:
                    y, n = scalar_pb(kind, 1, v[:8]), 8
                x.append(y)
                v = v[n:]
            m.setdefault(field, []).extend(x)
            continue
        else:
            x = scalar_pb(kind, wire, v)
        if many:
            m.setdefault(field, []).append(x)
        else:
            m[field] = x
    return m


# ---- OTLP/JSON

def camel(s):
    a = s.split('_')
    return a[0] + ''.join(w.capitalize() for w in a[1:])


def double(x):
    return struct.pack('<d', float(x))


def any_json(o):
    if not o:
        return None
    (k, v), = o.items()
    if k == 'stringValue':
        return 'string', v
    if k == 'boolValue':
        return 'bool', v
    if k == 'intValue':
        return 'int', int(v)
    if k == 'doubleValue':
        return 'double', double(v)
    if k == 'arrayValue':
        return 'array', [any_json(x) for x in v.get('values', [])]
    if k == 'kvlistValue':
        return 'kvlist', [kv_json(x) for x in v.get('values', [])]
    assert k == 'bytesValue', k
    return 'bytes', base64.b64decode(v, validate=True)


def kv_json(o):
    return o.get('key', ''), any_json(o.get('value'))


def scalar_json(kind, v):
    if kind == 'double':
        return double(v)
    if kind == 'id':
        return bytes.fromhex(v)
    if kind == 'bool' or kind == 'string':
        return v
    assert not isinstance(v, float)
    return int(v)


def parse_json(o, name, signal):
    m = {}
    for field, kind in M[name].values():
        key = JSON_NAMES[signal].get(field, camel(field))
        v = o.get(key)
        if v is None:
            continue
        many = isinstance(kind, list)
        kind = (kind[0] if many else kind).lstrip('?')
        if kind == 'Scopes':
            kind += '-' + signal

        def one(x):
            if kind == 'KeyValue':
                return kv_json(x)
            if kind == 'AnyValue':
                return any_json(x)
            if kind in M:
                return parse_json(x, kind, signal)
            return scalar_json(kind, x)
        m[field] = [one(x) for x in v] if many else one(v)
    return m


# ---- comparing: what aitrace-record(5) says does not count is taken out

def clean(m, name, signal):
    out = {}
    for field, kind in M[name].values():
        if field not in m:
            continue
        v = m[field]
        many = isinstance(kind, list)
        plain = (kind[0] if many else kind).lstrip('?')
        if plain == 'Scopes':
            plain += '-' + signal
        if plain in M:
            v = [clean(x, plain, signal) for x in v] if many else \
                clean(v, plain, signal)
        if kind == 'id' and not any(v):
            continue
        presence = isinstance(kind, str) and kind[0] == '?'
        empty = v in (0, '', [], {}, None, False, DOUBLE_ZERO)
        if presence or not empty:
            out[field] = v
    return out


def grouped(request, signal):
    """(group, item) pairs by group, groups in order of first appearance."""
    out = {}

    def add(key, item):
        key = repr(key)
        out.setdefault(key, []).append(item)
    for r in request.get('groups', []):
        for s in r.get('scopes', []):
            for item in s.get('items', []):
                key = (r.get('resource'), r.get('schema_url'),
                       s.get('scope'), s.get('schema_url'))
                if signal != 'metrics':
                    add(key, item)
                    continue
                head = {k: v for k, v in item.items() if k not in DATA}
                for kind in DATA:
                    data = dict(item.get(kind, {}))
                    for point in data.pop('data_points', []):
                        add(key + (head, kind, data), point)
    return out


def read(data, form, signal):
    if form == 'pb':
        m = parse_pb(data, 'Request', signal)
    else:
        m = parse_json(json.loads(data), 'Request', signal)
    return clean(m, 'Request', signal)


# ---- records, as aitrace-record(5) has them: lists of pairs, in order

class Raw(str):
    """A number in its digits."""


def any_record(v, wrap=True):
    if v is None:
        return None
    kind, x = v
    if kind == 'double':
        f = struct.unpack('<d', x)[0]
        if f != f:
            return [('@double', 'NaN')]
        if f in (float('inf'), float('-inf')):
            return [('@double', 'Infinity' if f > 0 else '-Infinity')]
        return ('double', x)
    if kind == 'array':
        return ('array', [any_record(y) for y in x])
    if kind == 'kvlist':
        inner = [(k, any_record(y)) for k, y in x]
        if len(x) == 1 and x[0][0] in ('@bytes', '@double', '@kvlist'):
            return [('@kvlist', inner)]
        return inner
    if kind == 'bytes':
        return [('@bytes', base64.b64encode(x).decode())]
    return x


def time_record(ns):
    d = datetime.datetime(1970, 1, 1) + datetime.timedelta(
        seconds=ns // 10**9)
    return d.isoformat(timespec='seconds') + '.%09dZ' % (ns % 10**9)


KINDS = [None, 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
CODES = [None, 'OK', 'ERROR']
TEMPORALITY = [None, 'delta', 'cumulative']
TYPES = {'gauge': 'gauge', 'sum': 'sum', 'histogram': 'histogram',
         'exponential_histogram': 'exponential_histogram',
         'summary': 'summary'}

# record member <- field; a list gives the order of the manual page
SPAN = ['trace_id', 'span_id', 'parent_span_id', 'trace_state', 'flags',
        'name', 'kind', ('start_time', 'start_time_unix_nano'),
        ('end_time', 'end_time_unix_nano'), 'status', None, 'links',
        'events', 'dropped', 'attributes']
LOG = [('time', 'time_unix_nano'),
       ('observed_time', 'observed_time_unix_nano'), 'severity_number',
       ('severity', 'severity_text'), 'event_name', 'trace_id', 'span_id',
       'flags', None, 'dropped', 'body', 'attributes']
LINK = ['trace_id', 'span_id', 'trace_state', 'flags', 'dropped',
        'attributes']
EVENT = [('time', 'time_unix_nano'), 'name', 'dropped', 'attributes']
POINT = [('start_time', 'start_time_unix_nano'), ('time', 'time_unix_nano'),
         'flags']
EXEMPLAR = [('time', 'time_unix_nano'), 'value', 'trace_id', 'span_id',
            ('attributes', 'filtered_attributes')]
BODY = {
    'gauge': ['value'], 'sum': ['value'],
    'histogram': ['count', 'sum', 'min', 'max',
                  ('bounds', 'explicit_bounds'), 'bucket_counts'],
    'exponential_histogram': ['count', 'sum', 'min', 'max', 'scale',
                              'zero_count', 'zero_threshold', 'positive',
                              'negative'],
    'summary': ['count', 'sum', ('quantiles', 'quantile_values')],
}
ALWAYS = {'count': 0, 'scale': 0}


def members(names, m, group, always=()):
    out = []
    for name in names:
        if name is None:
            out += group
            continue
        name, field = name if isinstance(name, tuple) else (name, name)
        if name == 'dropped':
            v = [(k, m[f]) for k, f in (
                ('attributes', 'dropped_attributes_count'),
                ('events', 'dropped_events_count'),
                ('links', 'dropped_links_count')) if f in m]
            if v:
                out.append((name, v))
            continue
        if name == 'value' and field not in m:
            field = 'as_int' if 'as_int' in m else 'as_double'
        if field in m:
            out.append((name, member(field, m[field])))
        elif name in always:
            out.append((name, always[name]))
    return out


def member(field, v):
    if field.endswith('unix_nano'):
        return time_record(v)
    if field in ('attributes', 'filtered_attributes', 'metadata'):
        return [(k, any_record(x)) for k, x in v]
    if field == 'body':
        return any_record(v)
    if field == 'kind':
        return KINDS[v] if v < len(KINDS) else v
    if field == 'code':
        return CODES[v] if v < len(CODES) else v
    if field == 'aggregation_temporality':
        return TEMPORALITY[v] if v < len(TEMPORALITY) else v
    if field == 'status':
        return members(['code', 'message'], v, [])
    if field == 'links':
        return ('array', [members(LINK, x, []) for x in v])
    if field == 'events':
        return ('array', [members(EVENT, x, []) for x in v])
    if field == 'exemplars':
        return ('array', [members(EXEMPLAR, x, []) for x in v])
    if field in ('positive', 'negative'):
        return members(['offset', 'bucket_counts'], v, [])
    if field == 'quantile_values':
        zero = ('double', DOUBLE_ZERO)
        return ('array', [members(['quantile', 'value'], x, [],
                                  {'quantile': zero, 'value': zero})
                          for x in v])
    if field == 'entity_refs':
        return ('array', [members(['type', 'schema_url', 'id_keys',
                                   'description_keys'], x, []) for x in v])
    if isinstance(v, bytes):
        return v.hex() if len(v) == 16 or field.endswith('_id') else \
            any_record(('double', v))
    if isinstance(v, list):
        return ('array', [any_record(('double', x)) if isinstance(x, bytes)
                          else x for x in v])
    return v


def group_members(r, s):
    out = []
    resource = r.get('resource', {})
    if 'attributes' in resource:
        out.append(('resource', member('attributes', resource['attributes'])))
    info = []
    if 'schema_url' in r:
        info.append(('schema_url', r['schema_url']))
    info += members([('entities', 'entity_refs'), 'dropped'], resource, [])
    if info:
        out.append(('resource_info', info))
    scope = s.get('scope', {})
    v = members(['name', 'version'], scope, [])
    if 'schema_url' in s:
        v.append(('schema_url', s['schema_url']))
    v += members(['dropped', 'attributes'], scope, [])
    if v:
        out.append(('scope', v))
    return out


def records(request, signal):
    for r in request.get('groups', []):
        for s in r.get('scopes', []):
            group = group_members(r, s)
            for item in s.get('items', []):
                if signal == 'traces':
                    yield [('record', 'span')] + members(SPAN, item, group)
                elif signal == 'logs':
                    yield [('record', 'log')] + members(LOG, item, group)
                else:
                    yield from metric_records(item, group)


def metric_records(metric, group):
    for kind in DATA:
        data = metric.get(kind, {})
        head = [('record', 'metric')] + members(
            ['name', 'description', 'unit', 'metadata'], metric, [])
        head.append(('type', kind))
        head += members([('temporality', 'aggregation_temporality')],
                        data, [])
        if kind == 'sum':
            head.append(('monotonic', data.get('is_monotonic', False)))
        always = dict(ALWAYS)
        if kind == 'summary':
            always['sum'] = ('double', DOUBLE_ZERO)
        for point in data.get('data_points', []):
            exemplars = ['exemplars'] if kind != 'summary' else []
            yield head + members(POINT + BODY[kind] + exemplars +
                                 [None, 'attributes'], point, group, always)


def parse_record(line):
    """A line in the same shape."""
    def number(s):
        return ('double', double(s))

    def arrays(v):
        if isinstance(v, Pairs):
            return [(k, arrays(x)) for k, x in v]
        if isinstance(v, list):
            return ('array', [arrays(x) for x in v])
        return v

    class Pairs(list):
        pass
    return arrays(json.loads(line, object_pairs_hook=Pairs,
                             parse_float=number))
