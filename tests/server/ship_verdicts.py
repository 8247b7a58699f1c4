"""aitrace-ship: what each answer of a server means, a row a status; how many
requests it takes to find refused records; whose delivery the ledger notes."""
import concurrent.futures
import json
import math
import os
import tempfile

from fakeserver import Server
from recvlib import done, ok, same
from shiplib import BASIC, KEYS, keys, lines, ship, span

RECS = [span(i) for i in range(40)]


def got(server):
    return sorted({(s["trace_id"], s["span_id"]) for s in server.spans})


def parked(tmp):
    try:
        with open(os.path.join(tmp, "parked.ndjson"), "rb") as f:
            return [json.loads(x) for x in f]
    except FileNotFoundError:
        return []


def segments(tmp):
    return [f for f in os.listdir(tmp) if f.startswith("20")]


def trial(case):
    """One answer, then whatever the rule leaves to a good server; then one
    that is good."""
    rule = case[0]
    with tempfile.TemporaryDirectory() as tmp:
        s = Server([rule], auth=BASIC)
        # Only who waits for no answer is to give up waiting.
        wait = "5s" if rule.get("do") == "hang" else "60s"
        p = ship(RECS, "--spool", tmp, "--retry-for", "60s", "--in-flight",
                 "1", "--timeout", wait, server=s)
        first = (p.returncode, bool(segments(tmp)), len(s.posts()))
        s.script = []
        ship(b"", "--spool", tmp, "--once", server=s)
        out = (first, got(s), len(parked(tmp)),
               len({r["sum"] for r in s.posts()}))
        s.close()
        return out


def table():
    cases = list(rows())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for case, out in zip(cases, pool.map(trial, cases)):
            rule, status, left, requests, name = case
            same(out[0], (status, left, requests), name)
            if rule.get("status", 0) not in range(200, 300):
                same(out[1:3], (keys(RECS), 0), name + ": nothing is lost")
                same(out[3], 3 if rule.get("status") == 413 else 1,
                     name + ": the same bytes each time")


def rows():
    for status in (200, 201, 202, 204, 207):
        yield ({"status": status}, 0, False, 1, "%d: delivered" % status)
    for status in (408, 425, 429, 500, 502, 503, 504, 507, 599):
        yield ({"status": status}, 0, False, 2, "%d: again" % status)
    yield ({"status": 503, "headers": {"Retry-After": "1"}}, 0, False, 2,
        "503 with Retry-After: again")
    yield ({"do": "reset"}, 0, False, 2, "connection reset: again")
    yield ({"do": "lost"}, 0, False, 2, "reset after it was accepted: again")
    yield ({"do": "half"}, 0, False, 2, "half an answer: again")
    yield ({"do": "hang"}, 0, False, 2, "no answer: again")
    yield ({"status": 413}, 0, False, 3, "413: in halves")
    yield ({"status": 200, "body": "\x00{broken"}, 0, False, 1,
        "200 with a broken body: delivered")
    for status in (401, 402, 403, 407):
        yield ({"status": status, "times": 0}, 77, True, 1,
            "%d: stop, keep everything" % status)
    for status in (301, 302, 307, 404, 405, 406, 410, 415, 501, 505):
        yield ({"status": status, "times": 0}, 78, True, 1,
            "%d: wrong place, stop, keep everything" % status)


def bisect(n, bad, flight):
    recs = [span(i) for i in range(n)]
    for i in bad:
        recs[i]["name"] = "BAD"
    k = len(bad)
    name = "%d bad of %d, %d in flight" % (k, n, flight)
    with tempfile.TemporaryDirectory() as tmp:
        s = Server([{"status": 400, "name": "BAD", "times": 0,
                     "body": '{"error":"name: BAD is bad"}'}], auth=BASIC)
        p = ship(recs, "--spool", tmp, "--in-flight", str(flight), server=s)
        same((p.returncode, got(s), segments(tmp)),
             (65, keys(r for r in recs if r["name"] != "BAD"), []),
             name + ": the others are delivered")
        most = 2 * k * (math.log2(n / k) + 2)
        ok(len(s.posts()) <= most, name + ": in O(k log n) requests",
           len(s.posts()), most)
        same(len(s.spans), n - k, name + ": once each")
        same(sorted((x["line"]["span_id"], x["parked"]["status"],
                     x["parked"]["reason"]) for x in parked(tmp)),
             sorted((recs[i]["span_id"], 400, "name: BAD is bad")
                    for i in bad), name + ": parked with the reason")
        s.script = []
        p = ship(b"", "--spool", tmp, "--once", "--retry-parked", server=s)
        same((p.returncode, got(s), parked(tmp), len(s.spans)),
             (0, keys(recs), [], n), name + ": and delivered when asked to")
        s.close()


def hopeless():
    """A server that refuses all: it is not the records, none is parked."""
    with tempfile.TemporaryDirectory() as tmp:
        s = Server([{"status": 400, "times": 0, "body": "no"}], auth=BASIC)
        for n in range(2):
            p = ship(RECS if n == 0 else b"", "--spool", tmp, server=s)
            same((p.returncode, parked(tmp), bool(segments(tmp))),
                 (78, [], True), "400 for everything, run %d: none parked" % n)
        ok("refuses whatever it is sent: no" in p.err, "told", p.err)
        s.script = []
        same((ship(b"", "--spool", tmp, "--once", server=s).returncode,
              got(s)), (0, keys(RECS)), "all are delivered later")
        s.script = [{"status": 400, "times": 0, "body": "no"}]
        p = ship([span(i) for i in range(50, 53)], "--spool", tmp, server=s)
        same((p.returncode, len(parked(tmp)), segments(tmp)), (65, 3, []),
             "a few that are refused: parked")
        s.close()


def projects():
    """The same URL, another project: it is another destination."""
    with tempfile.TemporaryDirectory() as tmp:
        s = Server()
        other = dict(KEYS, LANGFUSE_PUBLIC_KEY="pk-lf-other",
                     LANGFUSE_SECRET_KEY="sk-lf-other")
        args = ("--spool", tmp, "--skip-delivered", "-v")
        p = ship(RECS, *args, server=s)
        same((p.returncode, len(s.spans)), (0, 40), "delivered to one project")
        p = ship(RECS, *args, server=s, env=other)
        same((p.returncode, len(s.spans)), (0, 80),
             "which does not count for another")
        for env in (KEYS, other):
            p = ship(RECS, *args, server=s, env=env)
            same((p.returncode, len(s.spans)), (0, 80), "but for itself")
        for name in os.listdir(tmp):
            with open(os.path.join(tmp, name), "rb") as f:
                ok(b"sk-lf" not in f.read(), "no key in " + name)
        with open(os.path.join(tmp, ".delivered"), "ab") as f:
            f.write(b"cut")
        more = [span(i) for i in range(100, 110)]
        for n in range(2):
            p = ship(more, *args, server=s)
            same((p.returncode, len(s.spans)), (0, 90),
                 "a cut key hides none, run %d" % n)
        s.close()


table()
for n, bad in ((1024, [700]), (1024, [3, 4, 5, 511, 512, 1023]),
               (1000, range(20)), (256, range(0, 256, 16)), (1, [0])):
    for flight in (1, 4):
        bisect(n, bad, flight)
hopeless()
projects()
done()
