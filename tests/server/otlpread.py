"""Reads OTLP export requests, protobuf and JSON, for tests: an implementation
of its own that shares nothing with the programs under test.

traces(body, content_type) -> [span], logs(...), metrics(...): plain dicts.
Source of the field numbers: opentelemetry-proto 1.x.
"""
import json
import struct


class Bad(Exception):
    pass


def fields(b):
    """(number, wire type, value) of a message; LEN values are bytes."""
    i, n = 0, len(b)

    def varint():
        nonlocal i
        v = shift = 0
        while True:
            if i >= n or shift > 63:
                raise Bad("varint at %d" % i)
            c = b[i]
            i += 1
            v |= (c & 127) << shift
            if c < 128:
                return v & (2**64 - 1)
            shift += 7

    while i < n:
        key = varint()
        number, kind = key >> 3, key & 7
        if kind == 0:
            yield number, kind, varint()
        elif kind == 1:
            if i + 8 > n:
                raise Bad("fixed64 at %d" % i)
            yield number, kind, struct.unpack_from("<Q", b, i)[0]
            i += 8
        elif kind == 5:
            if i + 4 > n:
                raise Bad("fixed32 at %d" % i)
            yield number, kind, struct.unpack_from("<I", b, i)[0]
            i += 4
        elif kind == 2:
            k = varint()
            if i + k > n:
                raise Bad("length at %d" % i)
            yield number, kind, b[i:i + k]
            i += k
        else:
            raise Bad("wire type %d at %d" % (kind, i))


def _double(v):
    return struct.unpack("<d", struct.pack("<Q", v))[0]


def _signed(v):
    return v - 2**64 if v >= 2**63 else v


MISSING = object()      # an attribute without a value


def any_pb(b):
    out = None
    for num, kind, v in fields(b):
        if num == 1:
            out = v.decode()
        elif num == 2:
            out = bool(v)
        elif num == 3:
            out = _signed(v)
        elif num == 4:
            out = _double(v)
        elif num == 5:
            out = [any_pb(x) for n, _, x in fields(v) if n == 1]
        elif num == 6:
            out = kvs_pb([x for n, _, x in fields(v) if n == 1])
        elif num == 7:
            out = bytes(v)
    return out


def kvs_pb(list_):
    out = {}
    for kv in list_:
        key, val = "", MISSING
        for num, _, v in fields(kv):
            if num == 1:
                key = v.decode()
            elif num == 2:
                val = any_pb(v)
        out[key] = val
    return out


def any_json(v):
    if not isinstance(v, dict):
        raise Bad("AnyValue %r" % (v,))
    if "stringValue" in v:
        return v["stringValue"]
    if "boolValue" in v:
        return v["boolValue"]
    if "intValue" in v:
        return int(v["intValue"])
    if "doubleValue" in v:
        return float(v["doubleValue"])
    if "arrayValue" in v:
        return [any_json(x) for x in v["arrayValue"].get("values", [])]
    if "kvlistValue" in v:
        return kvs_json(v["kvlistValue"].get("values", []))
    if "bytesValue" in v:
        return v["bytesValue"].encode()
    return None


def kvs_json(list_):
    if not isinstance(list_, list):
        raise Bad("attributes:not_an_array")
    return {kv["key"]: any_json(kv["value"])
            if kv.get("value") is not None else MISSING for kv in list_}


def _msg(b):
    m = {}
    for num, _, v in fields(b):
        m.setdefault(num, []).append(v)
    return m


def _one(m, num, default=None):
    return m[num][-1] if num in m else default


def _text(m, num):
    return _one(m, num, b"").decode()


def traces_pb(body):
    out = []
    for rs in _msg(body).get(1, []):
        rs = _msg(rs)
        resource = kvs_pb(_msg(_one(rs, 1, b"")).get(1, []))
        for ss in rs.get(2, []):
            ss = _msg(ss)
            scope = _msg(_one(ss, 1, b""))
            for s in ss.get(2, []):
                s = _msg(s)
                st = _msg(_one(s, 15, b""))
                out.append({
                    "resource": resource, "scope": _text(scope, 1),
                    "trace_id": _one(s, 1, b"").hex(),
                    "span_id": _one(s, 2, b"").hex(),
                    "parent": _one(s, 4, b"").hex(),
                    "name": _text(s, 5), "kind": _one(s, 6, 0),
                    "start": _one(s, 7, 0), "end": _one(s, 8, 0),
                    "attributes": kvs_pb(s.get(9, [])),
                    "events": len(s.get(11, [])),
                    "status": _one(st, 3, 0), "message": _text(st, 2),
                })
    return out


def traces_json(body):
    out = []
    for rs in body.get("resourceSpans", []):
        resource = kvs_json(rs.get("resource", {}).get("attributes", []))
        for ss in rs.get("scopeSpans", []):
            for s in ss.get("spans", []):
                st = s.get("status", {})
                out.append({
                    "resource": resource,
                    "scope": ss.get("scope", {}).get("name", ""),
                    "trace_id": s.get("traceId"),
                    "span_id": s.get("spanId"),
                    "parent": s.get("parentSpanId", ""),
                    "name": s.get("name", ""), "kind": s.get("kind", 0),
                    "start": int(s.get("startTimeUnixNano", 0)),
                    "end": int(s.get("endTimeUnixNano", 0)),
                    "attributes": kvs_json(s.get("attributes", [])),
                    "events": len(s.get("events", [])),
                    "status": st.get("code", 0),
                    "message": st.get("message", ""),
                })
    return out


def traces(body, content_type):
    if "json" in content_type:
        return traces_json(json.loads(body))
    return traces_pb(body)


def count(body, content_type, signal):
    """How many log records or metrics a request holds."""
    names = {"logs": ("resourceLogs", "scopeLogs", "logRecords"),
             "metrics": ("resourceMetrics", "scopeMetrics", "metrics")}[signal]
    if "json" in content_type:
        return sum(len(s.get(names[2], []))
                   for r in json.loads(body).get(names[0], [])
                   for s in r.get(names[1], []))
    return sum(len(_msg(s).get(2, [])) for r in _msg(body).get(1, [])
               for s in _msg(r).get(2, []))
