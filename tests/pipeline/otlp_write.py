"""OTLP messages, as otlp_message.py reads them, written as protobuf and JSON
without any of our code."""
import base64
import json
import struct

from otlp_message import JSON_NAMES, M, camel

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5


def varint(v):
    out = bytearray()
    v &= (1 << 64) - 1
    while v > 127:
        out.append(v & 127 | 128)
        v >>= 7
    out.append(v)
    return bytes(out)


def field(number, wire, payload):
    size = varint(len(payload)) if wire == BYTES else b''
    return varint(number << 3 | wire) + size + payload


def any_pb(value):
    if value is None:
        return b''
    kind, v = value
    if kind == 'string':
        return field(1, BYTES, v.encode())
    if kind == 'bool':
        return field(2, VARINT, varint(v))
    if kind == 'int':
        return field(3, VARINT, varint(v))
    if kind == 'double':
        return field(4, EIGHT, v)
    if kind == 'array':
        return field(5, BYTES, b''.join(field(1, BYTES, any_pb(x))
                                        for x in v))
    if kind == 'kvlist':
        return field(6, BYTES, b''.join(field(1, BYTES, kv_pb(x))
                                        for x in v))
    return field(7, BYTES, v)


def kv_pb(kv):
    out = field(1, BYTES, kv[0].encode())
    return out + field(2, BYTES, any_pb(kv[1])) if kv[1] is not None else out


def scalar_pb(number, kind, v):
    if kind in ('fixed64', 'sfixed64'):
        return field(number, EIGHT, struct.pack(
            '<q' if kind == 'sfixed64' else '<Q', v))
    if kind == 'fixed32':
        return field(number, FOUR, struct.pack('<I', v))
    if kind == 'double':
        return field(number, EIGHT, v)
    if kind == 'sint32':
        return field(number, VARINT, varint(v << 1 ^ v >> 31))
    if kind in ('id', 'string'):
        return field(number, BYTES, v.encode() if kind == 'string' else v)
    return field(number, VARINT, varint(v))


def kinds(m, name, signal):
    """(number, field, kind, values) of what the message has."""
    for number, (key, kind) in M[name].items():
        if key not in m:
            continue
        many = isinstance(kind, list)
        kind = (kind[0] if many else kind).lstrip('?')
        if kind == 'Scopes':
            kind += '-' + signal
        yield number, key, kind, many, m[key]


def to_pb(m, name, signal):
    out = []
    for number, _, kind, many, values in kinds(m, name, signal):
        for v in values if many else [values]:
            if kind == 'KeyValue':
                out.append(field(number, BYTES, kv_pb(v)))
            elif kind == 'AnyValue':
                out.append(field(number, BYTES, any_pb(v)))
            elif kind in M:
                out.append(field(number, BYTES, to_pb(v, kind, signal)))
            else:
                out.append(scalar_pb(number, kind, v))
    return b''.join(out)


def double(b):
    v, = struct.unpack('<d', b)
    if v != v:
        return 'NaN'
    if v in (float('inf'), float('-inf')):
        return 'Infinity' if v > 0 else '-Infinity'
    return v


def any_json(value):
    if value is None:
        return {}
    kind, v = value
    if kind == 'array':
        v = {'values': [any_json(x) for x in v]}
    elif kind == 'kvlist':
        v = {'values': [kv_json(x) for x in v]}
    elif kind == 'int':
        v = str(v)
    elif kind == 'double':
        v = double(v)
    elif kind == 'bytes':
        v = base64.b64encode(v).decode()
    return {kind + 'Value': v}


def kv_json(kv):
    return {'key': kv[0], 'value': any_json(kv[1])}


def scalar_json(kind, v):
    if kind in ('fixed64', 'sfixed64', 'uint64'):
        return str(v)
    if kind == 'double':
        return double(v)
    return v.hex() if kind == 'id' else v


def to_json(m, name, signal):
    out = {}
    for _, key, kind, many, values in kinds(m, name, signal):
        def one(v):
            if kind == 'KeyValue':
                return kv_json(v)
            if kind == 'AnyValue':
                return any_json(v)
            if kind in M:
                return to_json(v, kind, signal)
            return scalar_json(kind, v)
        out[JSON_NAMES[signal].get(key, camel(key))] = \
            [one(v) for v in values] if many else one(values)
    return out


def write(m, form, signal):
    if form == 'pb':
        return to_pb(m, 'Request', signal)
    return json.dumps(to_json(m, 'Request', signal)).encode()
