"""Answers of aitrace-recv, by the OTLP/HTTP chapter of the OTLP specification
1.x (requests, responses, failures) and RFC 9110."""
import gzip
import json
import shutil
import subprocess
import sys
import zlib

from recvlib import *

SPEC_TYPES = {JSON, PROTO}


def status_of(reply):
    """The message of the Status body, by the answer's own Content-Type."""
    if reply.type == JSON:
        d = json.loads(reply.body)
        return d["message"] if set(d) <= {"code", "message", "details"} else ""
    f = dict(parse_pb(reply.body))
    return f[2].decode()


def refused(r, status, ctype, name):
    """A failure: the status, the request's content type, a Status that says
    something."""
    good = r is not None and r.status == status and r.type == ctype
    try:
        good = good and len(status_of(r)) > 5
    except Exception as e:              # any body that is no Status
        return ok(False, name, repr(e), repr(r))
    return ok(good, name, repr(r))


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, check=True,
                          stdout=subprocess.PIPE).stdout


def raw_deflate(data):
    c = zlib.compressobj(wbits=-15)
    return c.compress(data) + c.flush()


recv = Recv("--max-body", "1M")
got = 0


def arrived(n, name):
    """Exactly n more records have left by the time of the answer."""
    global got
    got += n
    recv.read_out(lambda b: b.count(b"\n") >= got)
    same(recv.out.count(b"\n"), got, name)


# -- success ----------------------------------------------------------------
for path, pb, rec in (("/v1/traces", spans_pb(2), "span"),
                      ("/v1/logs", log_pb(), "log"),
                      ("/v1/metrics", metric_pb(), "metric")):
    r = post(recv, path, pb, PROTO)
    ok(r.status == 200 and r.type == PROTO and r.body == b"",
       "%s: protobuf gets 200 and an empty response in protobuf" % path, r)
    n = 2 if rec == "span" else 1
    arrived(n, "%s: its records have left" % path)
    same({x["record"] for x in recv.lines()[-n:]}, {rec}, "they are %ss" % rec)
    r = post(recv, "/", pb, PROTO)
    ok(r.status == 200, "protobuf on /: told by its content (%s)" % rec, r)
    arrived(n, "its records have left")
    same({x["record"] for x in recv.lines()[-n:]}, {rec}, "as %ss" % rec)

r = post(recv, "/v1/traces", spans_json(3))
ok(r.status == 200 and r.type == JSON and json.loads(r.body) == {},
   "JSON gets 200 and {} in JSON", r)
arrived(3, "three spans have left")
same([x["name"] for x in recv.lines()[-3:]], ["span-1", "span-2", "span-3"],
     "in order")
for ct in ("application/json; charset=utf-8", "Application/JSON",
           "application/json ;charset=\"utf-8\""):
    r = post(recv, "/v1/traces", spans_json(1), ct)
    ok(r.status == 200, "Content-Type: %s" % ct, r)
    arrived(1, "its span has left")
for path in ("/", "/v1/traces?x=1", "//v1/traces", "/v1/traces/"):
    r = post(recv, path, spans_json(1))
    ok(r.status == 200, "posted to %s" % path, r)
    arrived(1, "its span has left")
r = post(recv, "/", b'{"resourceLogs":[{"scopeLogs":[{"logRecords":['
         b'{"timeUnixNano":"1763683422431000000","body":'
         b'{"stringValue":"x"}}]}]}]}')
ok(r.status == 200, "JSON logs on /", r)
arrived(1, "the log has left")
same(recv.lines()[-1]["record"], "log", "as a log")

# "If the server receives an empty request the server SHOULD respond with
# success."
r = post(recv, "/v1/traces", b"", PROTO)
ok(r.status == 200 and r.body == b"", "an empty protobuf request: 200", r)
r = post(recv, "/v1/logs", b"{}")
ok(r.status == 200, "an empty JSON request: 200", r)
r = post(recv, "/v1/metrics", b'{"resourceMetrics":[]}')
ok(r.status == 200, "an empty list: 200", r)

# Unknown fields MUST be ignored.
r = post(recv, "/v1/traces", b'{"resourceSpans":[],"future":{"a":[1,2]}}')
ok(r.status == 200, "unknown JSON fields are ignored", r)

# -- partial success ----------------------------------------------------------
half = json.loads(spans_json(3))
half["resourceSpans"][0]["scopeSpans"][0]["spans"][1]["traceId"] = ""
r = post(recv, "/v1/traces", json.dumps(half).encode())
d = json.loads(r.body)
ok(r.status == 200 and int(d["partialSuccess"]["rejectedSpans"]) == 1 and
   len(d["partialSuccess"]["errorMessage"]) > 5,
   "a span without an id: 200, partialSuccess counts it and says why", r)
arrived(2, "the two good spans have left")
r = post(recv, "/v1/traces", spans_pb(1, trace=b"") , PROTO)
f = dict(parse_pb(r.body))
p = dict(parse_pb(f.get(1, b"")))
ok(r.status == 200 and p.get(1) == 1 and len(p.get(2, b"")) > 5,
   "the same in protobuf: partial_success {1: 1, 2: why}", r)
arrived(0, "nothing of it left")

# -- encodings ----------------------------------------------------------------
body = spans_json(2)
for coding, packed in (("gzip", gzip.compress(body)),
                       ("x-gzip", gzip.compress(body)),
                       ("GZIP", gzip.compress(body)),
                       ("deflate", zlib.compress(body)),
                       ("deflate", raw_deflate(body)),
                       ("identity", body), ("zstd", zstd(body)),
                       ("gzip", gzip.compress(body[:40]) +
                        gzip.compress(body[40:]))):
    r = post(recv, "/v1/traces", packed, JSON, ["Content-Encoding: " + coding])
    ok(r.status == 200, "Content-Encoding: %s" % coding, r)
    arrived(2, "both spans have left")
for coding, packed in (("gzip", gzip.compress(body)), ("zstd", zstd(body))):
    r = ask(recv, send_chunked("/v1/traces", packed, JSON,
                               ["Content-Encoding: " + coding], 7))
    ok(r.status == 200, "%s in chunks of 7 bytes" % coding, r)
    arrived(2, "both spans have left")
r = ask(recv, send_chunked("/v1/traces", spans_pb(2), PROTO))
ok(r.status == 200, "chunked protobuf", r)
arrived(2, "both spans have left")
for ct, body in ((JSON, spans_json(1)), (PROTO, spans_pb(1))):
    bad = [("not gzip", b"hello, world"),
           ("truncated gzip", gzip.compress(body)[:-9]),
           ("gzip with a wrong checksum",
            gzip.compress(body)[:-8] + b"\0\0\0\0\0\0\0\0"),
           ("gzip with rubbish behind", gzip.compress(body) + b"rubbish!")]
    for what, packed in bad:
        refused(post(recv, "/v1/traces", packed, ct,
                     ["Content-Encoding: gzip"]), 400, ct, "400: " + what)
    refused(post(recv, "/v1/traces", zstd(body)[:-3], ct,
                 ["Content-Encoding: zstd"]), 400, ct, "400: truncated zstd")
    refused(post(recv, "/v1/traces", zlib.compress(body)[:-5], ct,
                 ["Content-Encoding: deflate"]), 400, ct,
            "400: truncated deflate")
    for coding in ("br", "gzip, gzip", "compress"):
        refused(post(recv, "/v1/traces", body, ct,
                     ["Content-Encoding: " + coding]), 415, ct,
                "415: Content-Encoding: " + coding)
arrived(0, "nothing of all that left")

# -- bad data -----------------------------------------------------------------
for what, body in (("bad JSON", b'{"resourceSpans":[}'), ("text", b"hello"),
                   ("empty JSON", b""), ("an array", b"[]"),
                   ("half a document", spans_json(1)[:-20]),
                   ("two documents", spans_json(1) + spans_json(1)),
                   ("too deep", b'{"resourceSpans":' + b"[" * 5000 +
                    b"]" * 5000 + b"}")):
    refused(post(recv, "/v1/traces", body), 400, JSON, "400: " + what)
for n in (1, 5, 20, len(spans_pb(1)) - 1):
    refused(post(recv, "/v1/traces", spans_pb(1)[:n], PROTO), 400, PROTO,
            "400: protobuf cut after %d bytes" % n)
refused(post(recv, "/", b"\x0a\x00", PROTO), 400, PROTO,
        "400: protobuf on / that holds no record")
arrived(0, "nothing of all that left")

# -- wrong type, path, method ---------------------------------------------------
for ct in (None, "text/plain", "application/x-www-form-urlencoded",
           "application/jsonx", "application/grpc", "multipart/form-data"):
    refused(post(recv, "/v1/traces", spans_json(1), ct), 415, JSON,
            "415: Content-Type %s" % ct)
for path in ("/v1/trace", "/v2/traces", "/v1/traces/x", "/v1", "/favicon.ico"):
    refused(post(recv, path, spans_json(1)), 404, JSON, "404: " + path)
refused(post(recv, "/v1/profiles", b"x", PROTO), 404, PROTO,
        "404 in protobuf to protobuf")
for m in ("GET", "PUT", "DELETE", "OPTIONS", "PATCH"):
    r = ask(recv, request(m, "/v1/traces", b"", JSON))
    refused(r, 405, JSON, "405: %s" % m)
    same(r.headers.get("allow"), "POST", "with Allow: POST")
r = ask(recv, request("POST", "/health", b"x", JSON))
refused(r, 405, JSON, "405: POST /health")
same(r.headers.get("allow"), "GET, HEAD", "with its Allow")
r = ask(recv, request("GET", "/health"))
ok(r.status == 200 and json.loads(r.body)["status"] == "ok", "GET /health", r)
r = ask(recv, request("HEAD", "/health"), head_only=True)
ok(r.status == 200 and r.body == b"", "HEAD /health: no body", r)

# The text format of Prometheus: HELP and TYPE before the samples of a name.
r = ask(recv, request("GET", "/metrics"))
ok(r.status == 200 and r.type.startswith("text/plain; version=0.0.4"),
   "GET /metrics", r)
typed, bad = set(), []
samples = {}
for line in r.body.decode().splitlines():
    if line.startswith("# TYPE "):
        typed.add(line.split()[2])
    elif not line.startswith("# HELP "):
        name, value = line.rsplit(" ", 1)
        if name.split("{")[0] not in typed:
            bad.append(line)
        samples[name] = int(value)
same(bad, [], "every sample has its type")


def summed(name, *labels):
    """All samples of the name that have these labels."""
    return sum(v for k, v in samples.items() if k.split("{")[0] ==
               "aitrace_recv_" + name and all(x in k for x in labels))


same(summed("records_total", 'outcome="written"'), got,
     "and it counts what was written")
same(summed("records_total", 'outcome="rejected"'), 2,
     "and what was rejected")
for kind in "traces", "logs", "metrics":
    ok(summed("records_total", 'outcome="written"',
              'signal="%s"' % kind) > 0, "by signal: " + kind)
same(summed("records_total", 'protocol="grpc"'), 0, "by protocol")
same(summed("not_accepted_total"), summed("requests_total") -
     summed("requests_total", 'outcome="accepted"'),
     "what was not accepted has a cause")
for cause in "path", "method", "type", "bad_data":
    ok(summed("not_accepted_total", 'cause="%s"' % cause) > 0,
       "some: " + cause)
ok(abs(samples["aitrace_recv_last_write_timestamp_seconds"] - time.time()) <
   600, "when something was written last")
if shutil.which("promtool"):
    p = subprocess.run(["promtool", "check", "metrics"], input=r.body,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    same((p.returncode, p.stdout), (0, b""), "promtool check metrics")
else:
    skip("promtool check metrics", "no promtool")

# -- browsers ---------------------------------------------------------------------
for host in ("localhost", "127.0.0.1", "127.0.0.1:9", "[::1]:4318",
             "LOCALHOST:4318"):
    r = ask(recv, request("GET", "/health", host=host))
    ok(r.status == 200, "Host: %s is this machine" % host, r)
for host in ("evil.example", "evil.example:4318", "10.0.0.1",
             "localhost.evil.example", "127.0.0.1.evil.example", "[::2]",
             "localhost:80x"):
    refused(post(recv, "/v1/traces", spans_json(1), host=host), 403, JSON,
            "403: Host: %s" % host)
r = post(recv, "/v1/traces", spans_json(1), JSON,
         ["Origin: https://evil.example"])
refused(r, 403, JSON, "403: a web page's request")
ok(not any(h.startswith("access-control") for h in r.headers),
   "without leave by CORS", r)
r = ask(recv, request("GET", "/health", host=None, version="HTTP/1.0"))
ok(r.status == 200, "HTTP/1.0 without Host", r)
arrived(0, "nothing of all that left")

# -- size ---------------------------------------------------------------------------
big = spans_json(1, pad=1 << 20)
refused(post(recv, "/v1/traces", big), 413, JSON, "413: Content-Length")
refused(ask(recv, send_chunked("/v1/traces", big, JSON, size=65536)), 413,
        JSON, "413: chunked")
refused(post(recv, "/v1/traces", gzip.compress(big), JSON,
             ["Content-Encoding: gzip"]), 413, JSON, "413: after gzip")
refused(post(recv, "/v1/traces", zstd(big), JSON,
             ["Content-Encoding: zstd"]), 413, JSON, "413: after zstd")
refused(post(recv, "/v1/traces", zlib.compress(big), JSON,
             ["Content-Encoding: deflate"]), 413, JSON, "413: after deflate")
refused(post(recv, "/v1/traces", b"\0" * (2 << 20), PROTO,
             ["Content-Encoding: gzip"]), 413, PROTO, "413: packed body")
pad = (1 << 20) - len(spans_json(1))
r = post(recv, "/v1/traces", spans_json(1, pad=pad))
ok(r.status == 200, "exactly the limit is taken", r)
arrived(1, "and its span has left")
refused(post(recv, "/v1/traces", spans_json(1, pad=pad + 1)), 413, JSON,
        "413: one byte more")
r = post(recv, "/v1/traces", gzip.compress(spans_json(1, pad=pad)), JSON,
         ["Content-Encoding: gzip"])
ok(r.status == 200, "exactly the limit after gzip is taken", r)
arrived(1, "and its span has left")
refused(post(recv, "/v1/traces", gzip.compress(spans_json(1, pad=pad + 1)),
             JSON, ["Content-Encoding: gzip"]), 413, JSON,
        "413: one byte more after gzip")
with recv.connect() as s:
    s.sendall(request("POST", "/v1/traces", b"", JSON,
                      ["Expect: 100-continue", "Content-Length: 5000000"],
                      length=False))
    refused(read_reply(s), 413, JSON, "413 at once instead of 100-continue")
arrived(0, "nothing of all that left")

# -- connections --------------------------------------------------------------------
with recv.connect() as s:
    s.sendall(b"".join(request("POST", "/v1/traces", spans_json(1, first=i),
                               JSON) for i in range(1, 21)))
    buf, n = b"", 0
    while n < 20:
        more = s.recv(65536)
        if not more:
            break
        buf += more
        n = buf.count(b"HTTP/1.1 200 OK")
    same(n, 20, "twenty pipelined requests get twenty answers")
arrived(20, "and their spans have left")
same([x["name"] for x in recv.lines()[-20:]],
     ["span-%d" % i for i in range(1, 21)], "in order")
with recv.connect() as s:
    for i in range(3):
        s.sendall(send_chunked("/v1/traces", spans_json(1), JSON))
        same(read_reply(s).status, 200, "kept alive, request %d" % i)
    s.sendall(request("POST", "/v1/traces", b"{", JSON))
    same(read_reply(s).status, 400, "a bad one between")
    s.sendall(request("POST", "/nowhere", b"{}", JSON))
    same(read_reply(s).status, 404, "one to nowhere")
    s.sendall(request("POST", "/v1/traces", spans_json(1), JSON))
    same(read_reply(s).status, 200, "and the connection still serves")
arrived(4, "four spans have left")
with recv.connect() as s:
    s.sendall(request("POST", "/v1/traces", b"", JSON,
                      ["Expect: 100-continue",
                       "Content-Length: %d" % len(spans_json(1))],
                      length=False))
    same(read_reply(s).status, 100, "100-continue is said")
    s.sendall(spans_json(1))
    same(read_reply(s).status, 200, "and the body taken")
arrived(1, "its span has left")

# -- garbage: the connection may end, the server may not -------------------------
for what, raw in (
        ("noise", bytes(range(256)) * 20),
        ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" +
         b"\0" * 500),
        ("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("a negative length", b"POST /v1/traces HTTP/1.1\r\nHost: localhost"
         b"\r\nContent-Length: -1\r\n\r\n"),
        ("an absurd length", b"POST /v1/traces HTTP/1.1\r\nHost: localhost"
         b"\r\nContent-Type: application/json"
         b"\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        ("an absurd chunk", b"POST /v1/traces HTTP/1.1\r\nHost: localhost"
         b"\r\nContent-Type: application/json"
         b"\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx"),
        ("a chunk size that is none", b"POST /v1/traces HTTP/1.1\r\n"
         b"Host: localhost\r\nContent-Type: application/json\r\n"
         b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        ("an unknown Transfer-Encoding", request(
            "POST", "/v1/traces", b"", JSON, ["Transfer-Encoding: gzip"],
            length=False) + b"{}"),
        ("headers without end", b"POST /v1/traces HTTP/1.1\r\n" +
         b"X-A: " + b"a" * 100000)):
    with recv.connect() as s:
        try:
            s.sendall(raw)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            r = read_reply(s)
        except OSError:
            r = None
        ok(r is None or 400 <= r.status < 600,
           "%s: refused or cut" % what, r)
r = ask(recv, request("GET", "/health"))
same(r.status, 200, "the server still serves")
arrived(0, "nothing of all that left")

# A body that ends before its end is no request.
body = spans_json(1)
for what, raw in (("Content-Length", request(
        "POST", "/v1/traces", b"", JSON, ["Content-Length: %d" % len(body)],
        length=False) + body[:-3]),
        ("chunked", send_chunked("/v1/traces", body, JSON)[:-5]),
        ("chunked, at a chunk's end",
         request("POST", "/v1/traces", b"", JSON,
                 ["Transfer-Encoding: chunked"], length=False) +
         b"%x\r\n%s\r\n" % (len(body), body))):
    with recv.connect() as s:
        s.sendall(raw)
        s.shutdown(socket.SHUT_WR)
        r = read_reply(s)
        ok(r is None or r.status >= 400, "half a body (%s): not taken" % what,
           r)
arrived(0, "nothing of it left")

code, err = recv.stop()
same(code, 0, "SIGTERM: exit 0")
same(recv.out.count(b"\n"), got, "not a line more or less")
unlike = [x for x in err.splitlines() if not x.startswith("aitrace-recv: ")]
same(unlike, [], "stderr has only its own lines")
done()
