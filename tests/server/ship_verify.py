"""aitrace-ship --verify: what Langfuse's read API shows, and what it does not."""
import os
import signal
import subprocess
import time

from fakeserver import READ, READ_V3, Server
from recvlib import done, ok, same
from shiplib import BASE, BASIC, KEYS, command, lines, ship, span

RECS = [span(i) for i in range(35)]     # four traces
LOG = {"record": "log", "time": "2026-11-21T00:00:00.000000001Z",
       "body": "x", "attributes": {}}


def verify(recs, server, *more, **kw):
    return ship(recs, "--verify", *more, server=server, **kw)


def reads(server):
    return [r["path"] for r in server.requests if r["method"] == "GET"]


def there():
    for old in (False, True):
        s = Server(auth=BASIC)
        s.old = old
        name = "before version 4: " if old else ""
        p = verify(RECS, s, "--retry-for", "100ms")
        same((p.returncode, len(p.stdout.splitlines()), len(s.posts())),
             (1, 4, 0), name + "nothing is there, and nothing is sent")
        ship(RECS, server=s)
        p = verify(RECS + [LOG] + RECS[:3], s, "-v")
        same((p.returncode, p.stdout), (0, b""), name + "all is there")
        ok("traces=4 incomplete=0 spans=35 arrived=35 missing=0" in p.err,
           name + "and counted", p.err)
        same({r.split("?")[0] for r in reads(s)} - {READ},
             {READ_V3} if old else set(), name + "asked by the right API")
        s.close()


def some_missing():
    s = Server(auth=BASIC)
    ship(RECS[:12] + RECS[20:], server=s)
    p = verify(RECS, s, "--retry-for", "200ms")
    lost = sorted(r["span_id"] for r in RECS[12:20])
    same((p.returncode, p.stdout.decode()),
         (1, "trace=%s missing=8 of=10 spans=%s\n"
          % (RECS[12]["trace_id"], ",".join(lost))), "which are missing")
    ok("8 of 35 spans are not there, in 1 of 4 traces" in p.err,
       "and how many", p.err)
    s.close()


def late():
    s = Server(auth=BASIC)
    ship(RECS, server=s)
    s.hidden = {RECS[3]["span_id"]: 2, RECS[33]["span_id"]: 1}
    p = verify(RECS, s)
    same(p.returncode, 0, "what is shown later is waited for")
    same(len(reads(s)), 4 + 2 + 1, "only unfinished traces are asked again")
    s.close()


def pages():
    recs = [span(i, trace_id="ab" * 16) for i in range(1203)]
    for old in (False, True):
        s = Server(auth=BASIC)
        s.old = old
        ship(recs, server=s)
        p = verify(recs, s)
        name = "pages" + (" of the older API" if old else "")
        same((p.returncode, len(reads(s))), (0, 1 + 25 if old else 3), name)
        s.spans = s.spans[:-1]
        p = verify(recs, s, "--retry-for", "100ms")
        ok(p.returncode == 1 and b"missing=1 of=1203" in p.stdout,
           name + ": one is missing", p.stdout, p.err)
        s.close()


def verdicts():
    s = Server(auth=BASIC)
    ship(RECS, server=s)
    s.script = [{"status": 429, "headers": {"Retry-After": "0"}},
                {"status": 503, "times": 2}]
    p = verify(RECS, s)
    same(p.returncode, 0, "429 and 503 are asked again")
    s.script = [{"status": 503, "times": 0}]
    p = verify(RECS, s, "--retry-for", "300ms")
    same((p.returncode, p.stdout), (75, b""), "a server that is away: no "
         "answer is no answer")
    s.script = [{"status": 200, "body": "<html>"}]
    same(verify(RECS, s).returncode, 69, "who is no Langfuse")
    s.script = []
    p = verify(RECS, s, env=dict(KEYS, LANGFUSE_SECRET_KEY="sk-lf-other"))
    same(p.returncode, 77, "keys that are refused")
    same(verify(RECS, s, "--dry-run").returncode, 64, "--dry-run")
    same(verify(RECS, s, "--to", "otlp").returncode, 64, "--to otlp")
    same(verify([], s).returncode, 0, "nothing to ask")
    s.hidden = {RECS[0]["span_id"]: 10**6}
    before = len(reads(s))
    p = subprocess.Popen(command("--verify"), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS))
    p.stdin.write(lines(RECS))
    p.stdin.close()
    p.stdin = None
    while len(reads(s)) < before + 5:
        time.sleep(0.02)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=60)
    same((p.returncode, out), (75, b""), "a signal ends it")
    s.close()


there()
some_missing()
late()
pages()
verdicts()
done()
