"""Where aitrace-ship delivers: OTLP by the standard variables, TLS, proxies,
several destinations, standard output; and that nothing goes to Langfuse that
would make it lose a request."""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import otlpread
from fakeserver import Server, TRACES
from recvlib import done, ok, same, skip
from shiplib import BASIC, KEYS, keys, lines, ship, span

OTLP = ("/v1/traces", "/v1/logs", "/v1/metrics")
LOG = {"record": "log", "time": "2026-11-21T00:00:00.000000001Z",
       "body": "hello", "resource": {"service.name": "t"}, "attributes": {}}
METRIC = {"record": "metric", "name": "m", "type": "gauge",
          "time": "2026-11-21T00:00:00.000000001Z", "value": 3,
          "resource": {"service.name": "t"}, "attributes": {}}


def got(server):
    return sorted((s["trace_id"], s["span_id"]) for s in server.spans)


def otlp():
    recs = [span(i) for i in range(5)]
    s = Server(paths=OTLP)
    p = ship(recs + [LOG, METRIC, LOG], "--to", "otlp", "-e", s.url, env={})
    same((p.returncode, got(s)), (0, keys(recs)), "otlp: spans")
    same(sorted((r["path"], r.get("count", 0)) for r in s.posts()),
         [("/v1/logs", 2), ("/v1/metrics", 1), ("/v1/traces", 0)],
         "otlp: logs and metrics to their own paths")
    s.close()
    s = Server(paths=OTLP)
    p = ship(recs, "--to", "otlp", env={
        "OTEL_EXPORTER_OTLP_ENDPOINT": s.url + "/",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-a=b%20c, Authorization=Basic%20x",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "none"})
    same((p.returncode, got(s)), (0, keys(recs)), "otlp by the variables")
    h = s.posts()[0]["headers"]
    same((h["x-a"], h["authorization"], h["content-type"],
          h.get("content-encoding")),
         ("b c", "Basic x", "application/json", None),
         "headers, protocol and compression by the variables")
    s.close()
    s = Server(paths=["/odd/traces"] + list(OTLP))
    p = ship(recs + [LOG], "--to", "otlp", env={
        "OTEL_EXPORTER_OTLP_ENDPOINT": s.url,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": s.url + "/odd/traces",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-t=1",
        "OTEL_EXPORTER_OTLP_HEADERS": "x-g=1"})
    same(p.returncode, 0, "the variables of one signal")
    same(sorted((r["path"], "x-t" in r["headers"], "x-g" in r["headers"])
                for r in s.posts()),
         [("/odd/traces", True, False), ("/v1/logs", False, True)],
         "go first, and the endpoint is taken as it is")
    s.close()
    partial = b"\x0a\x06\x08\x02\x12\x02no"     # {1:{1:2, 2:"no"}}
    for body, kind in ((partial.decode("latin-1"), "application/x-protobuf"),
                       ('{"partialSuccess":{"rejectedSpans":"2",'
                        '"errorMessage":"no"}}', "application/json")):
        s = Server([{"status": 200, "body": body,
                     "headers": {"Content-Type": kind}}], paths=OTLP)
        p = ship(recs, "--to", "otlp", "-e", s.url, "-v", env={})
        ok(p.returncode == 65 and "delivered=3 refused=0 rejected=2" in p.err
           and "not all records in it: no" in p.err and len(s.posts()) == 1,
           "partial success in %s" % kind, p.returncode, p.err)
        s.close()
    s = Server(paths=["/otel/v1/traces"])
    p = ship(recs, "--to", "langsmith", env={
        "LANGSMITH_ENDPOINT": s.url, "LANGSMITH_API_KEY": "k1",
        "LANGSMITH_PROJECT": "p1"})
    h = s.posts()[0]["headers"]
    same((p.returncode, h["x-api-key"], h["langsmith-project"], got(s)),
         (0, "k1", "p1", keys(recs)), "langsmith")
    s.close()


def several():
    recs = [span(i) for i in range(20)]
    a, b = Server(auth=BASIC), Server([{"status": 401, "times": 0}],
                                      paths=OTLP)
    p = ship(recs, "--to", "langfuse", "--to", "otlp=" + b.url, server=a)
    same((p.returncode, got(a), got(b)), (77, keys(recs), []),
         "one refuses, the other gets all")
    b.script = []
    p = ship(recs, "--to", "langfuse", "--to", "otlp=" + b.url, server=a)
    same((p.returncode, got(b)), (0, keys(recs)), "both take it")
    a.close()
    b.close()


def stdout():
    recs = [span(i) for i in range(25)]
    p = ship(recs + [LOG, METRIC], "--to", "stdout", "--batch-count", "10",
             env={})
    reqs = [json.loads(x) for x in p.stdout.splitlines()]
    same([len(otlpread.traces_json(r)) for r in reqs], [10, 10, 5, 0, 0],
         "stdout: a request a line")
    same(sorted((s["trace_id"], s["span_id"]) for r in reqs
                for s in otlpread.traces_json(r)), keys(recs),
         "stdout: all spans")
    same(p.returncode, 0, "stdout: exit status")
    p = ship(recs, "--dry-run", "--batch-count", "10", env={})
    same((p.returncode, [x.split()[:2] for x in
                         p.stdout.decode().splitlines()]),
         (0, [["signal=traces", "records=%d" % n] for n in (10, 10, 5)]),
         "--dry-run counts, without keys and without a server")


def killers():
    """Every way to make Langfuse lose a request, in one stream."""
    h = {"record": "span"}
    recs = [span(1), span(2, attributes={"a": None}),
            span(3, attributes={"u": {"input": 1}, "b": {"@bytes": "AA=="}}),
            span(4, attributes={"langfuse.observation.level": "error"}),
            span(5, parent_span_id="0" * 16),
            span(6, attributes={"a": [None, {"x": None}]}),
            span(7, resource={"service.version": 3, "n": None}),
            span(8, trace_id="A" * 32), span(9, trace_id="0" * 32),
            span(10, span_id=None), h, span(11, start_time="yesterday"),
            span(12, attributes={"langfuse.trace.name": "n" * 2000})]
    for form in ("protobuf", "json"):
        s = Server(auth=BASIC)
        p = ship(recs, "--format", form, server=s)
        posts = s.posts()
        same([r["status"] for r in posts], [200], form + ": one request, "
             "which Langfuse takes")
        same(posts[0]["killers"], [], form + ": no attribute without a value")
        by = {x["span_id"]: x for x in s.spans}
        for r in recs[:7] + recs[12:]:
            ok(r["span_id"] in by, form + ": %s goes" % r["name"])
        ok(all(x["trace_id"] == x["trace_id"].lower() for x in s.spans),
           form + ": ids are in small letters")
        same(by[recs[2]["span_id"]]["attributes"],
             {"u": '{"input":1}', "b": "AA=="},
             form + ": structures are text")
        same(by[recs[4]["span_id"]]["parent"], "", form + ": no parent")
        same(len(by[recs[12]["span_id"]]["attributes"]
                 ["langfuse.trace.name"]), 1000, form + ": name cut")
        ok(p.returncode == 65 and ":9: cannot be sent" in p.err and
           ":10: cannot" in p.err and ":11: cannot" in p.err and
           ":12: cannot" in p.err, form + ": the others are told", p.err)
        s.close()


def tls(tmp):
    if not shutil.which("openssl"):
        skip("TLS", "openssl is not installed")
        return

    def make(*args):
        subprocess.run(["openssl"] + list(args), cwd=tmp, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    make("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key",
         "-out", "ca.pem", "-days", "2", "-subj", "/CN=test-ca")
    make("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out",
         "s.csr", "-subj", "/CN=localhost")
    with open(os.path.join(tmp, "ext"), "w") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    make("x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "s.pem")
    recs = [span(i) for i in range(5)]
    ca = os.path.join(tmp, "ca.pem")
    s = Server(auth=BASIC, cert=os.path.join(tmp, "s.pem"),
               key=os.path.join(tmp, "s.key"))
    p = ship(recs, server=s)
    ok(p.returncode == 78 and got(s) == [] and "certificate" in p.err,
       "TLS: an unknown authority gets nothing", p.returncode, p.err)
    p = ship(recs, "--cacert", ca, server=s)
    same((p.returncode, got(s)), (0, keys(recs)), "TLS: --cacert")
    for var in ("SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        s.spans = []
        p = ship(recs, server=s, env=dict(KEYS, **{var: ca}))
        same((p.returncode, got(s)), (0, keys(recs)), "TLS: " + var)
    s.spans = []
    s.paths = set(OTLP)
    s.auth = None
    p = ship(recs, "--to", "otlp", "-e", s.url,
             env={"OTEL_EXPORTER_OTLP_CERTIFICATE": ca})
    same((p.returncode, got(s)), (0, keys(recs)),
         "TLS: OTEL_EXPORTER_OTLP_CERTIFICATE")
    s.close()


class Proxy:
    """An HTTP proxy that answers for everybody, and counts."""

    def __init__(self, server):
        self.seen = []
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.sock.getsockname()[1]
        self.to = server.address.split(":")
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                c, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def one(self, c):
        head = c.recv(65536)
        self.seen.append(head.split(b" ")[1].decode())
        # absolute form to origin form
        rest = head.replace(b"http://langfuse.invalid", b"", 1)
        s = socket.create_connection((self.to[0], int(self.to[1])))
        s.sendall(rest)
        threading.Thread(target=self.copy, args=(c, s), daemon=True).start()
        self.copy(s, c)

    @staticmethod
    def copy(a, b):
        try:
            while True:
                d = a.recv(65536)
                if not d:
                    break
                b.sendall(d)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def proxy():
    recs = [span(i) for i in range(5)]
    s = Server(auth=BASIC)
    x = Proxy(s)
    p = ship(recs, env=dict(KEYS, http_proxy=x.url,
                            LANGFUSE_BASE_URL="http://langfuse.invalid"))
    same((p.returncode, got(s), x.seen), (0, keys(recs),
         ["http://langfuse.invalid" + TRACES]), "by way of a proxy")
    s.close()


def unseen():
    """No key in the arguments of anything, in messages, at any level."""
    s = Server([{"status": 503}, {"status": 400}], auth=BASIC)
    p = ship([span(1), span(2)], "-vv", server=s)
    ok(KEYS["LANGFUSE_SECRET_KEY"] not in p.err and BASIC[6:] not in p.err,
       "-vv shows no key", p.err)
    s.close()


with tempfile.TemporaryDirectory() as tmp:
    otlp()
    several()
    stdout()
    killers()
    tls(tmp)
    proxy()
    unseen()
done()
