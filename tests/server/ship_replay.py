"""aitrace-ship: replay of much: progress, rate, periods, a dry run, a break
in the middle; and numbers that add up."""
import os
import pty
import re
import signal
import subprocess
import tempfile
import time

from fakeserver import Server
from recvlib import done, ok, same
from shiplib import BASE, BASIC, KEYS, command, keys, lines, ship, span


def got(server):
    return sorted({(s["trace_id"], s["span_id"]) for s in server.spans})


def segments(tmp):
    return sorted(f for f in os.listdir(tmp) if f.startswith("20"))


def fill(tmp, recs, each=50):
    for n in range(0, len(recs), each):
        with open(os.path.join(tmp, "20261121T030000Z-%06d.ndjson" %
                               (n // each + 1)), "wb") as f:
            f.write(lines(recs[n:n + each]))


def facts(p):
    """key=value of the summary line."""
    line = [x for x in p.err.splitlines() if " info: in=" in x][-1]
    return {k: int(v) if v.isdigit() else v
            for k, v in (x.split("=") for x in line.split()[2:])}


def adds_up(p, there, name):
    """Every record that was there or came is in one of the numbers, and the
    exit status fits them."""
    f = facts(p)
    ended = sum(f[k] for k in ("delivered", "refused", "rejected", "foreign",
                               "skipped", "left", "waiting", "dropped"))
    same(ended + f.get("outside", 0), there + f["accepted"],
         name + ": the numbers add up")
    same(f["in"] - f["bad"], f["accepted"] + f["unkept"],
         name + ": so does the input")
    ok((p.returncode in (75, 77, 78)) == (f["left"] + f["waiting"] > 0) or
       p.returncode == 74, name + ": the exit status says what is left",
       p.returncode, p.err)
    return f


def rate(tmp):
    recs = [span(i) for i in range(12)]
    s = Server(auth=BASIC)
    p = ship(recs, "--rate", "1200", "--batch-count", "1", server=s)
    at = sorted(r["at"] for r in s.posts())
    same((p.returncode, got(s)), (0, keys(recs)), "--rate: delivered")
    ok(at[-1] - at[0] >= 11 * 0.05 - 0.06, "--rate: no faster than it says",
       at[-1] - at[0])
    s.close()


def period(tmp):
    recs = [span(i, start_time="2026-11-%02dT10:00:00.000000000Z" % (i + 1))
            for i in range(20)]
    between = ("--since", "2026-11-06", "--until", "2026-11-11T10:00:00Z")
    s = Server(auth=BASIC)
    p = ship(recs, *between, "-v", server=s)
    same((p.returncode, got(s)), (0, keys(recs[5:10])),
         "--since and --until choose; until is not included")
    ok(" outside=15 " in p.err, "and count", p.err)
    s.close()
    s = Server(auth=BASIC)
    fill(tmp, recs, 8)
    p = ship(b"", "--spool", tmp, "--once", *between, "-v", server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs[5:10]), []),
         "of a spool, too")
    adds_up(p, 20, "of a spool")
    with open(os.path.join(tmp, "outside.ndjson"), "rb") as f:
        same(f.read(), lines(recs[:5] + recs[10:]),
             "what is outside stays, byte for byte")
    p = ship(b"", "--spool", tmp, os.path.join(tmp, "outside.ndjson"),
             server=s)
    same((p.returncode, got(s)), (0, keys(recs)), "and can be sent")
    s.close()
    for bad in (("--since", "yesterday"), ("--until", "2026-13-01"),
                ("--since", "2026-11-02", "--until", "2026-11-01")):
        same(ship(b"", *bad).returncode, 64, "%s %s" % bad[:2])


def dry(tmp):
    recs = [span(i) for i in range(120)]
    fill(tmp, recs)
    before = {f: os.path.getsize(os.path.join(tmp, f))
              for f in segments(tmp)}
    p = ship(b"", "--spool", tmp, "--once", "--dry-run", "--batch-count",
             "100", env={})
    same(p.returncode, 0, "--dry-run of a spool: no keys, no server")
    same([x.split()[:2] for x in p.stdout.decode().splitlines()],
         [["signal=traces", "records=100"], ["signal=traces", "records=20"]],
         "says what would be sent")
    same({f: os.path.getsize(os.path.join(tmp, f)) for f in segments(tmp)},
         before, "and leaves the spool as it is")
    p = ship([span(i) for i in range(200, 230)], "--spool", tmp, "-n",
             env={})
    same([x.split()[1] for x in p.stdout.decode().splitlines()],
         ["records=150"], "what is read counts, and is not kept")
    s = Server(auth=BASIC)
    same((ship(b"", "--spool", tmp, "--once", server=s).returncode, got(s)),
         (0, keys(recs)), "then delivered")
    s.close()


def watched(tmp):
    """On a terminal there is a progress line; elsewhere none."""
    recs = [span(i) for i in range(300)]
    fill(tmp, recs, 100)
    s = Server(auth=BASIC)
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    args = ("--spool", tmp, "--once", "--batch-count", "10", "--rate", "900")
    ours, theirs = pty.openpty()
    p = subprocess.Popen(command(*args), env=env, stdin=subprocess.DEVNULL,
                         stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            data = os.read(ours, 4096)
        except OSError:     # the other side is gone
            break
        if not data:
            break
        text += data
    os.close(ours)
    same((p.wait(60), got(s)), (0, keys(recs)), "on a terminal: delivered")
    shown = re.findall(r"\[=*>? *\] +(\d+)%  (\d+) records  (\d+)/s", text.decode())
    ok(shown and int(shown[-1][1]) > 0, "progress with its rate", text)
    ok(re.search(rb"\d+s left", text), "and the time left", text)
    ok(text.endswith(b"\r\x1b[K"), "taken away at the end", text[-40:])
    fill(tmp, recs, 100)
    p = ship(b"", *args, server=s)
    same((p.returncode, p.err), (0, ""), "elsewhere: nothing")
    s.close()


def interrupted(tmp):
    """Control-C in the middle; the next run sends exactly the rest."""
    recs = [span(i) for i in range(900)]
    source = os.path.join(tmp, "year.ndjson")
    with open(source, "wb") as f:
        f.write(lines(recs))
    spool = os.path.join(tmp, "spool")
    s = Server(auth=BASIC)
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    p = subprocess.Popen(command("--spool", spool, "--batch-count", "10",
                                 "--rate", "3000", "-v", source), env=env,
                         stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    end = time.monotonic() + 30
    while len(s.spans) < 200 and time.monotonic() < end:
        time.sleep(0.005)
    p.send_signal(signal.SIGINT)
    p.err = p.communicate(timeout=60)[1].decode()
    first = len(s.spans)
    f = adds_up(p, 0, "SIGINT")
    same((f["delivered"], f["accepted"]), (first, 900),
         "SIGINT: what was delivered is told")
    q = ship(b"", "--spool", spool, "--once", "-v", server=s)
    same((q.returncode, got(s), segments(spool)), (0, keys(recs), []),
         "the next run delivers the rest")
    same(len(s.spans), 900, "exactly the rest")
    adds_up(q, 900 - first, "the rest") if first < 900 and \
        f["left"] == 0 else None
    s.close()


def numbers(tmp):
    recs = [span(i) for i in range(400)]
    recs[37]["name"] = "BAD"
    logs = [{"record": "log", "time": "2026-11-21T00:00:00.000000000Z",
             "body": "b"}] * 7
    s = Server([{"status": 400, "name": "BAD", "times": 0}], auth=BASIC)
    p = ship(lines(recs + logs) + b"no record\n", "--spool", tmp, "-v",
             server=s)
    f = adds_up(p, 0, "delivered and parked")
    same((p.returncode, f["in"], f["bad"], f["accepted"], f["delivered"],
          f["refused"], f["parked"], f["foreign"], f["left"], f["waiting"]),
         (65, 408, 1, 407, 399, 1, 1, 7, 0, 0), "each of them")
    s.script = [{"status": 503, "times": 0}]
    # More than is looked at at a time, of which nothing is dropped.
    big = [span(i, size=64000) for i in range(400)]
    p = ship(big, "--spool", tmp, "--retry-for", "10ms", "-v", server=s)
    f = adds_up(p, 0, "nothing delivered")
    ok(f["left"] > 0 and f["waiting"] > 0 and f["left"] + f["waiting"] ==
       400 and "%d more records wait" % f["waiting"] in p.err,
       "all of it left", p.err)
    s.script = [{"status": 401, "times": 0}]
    p = ship(b"", "--spool", tmp, "--once", "-v", server=s)
    f = adds_up(p, 400, "keys refused")
    same((p.returncode, f["left"] + f["waiting"]), (77, 400), "all kept")
    s.script = []
    p = ship(b"", "--spool", tmp, "--once", "-v", server=s)
    f = adds_up(p, 400, "delivered at last")
    same((p.returncode, f["delivered"]), (0, 400), "all")
    s.close()


for test in (rate, period, dry, watched, interrupted, numbers):
    with tempfile.TemporaryDirectory() as tmp:
        test(tmp)
done()
