"""Each MUST and SHOULD that the OTLP specification (1.x, docs/specification.md
of opentelemetry-proto) has for a server, over OTLP/HTTP in both encodings and
over gRPC, for traces, logs and metrics. A test's name begins with the section.

What needs a slow reader (throttling) is in recv_delivery.py; the sizes of
bombs are in recv_limits.py.
"""
import gzip
import shutil
import tempfile

from recvlib import *

BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
TRACE = (0xa1b2c3).to_bytes(16, "big")


def lend(n, b):
    return field(n, b)


def grouped(item):
    return lend(1, lend(2, lend(2, item)))


class Signal:
    """One signal: its path, service, and requests with one bad item of two."""

    def __init__(self, path, word, rejected, good_pb, good_json, half_pb,
                 half_json):
        self.path, self.word, self.rejected = path, word, rejected
        self.service = ("/opentelemetry.proto.collector.%s.v1.%sService/Export"
                        % (word, word.capitalize()))
        self.good = {PROTO: good_pb, JSON: good_json}
        self.half = {PROTO: half_pb, JSON: half_json}
        self.empty = {PROTO: b"", JSON: b"{}"}


def bad_id(request):
    """The same JSON, with an id that is too short on its first item."""
    return request.replace(b'"traceId": "', b'"traceId": "ab', 1)


spans = spans_json(2)
bad_span = lend(2, lend(1, b"short") + lend(2, bytes(range(8))) +
                lend(5, b"bad") + fixed64(7, T0) + fixed64(8, T0))
log_ok = fixed64(1, T0) + lend(5, lend(1, b"hello"))
log_json = {"timeUnixNano": str(T0), "body": {"stringValue": "hello"}}
point = fixed64(3, T0) + fixed64(6, 7)
metric_json = {"name": "m", "gauge": {"dataPoints": [
    {"timeUnixNano": str(T0), "asInt": "7"}]}}
SIGNALS = [
    Signal("/v1/traces", "trace", "rejectedSpans", spans_pb(2), spans,
           lend(1, lend(2, bad_span + lend(2, lend(1, TRACE) + lend(
               2, bytes(range(1, 9))) + lend(5, b"x") + fixed64(7, T0) +
               fixed64(8, T0)))), bad_id(spans)),
    Signal("/v1/logs", "logs", "rejectedLogRecords",
           lend(1, lend(2, lend(2, log_ok) * 2)),
           json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [
               log_json, log_json]}]}]}).encode(),
           None, None),     # without an id a log is still a log
    Signal("/v1/metrics", "metrics", "rejectedDataPoints",
           grouped(lend(1, b"m") + lend(5, lend(1, point) * 2)),
           json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [
               metric_json, metric_json]}]}]}).encode(), None, None),
]

recv = Recv("--max-body", "1M", "--grpc", "127.0.0.1:0", grpc=True)
work = tempfile.mkdtemp(prefix="aitrace-conformance.")
counted = 0


def arrived(n, name):
    global counted
    counted += n
    recv.read_out(lambda b: b.count(b"\n") >= counted)
    same(recv.out.count(b"\n"), counted, name)


class Call:
    """One unary call, as curl makes it over HTTP/2 without TLS."""

    def __init__(self, path, message, packed=False, headers=(), prefix=None):
        if packed:
            message = gzip.compress(message)
            headers = list(headers) + ["grpc-encoding: gzip"]
        if prefix is None:
            prefix = bytes([packed]) + len(message).to_bytes(4, "big")
        with open(work + "/call", "wb") as f:
            f.write(prefix + message)
        command = ["curl", "-s", "--http2-prior-knowledge", "--max-time", "20",
                   "-D", work + "/head", "-o", work + "/body",
                   "-H", "Content-Type: application/grpc", "-H", "TE: trailers",
                   "--data-binary", "@" + work + "/call"]
        for h in headers:
            command += ["-H", h]
        # An answer that overtakes the request's body is an error to curl: 92.
        for _ in range(20):
            rc = subprocess.run(command + ["http://%s%s" % (
                recv.grpc, path)]).returncode
            if rc != 92:
                break
        if rc != 0:
            raise RuntimeError("curl: exit status %d" % rc)
        with open(work + "/head") as f:
            head = f.read().lower()
        self.http = int(head.split()[1])
        rows = dict(r.split(": ", 1) for r in head.split("\n") if ": " in r)
        self.status = int(rows.get("grpc-status", "-1"))
        self.message = rows.get("grpc-message", "").strip()
        self.type = rows.get("content-type", "").strip()
        self.body = b""
        if os.path.exists(work + "/body"):
            with open(work + "/body", "rb") as f:
                self.body = f.read()
            os.unlink(work + "/body")

    def __repr__(self):
        return "grpc-status %d %r %r" % (self.status, self.message, self.body)


def status_of(r):
    """(code, message, details' types and descriptions) of a Status."""
    if r.type == JSON:
        d = json.loads(r.body)
        return d["code"], d["message"], [
            (x["@type"], x["fieldViolations"][0]["description"])
            for x in d.get("details", [])]
    f = parse_pb(r.body)
    details = []
    for n, v in f:
        if n == 3:
            a = dict(parse_pb(v))
            bad = dict(parse_pb(dict(parse_pb(a[2]))[1]))
            details.append((a[1].decode(), bad[2].decode()))
    d = dict(f)
    return d[1], d[2].decode(), details


# -- Protocol Details: compression ------------------------------------------------
for s in SIGNALS:
    for ct in (PROTO, JSON):
        name = "Protocol Details: %s as %s" % (s.path, ct)
        r = post(recv, s.path, s.good[ct], ct)
        ok(r.status == 200, name + " without compression", r)
        arrived(2, name + ": its records have left")
        r = post(recv, s.path, gzip.compress(s.good[ct]), ct,
                 ["Content-Encoding: gzip"])
        ok(r.status == 200, name + " with gzip", r)
        arrived(2, name + " with gzip: its records have left")
    for packed in (False, True):
        c = Call(s.service, s.good[PROTO], packed)
        ok(c.http == 200 and c.status == 0, "Protocol Details: %s, %s" % (
            s.service, "gzip" if packed else "no compression"), c)
        arrived(2, "Protocol Details: its records have left")

# -- OTLP/gRPC Request --------------------------------------------------------------
big = lend(1, lend(2, lend(2, lend(1, TRACE) + lend(2, bytes(range(8))) +
                           lend(5, b"x" * (1 << 20)) + fixed64(7, T0))))
# Announced, not sent: curl takes an answer amid its request for an error.
c = Call(SIGNALS[0].service, b"x", prefix=b"\0" + (2 << 20).to_bytes(4, "big"))
same(c.status, 8, "OTLP/gRPC Request: over the limit, RESOURCE_EXHAUSTED")
c = Call(SIGNALS[0].service, big, packed=True)
same(c.status, 8, "OTLP/gRPC Request: over the limit once unpacked, too")
arrived(0, "OTLP/gRPC Request: nothing of it left")

# -- OTLP/gRPC Response: Full Success -----------------------------------------------
for s in SIGNALS:
    name = "OTLP/gRPC Full Success: %s: " % s.word
    c = Call(s.service, b"")
    same((c.status, c.body), (0, b"\0\0\0\0\0"),
         name + "an empty request succeeds")
    c = Call(s.service, s.good[PROTO])
    same((c.http, c.status, c.type, c.body),
         (200, 0, "application/grpc", b"\0\0\0\0\0"),
         name + "the response has no partial_success")
    arrived(2, name + "the records have left")

# -- OTLP/gRPC Response: Partial Success --------------------------------------------
for s in SIGNALS:
    if s.half[PROTO] is None:
        continue
    name = "OTLP/gRPC Partial Success: %s: " % s.word
    c = Call(s.service, s.half[PROTO])
    same((c.http, c.status), (200, 0), name + "it is a success")
    part = dict(parse_pb(dict(parse_pb(c.body[5:])).get(1, b"")))
    same(part.get(1), 1, name + "rejected_... counts what was rejected")
    ok(len(part.get(2, b"")) > 5, name + "error_message says why", part)
    arrived(1, name + "the good one has left")

# -- OTLP/gRPC Response: Failures ---------------------------------------------------
for what, message in (("cut short", spans_pb(1)[:-3]),
                      ("no protobuf", b"\xff" * 20)):
    c = Call(SIGNALS[0].service, message)
    ok(c.status == 3 and len(c.message) > 5,
       "OTLP/gRPC Failures: %s: INVALID_ARGUMENT and why" % what, c)
c = Call(SIGNALS[0].service, b"\x1f\x8b broken", packed=False,
         headers=["grpc-encoding: gzip"], prefix=b"\1\0\0\0\x09")
same(c.status, 3, "OTLP/gRPC Failures: broken gzip: INVALID_ARGUMENT")
c = Call("/opentelemetry.proto.collector.trace.v1.TraceService/Import", b"")
same(c.status, 12, "OTLP/gRPC Failures: another method: UNIMPLEMENTED")
arrived(0, "OTLP/gRPC Failures: nothing left")

# -- JSON Protobuf Encoding -----------------------------------------------------------
upper = spans.replace(b"a1b2c3", b"A1B2C3")
r = post(recv, "/v1/traces", upper)
arrived(2, "JSON Protobuf Encoding: ids in upper case are taken")
same(recv.lines()[-1]["trace_id"], "%032x" % 0xa1b2c3,
     "JSON Protobuf Encoding: and are the same ids")
numbers = json.loads(spans)
for x in numbers["resourceSpans"][0]["scopeSpans"][0]["spans"]:
    x["startTimeUnixNano"] = int(x["startTimeUnixNano"])
    x["kind"] = 2
    x["futureField"] = {"deep": [1, {"x": None}]}
numbers["futureList"] = [{}]
numbers["resourceSpans"][0]["dropped_attributes_count"] = 3
r = post(recv, "/v1/traces", json.dumps(numbers).encode())
same(r.status, 200, "JSON Protobuf Encoding: unknown names are ignored")
arrived(2, "JSON Protobuf Encoding: the message is read as if without them")
got = recv.lines()[-2]
same(got["start_time"], "2025-11-21T00:03:42.431000000Z",
     "JSON Protobuf Encoding: 64-bit numbers may be numbers or strings")
same(got["kind"], "SERVER", "JSON Protobuf Encoding: enums are integers")
ok("deep" not in json.dumps(got), "JSON Protobuf Encoding: nothing of them "
   "is in the record")
future = spans_pb(1) + lend(15, b"unknown") + varint(14 << 3) + varint(7)
r = post(recv, "/v1/traces", future, PROTO)
same(r.status, 200, "Binary Protobuf Encoding: unknown fields are ignored")
arrived(1, "Binary Protobuf Encoding: the rest is read")

# -- OTLP/HTTP Request ------------------------------------------------------------------
r = post(recv, "/v1/traces", b" " * (1 << 20) + spans)
same(r and r.status, 413, "OTLP/HTTP Request: a body over the limit: 413")
r = post(recv, "/v1/traces", gzip.compress(b" " * (1 << 20) + spans), JSON,
         ["Content-Encoding: gzip"])
same(r and r.status, 413, "OTLP/HTTP Request: over the limit once unpacked: "
     "413")
arrived(0, "OTLP/HTTP Request: nothing left")

# -- OTLP/HTTP Response ------------------------------------------------------------------
for s in SIGNALS:
    for ct in (PROTO, JSON):
        name = "OTLP/HTTP Response: %s as %s: " % (s.path, ct)
        empty = b"" if ct == PROTO else b"{}"
        r = post(recv, s.path, s.empty[ct], ct)
        same((r.status, r.type, r.body), (200, ct, empty),
             name + "an empty request succeeds")
        r = post(recv, s.path, s.good[ct], ct)
        same((r.status, r.type, r.body), (200, ct, empty),
             name + "Full Success: 200, the same type, no partial_success")
        arrived(2, name + "the records have left")
        if s.half[ct] is None:
            continue
        r = post(recv, s.path, s.half[ct], ct)
        same((r.status, r.type), (200, ct),
             name + "Partial Success: 200 and the same type")
        if ct == JSON:
            part = json.loads(r.body)["partialSuccess"]
            rejected, why = int(part[s.rejected]), part["errorMessage"]
        else:
            part = dict(parse_pb(dict(parse_pb(r.body))[1]))
            rejected, why = part[1], part[2].decode()
        same(rejected, 1, name + "rejected_... counts what was rejected")
        ok(len(why) > 5, name + "error_message says why", why)
        arrived(1, name + "the good one has left")

# -- OTLP/HTTP Response: Failures, Bad Data ------------------------------------------------
for ct, bad in ((PROTO, spans_pb(1)[:-3]), (JSON, spans[:-3])):
    for s in SIGNALS:
        name = "OTLP/HTTP Bad Data: %s as %s: " % (s.path, ct)
        r = post(recv, s.path, bad, ct)
        same((r.status, r.type), (400, ct), name + "400, the same type")
        code, message, details = status_of(r)
        ok(code == 3 and len(message) > 5, name + "the body is a Status that "
           "says what is wrong", r)
        same(details, [(BAD_REQUEST, message)],
             name + "with a BadRequest among its details")
    for status, path, headers in ((404, "/v1/nothing", ()),
                                  (415, "/v1/traces",
                                   ["Content-Encoding: br"]),
                                  (413, "/v1/traces",
                                   ["X-Long: " + "x" * 10])):
        body = spans if status != 413 else b" " * (2 << 20)
        r = post(recv, path, body, ct, headers)
        same((r.status, r.type), (status, ct),
             "OTLP/HTTP Failures: %d as %s" % (status, ct))
        ok(len(status_of(r)[1]) > 5, "OTLP/HTTP Failures: %d: a Status with a "
           "message" % status, r)
arrived(0, "OTLP/HTTP Failures: nothing left")

# -- OTLP/HTTP Connection --------------------------------------------------------------------
with recv.connect() as sock:
    for ct, body in ((PROTO, spans_pb(1)), (JSON, spans_json(1)),
                     (PROTO, spans_pb(1))):
        sock.sendall(request("POST", "/v1/traces", body, ct))
        r = read_reply(sock)
        same((r.status, r.type), (200, ct), "OTLP/HTTP Connection: both "
             "encodings on one port and one connection (%s)" % ct)
arrived(3, "OTLP/HTTP Connection: all of it has left")
code, err = recv.stop()
same(code, 0, "exit 0")
shutil.rmtree(work)

# -- Default ports, where they are free ----------------------------------------------------------
for port, protocol in ((4318, "OTLP/HTTP"), (4317, "OTLP/gRPC")):
    with socket.socket() as s:
        free = s.connect_ex(("127.0.0.1", port)) != 0
    if not free:
        skip("%s Default Port" % protocol, "%d is in use" % port)
        continue
    out = subprocess.run([PROGRAM, "--help"], stdout=subprocess.PIPE).stdout
    ok(b"(default 127.0.0.1:%d)" % port in out,
       "%s Default Port: %d" % (protocol, port))
done()
