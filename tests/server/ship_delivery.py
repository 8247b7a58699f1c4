"""aitrace-ship against a server that answers well, badly and not at all: what
was delivered, what was told, and the exit status."""
import array
import fcntl
import os
import signal
import subprocess
import tempfile
import termios
import time

from fakeserver import Server, TRACES
from recvlib import done, ok, same
from shiplib import (BASE, BASIC, KEYS, SK, command, key, keys, lines, ship,
                     span)


def delivered(server):
    return sorted({(s["trace_id"], s["span_id"]) for s in server.spans})


def result(p, server, status, records, name):
    """The status, the set delivered, the same bytes each time, no key."""
    same(p.returncode, status, name + ": exit status")
    if p.returncode != status:
        print("# " + p.err.replace("\n", "\n# "))
    same(delivered(server), keys(records), name + ": delivered")
    ok(SK not in p.err and BASIC[6:] not in p.err, name + ": no key told")


def plain():
    recs = [span(i) for i in range(50)]
    other = [{"record": "log", "time": "2026-11-21T00:00:00.000000000Z",
              "body": "b", "attributes": {}}, {"record": "x-unknown"}]
    for form in ("protobuf", "json"):
        s = Server(auth=BASIC)
        p = ship(recs + other, "--format", form, "-v", server=s)
        result(p, s, 0, recs, form)
        ok("delivered=50 refused=0 rejected=0 left=0 foreign=2" in p.err,
           form + ": the summary counts", p.err)
        r = s.posts()[0]
        h = r["headers"]
        same((r["path"], h["content-type"], h["content-encoding"],
              h["x-langfuse-ingestion-version"], h["x-langfuse-sdk-name"]),
             (TRACES, "application/" + ("json" if form == "json" else
                                        "x-protobuf"), "gzip", "4",
              "aitrace"), form + ": headers")
        ok(h["user-agent"].startswith("aitrace-ship/"), form + ": agent")
        want = {key(r): r for r in recs}
        bad = [g for g in s.spans
               if g["name"] != want[g["trace_id"], g["span_id"]]["name"] or
               g["attributes"] != want[g["trace_id"],
                                       g["span_id"]]["attributes"] or
               g["resource"]["service.name"] != "test" or
               g["end"] - g["start"] != 500]
        same(bad, [], form + ": every span as it was")
        s.close()
    s = Server(auth=BASIC)
    p = ship(recs, "--compress", "none", server=s)
    result(p, s, 0, recs, "uncompressed")
    same(s.posts()[0]["headers"].get("content-encoding"), None,
         "uncompressed: no such header")
    p = ship(b"", server=s)
    same((p.returncode, len(s.posts())), (0, 1), "nothing in, nothing sent")
    s.close()


def batches():
    recs = [span(i, size=6400) for i in range(400)]
    s = Server(auth=BASIC)
    p = ship(recs, "--batch-bytes", "256k", server=s)
    result(p, s, 0, recs, "by size")
    n = [r["bytes"] for r in s.posts()]
    ok(max(n) <= 256 * 1024 and len(n) >= 10, "no request over the size", n)
    ok(len({r["peer"] for r in s.posts()}) <= 4,
       "connections are kept and used again")
    s.close()
    s = Server(auth=BASIC)
    p = ship(recs, "--batch-count", "7", server=s)
    result(p, s, 0, recs, "by count")
    same(max(len(r["spans"]) for r in s.posts()), 7, "no request over it")
    s.close()
    s = Server(auth=BASIC)
    p = subprocess.Popen(command("--batch-age", "200ms"),
                         stdin=subprocess.PIPE,
                         env=dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS))
    p.stdin.write(lines(recs[:3]))
    p.stdin.flush()
    end = time.monotonic() + 20
    while not s.spans and time.monotonic() < end:
        time.sleep(0.02)
    same(len(s.spans), 3, "by age, while the input stays open")
    p.stdin.close()
    same(p.wait(20), 0, "and the end")
    s.close()
    big = [span(1, size=5000000), span(2)]
    s = Server(auth=BASIC)
    result(ship(big, server=s), s, 0, big, "a span larger than a request")
    s.close()


def again():
    recs = [span(i) for i in range(30)]
    for rule in ({"status": 503}, {"status": 500, "times": 2},
                 {"status": 502}, {"status": 504}, {"status": 408},
                 {"do": "reset"}, {"do": "half"}, {"do": "lost"},
                 {"status": 429, "headers": {"Retry-After": "1"}}):
        s = Server([rule], auth=BASIC)
        p = ship(recs, server=s)
        result(p, s, 0, recs, "after %r" % rule)
        sums = {r["sum"] for r in s.posts()}
        same(len(sums), 1, "after %r: the same bytes again" % rule)
        if "headers" in rule:
            at = [r["at"] for r in s.posts()]
            ok(0.99 <= at[1] - at[0] < 5, "Retry-After is obeyed", at)
        s.close()
    s = Server([{"do": "hang"}], auth=BASIC)
    result(ship(recs, "--timeout", "500ms", server=s), s, 0, recs,
           "after a server that hangs")
    s.close()
    when = time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                         time.gmtime(time.time() + 3))
    s = Server([{"status": 503, "headers": {"Retry-After": when}}],
               auth=BASIC)
    result(ship(recs, server=s), s, 0, recs, "Retry-After with a date")
    at = [r["at"] for r in s.posts()]
    ok(1.5 <= at[1] - at[0] < 8, "which is obeyed", at)
    s.close()


def refusals(tmp):
    recs = [span(i) for i in range(64)]
    recs[37]["name"] = "BAD"
    s = Server([{"status": 400, "name": "BAD", "times": 0, "body":
                 '{"error":"traceId:ab\\u001bsent"}'}], auth=BASIC)
    path = os.path.join(tmp, "refused")
    p = ship(recs, "--refused", path, server=s)
    result(p, s, 65, recs[:37] + recs[38:], "one bad span")
    ok(recs[37]["trace_id"] in p.err and recs[37]["span_id"] in p.err and
       "traceId:ab\\x1bsent" in p.err and "\x1b" not in p.err,
       "one bad span: told by its ids and the server's reason, escaped",
       p.err)
    ok(len(s.posts()) <= 14, "found in O(log n) requests", len(s.posts()))
    with open(path, "rb") as f:
        same(f.read(), lines([recs[37]]), "--refused has it as it came")
    s.close()
    s = Server([{"status": 413, "over": 10, "times": 0}], auth=BASIC)
    recs[37]["name"] = "good"
    result(ship(recs, server=s), s, 0, recs, "413 over ten spans")
    s.close()
    s = Server([{"status": 413, "times": 0}], auth=BASIC)
    result(ship(recs[:2], server=s), s, 65, [], "413 for a single span")
    s.close()
    s = Server([{"status": 400, "times": 0, "body": "no"}], auth=BASIC)
    p = ship(recs * 4, server=s)
    result(p, s, 78, [], "400 for everything")
    # Sixteen records alone convince it: 2k(log2(n/k) + 2) requests at most.
    ok("refuses whatever it is sent: no" in p.err and len(s.posts()) <= 192,
       "is told and given up", p.err, len(s.posts()))
    s.close()
    bad = span(3, trace_id="xyz")
    s = Server(auth=BASIC)
    p = ship(lines(recs[:2] + [bad]) + b"no json\n" + lines(recs[2:4]),
             server=s)
    result(p, s, 65, recs[:4], "a span without a usable id, a bad line")
    ok("stdin:3: cannot be sent" in p.err and "stdin:4" in p.err,
       "both are told with their line", p.err)
    s.close()


def stops(tmp):
    recs = [span(i) for i in range(2000)]
    left = os.path.join(tmp, "left")
    for status, want in ((401, 77), (403, 77), (404, 78), (405, 78),
                         (301, 78)):
        s = Server([{"status": status, "times": 0, "body":
                     '{"message":"because"}',
                     "headers": {"Location": "/elsewhere"}}], auth=BASIC)
        p = ship(recs, "--batch-count", "100", "--left", left, server=s)
        result(p, s, want, [], "status %d" % status)
        # It may have stopped reading before the end.
        with open(left, "rb") as f:
            kept = f.read().splitlines(True)
        ok(s.url + TRACES in p.err and "%d records were not delivered" %
           len(kept) in p.err, "status %d: the URL and how many are told" %
           status, p.err)
        ok(len(kept) >= 100 and sorted(kept) == sorted(
            lines(recs).splitlines(True)[:len(kept)]),
           "status %d: what was read is kept as it came" % status, len(kept))
        os.unlink(left)
        s.close()
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(recs, "--retry-for", "1s", "--left", left, server=s)
    result(p, s, 75, [], "a server that never recovers")
    ok("status 503" in p.err, "is told", p.err)
    s.script = []
    with open(left, "rb") as f:
        p = ship(f.read(), "--left", left + "2", server=s)
    result(p, s, 0, recs, "what was left, sent again")
    ok(not os.path.exists(left + "2"), "leaves no empty file")
    s.close()
    p = ship(recs[:3], "--retry-for", "1s", server=s)
    same(p.returncode, 75, "nobody there")
    ok("3 records were not delivered (--left FILE keeps them)" in p.err,
       "nobody there: told what to do", p.err)
    p = ship(recs[:3], env={})
    same(p.returncode, 77, "no keys")
    ok("LANGFUSE_PUBLIC_KEY" in p.err, "no keys: told which", p.err)
    for args, env, want in (
            (["--to", "nowhere"], KEYS, 64),
            (["--to", "otlp", "-e", "localhost:4318"], {}, 78),
            (["--to", "otlp", "-e", "http://u:p@h/"], {}, 78),
            (["--to", "stdout", "--to", "otlp"], {}, 64),
            (["--to", "stdout", "--format", "protobuf"], {}, 64),
            (["--left", "/nonexistent/x"], KEYS, 73),
            (["--to", "otlp"], {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, 78),
            (["--to", "langsmith"], {}, 77)):
        same(ship(b"", *args, env=env).returncode, want, "%r" % args)


def in_pipe(f):
    n = array.array("i", [0])
    fcntl.ioctl(f, termios.FIONREAD, n)
    return n[0]


def signals(tmp):
    recs = [span(i) for i in range(20)]
    s = Server(auth=BASIC)
    p = subprocess.Popen(command(), stdin=subprocess.PIPE,
                         env=dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS))
    p.stdin.write(lines(recs))
    p.stdin.flush()

    end = time.monotonic() + 20
    while in_pipe(p.stdin) and time.monotonic() < end:
        time.sleep(0.01)
    p.send_signal(signal.SIGTERM)
    same(p.wait(20), 0, "SIGTERM flushes what was taken")
    same(delivered(s), keys(recs), "SIGTERM: all of it")
    p.stdin.close()
    s.close()
    # kill -9 between two tries: a second run of the same input delivers.
    s = Server([{"status": 503, "times": 0, "headers": {"Retry-After": "60"}}],
               auth=BASIC)
    path = os.path.join(tmp, "in")
    with open(path, "wb") as f:
        f.write(lines(recs))
    p = subprocess.Popen(command(path), env=dict(
        BASE, LANGFUSE_BASE_URL=s.url, **KEYS))
    while not s.posts() and p.poll() is None:
        time.sleep(0.01)
    p.kill()
    p.wait()
    s.script = []
    with open(path, "rb") as f:
        result(ship(f.read(), server=s), s, 0, recs, "after kill -9")
    same(len({r["sum"] for r in s.posts()}), 1, "with the same bytes")
    s.close()


def back_pressure():
    """A server that does not answer: no more is read than may be held."""
    s = Server([{"status": 503, "times": 0, "headers": {"Retry-After": "30"}}],
               auth=BASIC)
    p = subprocess.Popen(command("--batch-bytes", "64k", "--retry-for", "0"),
                         stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         env=dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS))
    os.set_blocking(p.stdin.fileno(), False)
    data, sent, quiet = lines([span(i, size=2000) for i in range(20000)]), 0, 0
    while quiet < 20 and sent < len(data):
        try:
            sent += os.write(p.stdin.fileno(), data[sent:sent + 65536])
            quiet = 0
        except BlockingIOError:
            quiet += 1
            time.sleep(0.02)
    ok(sent < 4 << 20, "stops reading when its queue is full", sent)
    with open("/proc/%d/status" % p.pid) as f:
        rss = [int(x.split()[1]) for x in f if x.startswith("VmRSS")][0]
    ok(rss < 64 * 1024, "holds little memory", rss)
    p.send_signal(signal.SIGTERM)
    same(p.wait(30), 75, "and says that something is left")
    try:
        p.stdin.close()
    except BrokenPipeError:
        pass
    s.close()


with tempfile.TemporaryDirectory() as tmp:
    plain()
    batches()
    again()
    refusals(tmp)
    stops(tmp)
    signals(tmp)
    back_pressure()
done()
