"""aitrace-ship on the way: servers that ask for a certificate, proxies, HTTP/2,
by the standard variables; with real programs where there are any."""
import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from fakeserver import Server
from recvlib import done, ok, same, skip
from shiplib import BASIC, KEYS, keys, ship, span

OTLP = ("/v1/traces", "/v1/logs", "/v1/metrics")
LOG = {"record": "log", "time": "2026-11-21T00:00:00.000000001Z",
       "body": "hello", "resource": {"service.name": "t"}, "attributes": {}}
RECS = [span(i) for i in range(20)]


def got(server):
    return sorted({(s["trace_id"], s["span_id"]) for s in server.spans})


class Certificates:
    """An authority; a server and a client with certificates of it, and a
    client of another."""

    def __init__(self, tmp):
        self.tmp = tmp
        with open(self["ext"], "w") as f:
            f.write("subjectAltName=IP:127.0.0.1\n")
        for ca in ("ca", "other"):
            self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                     "-keyout", ca + ".key", "-out", ca + ".pem", "-days", "2",
                     "-subj", "/CN=" + ca)
        self.signed("server", "ca")
        self.signed("client", "ca")
        self.signed("stranger", "other")

    def __getitem__(self, name):
        return os.path.join(self.tmp, name)

    def run(self, *args):
        subprocess.run(["openssl"] + list(args), cwd=self.tmp, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def signed(self, who, ca):
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-keyout",
                 who + ".key", "-out", who + ".csr", "-subj", "/CN=" + who)
        self.run("x509", "-req", "-in", who + ".csr", "-CA", ca + ".pem",
                 "-CAkey", ca + ".key", "-CAcreateserial", "-days", "2",
                 "-extfile", "ext", "-out", who + ".pem")


def client_certificate(c):
    s = Server(auth=BASIC, cert=c["server.pem"], key=c["server.key"],
               clients=c["ca.pem"])
    p = ship(RECS, "--cacert", c["ca.pem"], "--retry-for", "700ms", server=s)
    ok(p.returncode != 0 and got(s) == [], "without a certificate the server "
       "takes nothing", p.returncode, p.err)
    p = ship(RECS, "--cacert", c["ca.pem"], "--cert", c["stranger.pem"],
             "--cert-key", c["stranger.key"], "--retry-for", "700ms", server=s)
    ok(p.returncode != 0 and got(s) == [], "nor with another authority's",
       p.returncode, p.err)
    p = ship(RECS, "--cacert", c["ca.pem"], "--cert", c["client.pem"],
             "--cert-key", c["client.key"], server=s)
    same((p.returncode, got(s)), (0, keys(RECS)), "--cert and --cert-key")
    p = ship(RECS, "--cacert", c["ca.pem"], "--cert", c["client.pem"],
             "--cert-key", c["stranger.key"], server=s)
    ok(p.returncode == 78, "a key that does not fit is a mistake of ours",
       p.returncode, p.err)
    p = ship(RECS, "--cacert", c["none"], server=s)
    ok(p.returncode == 78, "so is a file that is not there", p.returncode,
       p.err)
    s.close()
    s = Server(paths=OTLP, cert=c["server.pem"], key=c["server.key"],
               clients=c["ca.pem"])
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": s.url,
           "OTEL_EXPORTER_OTLP_CERTIFICATE": c["ca.pem"],
           "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": c["client.pem"],
           "OTEL_EXPORTER_OTLP_CLIENT_KEY": c["client.key"]}
    p = ship(RECS + [LOG], "--to", "otlp", env=env)
    same((p.returncode, got(s)), (0, keys(RECS)),
         "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _KEY")
    env.update({"OTEL_EXPORTER_OTLP_CERTIFICATE": c["other.pem"],
                "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": c["stranger.pem"],
                "OTEL_EXPORTER_OTLP_CLIENT_KEY": c["stranger.key"]})
    for k, v in (("CERTIFICATE", "ca.pem"), ("CLIENT_KEY", "client.key"),
                 ("CLIENT_CERTIFICATE", "client.pem")):
        env["OTEL_EXPORTER_OTLP_TRACES_" + k] = c[v]
    s.spans = []
    p = ship(RECS, "--to", "otlp", env=env)
    same((p.returncode, got(s)), (0, keys(RECS)),
         "those of one signal go first")
    s.close()


def timeout():
    s = Server([{"do": "hang"}], paths=OTLP)
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": s.url,
           "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "200"}
    p = ship(RECS, "--to", "otlp", "-v", env=env)
    ok(p.returncode == 0 and got(s) == keys(RECS) and len(s.posts()) == 2,
       "OTEL_EXPORTER_OTLP_TIMEOUT ends a request that hangs", p.err)
    s.close()


def presets():
    """The places the documentation of each names."""
    want = {"otlp": OTLP, "collector": OTLP, "alloy": OTLP,
            "datadog-agent": OTLP, "tempo": OTLP[:1], "jaeger": OTLP[:1]}
    metric = {"record": "metric", "name": "m", "type": "gauge", "value": 3,
              "time": LOG["time"], "attributes": {}}
    for name, paths in want.items():
        s = Server(paths=OTLP)
        p = ship(RECS + [LOG, metric], "--to", "%s=%s" % (name, s.url),
                 env={})
        same((p.returncode, sorted(r["path"] for r in s.posts())),
             (0, sorted(paths)), name)
        s.close()


# ---- real programs -----------------------------------------------------------

def listening(pid):
    """The port on 127.0.0.1 that the process listens on, or None."""
    inodes = set()
    try:
        for fd in os.listdir("/proc/%d/fd" % pid):
            m = re.match(r"socket:\[(\d+)\]",
                         os.readlink("/proc/%d/fd/%s" % (pid, fd)))
            if m:
                inodes.add(m.group(1))
        with open("/proc/%d/net/tcp" % pid) as f:
            for line in f.readlines()[1:]:
                w = line.split()
                if w[3] == "0A" and w[9] in inodes:
                    return int(w[1].split(":")[1], 16)
    except OSError:
        pass
    return None


def wait_port(p, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and p.poll() is None:
        port = listening(p.pid)
        if port:
            return port
        time.sleep(0.02)
    return None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def tinyproxy(tmp, more=""):
    """(process, port, log file); its port is one that was free just now."""
    for _ in range(5):
        port = free_port()
        log, conf = os.path.join(tmp, "log"), os.path.join(tmp, "conf")
        with open(conf, "w") as f:
            f.write("Port %d\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\n"
                    "LogFile \"%s\"\nLogLevel Info\nAllow 127.0.0.1\n%s"
                    % (port, log, more))
        p = subprocess.Popen(["tinyproxy", "-d", "-c", conf],
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        if wait_port(p) == port:
            return p, port, log
        p.kill()
        p.wait()
    raise RuntimeError("tinyproxy does not start")


def end(p):
    p.terminate()
    p.wait()


def seen(log, what):
    """The proxy writes it when it is done with it."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with open(log) as f:
            if re.search(what, f.read()):
                return True
        time.sleep(0.05)
    return False


def proxies(tmp, c):
    if not shutil.which("tinyproxy"):
        skip("a real proxy", "tinyproxy is not installed")
        return
    p, port, log = tinyproxy(tmp)
    url = "http://127.0.0.1:%d" % port
    plain = Server(auth=BASIC)
    for var in ("http_proxy", "all_proxy"):
        plain.spans = []
        r = ship(RECS, server=plain, env=dict(KEYS, **{var: url}))
        same((r.returncode, got(plain)), (0, keys(RECS)), var)
    ok(seen(log, r"POST http://" + re.escape(plain.address)),
       "the proxy was asked")
    tls = Server(auth=BASIC, cert=c["server.pem"], key=c["server.key"])
    for var in ("https_proxy", "HTTPS_PROXY"):
        tls.spans = []
        r = ship(RECS, "--cacert", c["ca.pem"], server=tls,
                 env=dict(KEYS, **{var: url}))
        same((r.returncode, got(tls)), (0, keys(RECS)), var + " and TLS")
    ok(seen(log, "CONNECT " + re.escape(tls.address)),
       "the proxy was asked for a tunnel")
    end(p)
    for var in ("no_proxy", "NO_PROXY"):
        tls.spans = []
        r = ship(RECS, "--cacert", c["ca.pem"], server=tls, env=dict(
            KEYS, **{var: "127.0.0.1,localhost", "https_proxy": url}))
        same((r.returncode, got(tls)), (0, keys(RECS)), var)
    tls.spans = []
    r = ship(RECS, "--cacert", c["ca.pem"], "--retry-for", "700ms", server=tls,
             env=dict(KEYS, https_proxy=url))
    ok(r.returncode == 75 and got(tls) == [], "a proxy that is gone is "
       "trouble that may pass", r.returncode, r.err)
    p, port, log = tinyproxy(tmp, "BasicAuth user s3cret\n")
    r = ship(RECS, "--cacert", c["ca.pem"], "--retry-for", "700ms", server=tls,
             env=dict(KEYS, https_proxy="http://127.0.0.1:%d" % port))
    ok(r.returncode != 0 and got(tls) == [], "a proxy that wants a password",
       r.returncode, r.err)
    r = ship(RECS, "-vv", "--cacert", c["ca.pem"], server=tls, env=dict(
        KEYS, https_proxy="http://user:s3cret@127.0.0.1:%d" % port))
    same((r.returncode, got(tls)), (0, keys(RECS)), "gets it")
    ok("s3cret" not in r.err and base64.b64encode(b"user:s3cret").decode()
       not in r.err, "and nobody else", r.err)
    end(p)
    plain.close()
    tls.close()


def http2(tmp, c):
    if not shutil.which("nghttpd"):
        skip("HTTP/2", "nghttpd is not installed")
        return
    os.makedirs(os.path.join(tmp, "v1"))
    with open(os.path.join(tmp, "v1", "traces"), "w"):
        pass
    with open(os.path.join(tmp, "frames"), "w") as log:
        p = subprocess.Popen(["nghttpd", "-v", "-a", "127.0.0.1", "-d", tmp,
                              "0", c["server.key"], c["server.pem"]],
                             stdout=log, stderr=subprocess.STDOUT)
    port = wait_port(p)
    recs = [span(i, size=3000) for i in range(400)]
    r = ship(recs, "--to", "otlp=https://127.0.0.1:%d" % port, "--cacert",
             c["ca.pem"], "--compress", "none", "--batch-count", "100", "-v",
             env={})
    end(p)
    with open(os.path.join(tmp, "frames"), errors="replace") as f:
        text = f.read()
    same((r.returncode, text.count(":path: /v1/traces")), (0, 4),
         "HTTP/2: four requests")
    ok("delivered=400" in r.err and " requests=4 " in r.err and
       " again=0 " in r.err, "HTTP/2: all of them", r.err)
    sent = int(re.search(r" bytes=(\d+)", r.err).group(1))
    same(sum(int(n) for n in re.findall(r"content-length: (\d+)", text)),
         sent, "HTTP/2: every byte is announced")
    same(sum(int(n) for n in re.findall(
        r"recv DATA frame <length=(\d+)", text)), sent,
        "HTTP/2: every byte comes, in DATA frames")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        timeout()
        presets()
        if not shutil.which("openssl"):
            skip("TLS", "openssl is not installed")
            done()
        os.mkdir(os.path.join(tmp, "c"))
        c = Certificates(os.path.join(tmp, "c"))
        client_certificate(c)
        proxies(tmp, c)
        http2(tmp, c)
    done()


sys.exit(main())
