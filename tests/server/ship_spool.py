"""aitrace-ship --spool: what is on disk is delivered, and forgotten no sooner
than it was accepted, whatever happens in between."""
import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from fakeserver import Server
from recvlib import Recv, done, ok, same
from shiplib import BASE, BASIC, KEYS, command, keys, lines, ship, span


def segment(folder, n, data):
    path = os.path.join(folder, "20261121T0300%02dZ-%06d.ndjson" % (n, n))
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else lines(data))
    return path


def segments(folder):
    return sorted(f for f in os.listdir(folder) if f.endswith(".ndjson") and
                  f.startswith("20261121T"))


def got(server):
    return sorted({(s["trace_id"], s["span_id"]) for s in server.spans})


def fill(folder, count=4, each=50):
    recs = [span(i) for i in range(count * each)]
    for n in range(count):
        segment(folder, n, recs[n * each:(n + 1) * each])
    return recs


def plain(tmp):
    recs = fill(tmp)
    foreign = os.path.join(tmp, "notes.txt")
    open(foreign, "w").close()
    s = Server(auth=BASIC)
    p = ship(b"", "--spool", tmp, server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "a spool is delivered and empty")
    ok(os.path.exists(foreign), "what is not ours stays")
    p = ship(b"", "--spool", tmp, server=s)
    same((p.returncode, len(s.spans)), (0, len(recs)),
         "a second run sends nothing")
    s.close()


def down(tmp):
    recs = fill(tmp)
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(b"", "--spool", tmp, "--retry-for", "500ms", server=s)
    same((p.returncode, got(s), len(segments(tmp))), (75, [], 4),
         "a server that is down: all is still there")
    s.script = [{"status": 401, "times": 0}]
    p = ship(b"", "--spool", tmp, server=s)
    same((p.returncode, len(segments(tmp))), (77, 4), "refused keys: too")
    s.script = []
    p = ship(b"", "--spool", tmp, server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "up again: delivered")
    s.close()


def parked(tmp):
    recs = fill(tmp)
    recs[70]["name"] = "BAD"
    segment(tmp, 1, recs[50:100])
    segment(tmp, 4, b"no record\n")
    s = Server([{"status": 400, "name": "BAD", "times": 0,
                 "body": '{"message":"it is BAD"}'}], auth=BASIC)
    p = ship(b"", "--spool", tmp, server=s)
    same((p.returncode, got(s), segments(tmp)),
         (65, keys(recs[:70] + recs[71:]), []), "the rest is delivered")
    with open(os.path.join(tmp, "parked.ndjson"), "rb") as f:
        text = f.read().decode()
    found = [json.loads(x) for x in text.splitlines()]
    same(sorted((x["parked"]["status"], str(x["line"])) for x in found),
         sorted([(400, str(recs[70])), (0, "no record")]),
         "what is refused is parked")
    ok(lines([recs[70]])[:-1].decode() in text, "byte for byte")
    same([x["parked"]["reason"] for x in found if x["parked"]["status"]],
         ["it is BAD"], "with the server's reason")
    same((ship(b"", "--spool", tmp, server=s).returncode, got(s)),
         (0, keys(recs[:70] + recs[71:])), "and not tried again")
    p = ship(b"", "--spool", tmp, "--retry-parked", "--once", server=s)
    same((p.returncode, len(parked_lines(tmp))), (65, 2),
         "unless asked to: refused again, parked again")
    s.script = [{"status": 503, "times": 0}]
    p = ship(b"", "--spool", tmp, "--retry-parked", "--once", "--retry-for",
             "10ms", server=s)
    same(p.returncode, 75, "a server that is down just then")
    s.script = []
    with open(os.path.join(tmp, ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        p = ship(b"", "--spool", tmp, "--retry-parked", "--once", "-v",
                 server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "accepted now, beside somebody who writes the spool")
    ok(" retried=1 " in p.err and
       not os.path.exists(os.path.join(tmp, "retry")),
       "counted, and nothing is left of it", p.err)
    same([x["line"] for x in parked_lines(tmp)], ["no record"],
         "what is no record stays")
    s.close()


def parked_lines(tmp):
    with open(os.path.join(tmp, "parked.ndjson"), "rb") as f:
        return [json.loads(x) for x in f]


def accept(tmp):
    """Records from standard input and files are kept before all else."""
    tmp = os.path.join(tmp, "new")
    recs = [span(i) for i in range(300)]
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(recs[:100], "--spool", tmp, "--retry-for", "100ms", server=s)
    same((p.returncode, got(s), on_disk(tmp)), (75, [], lines(recs[:100])),
         "a server that is down: what came is in the spool")
    ok("100 records" in p.err, "and told", p.err)
    path = os.path.join(tmp, "more")
    with open(path, "wb") as f:
        f.write(lines(recs[100:200]))
    p = ship(b"", "--spool", tmp, "--once", "--retry-for", "100ms", path,
             server=s)
    same((p.returncode, on_disk(tmp)), (75, lines(recs[:200])),
         "files too; segments sort as they were written")
    s.script = []
    p = ship(recs[200:], "--spool", tmp, "--once", server=s)
    same((p.returncode, got(s), on_disk(tmp)), (0, keys(recs[:200]), b""),
         "--once delivers what is there and reads nothing")
    p = ship(recs[200:], "--spool", tmp, "-v", server=s)
    same((p.returncode, got(s), on_disk(tmp)), (0, keys(recs), b""),
         "what comes is delivered")
    ok(" accepted=100 unkept=0 dropped=0 waiting=0 aside=0 parked=0 " in p.err, "and counted",
       p.err)
    same(len(s.spans), 300, "all of it once")
    s.close()


def on_disk(tmp):
    out = b""
    for f in segments(tmp):
        with open(os.path.join(tmp, f), "rb") as f:
            out += f.read()
    return out


def stream(tmp):
    """What is read is safe at once, though the input goes on and the server
    hangs; kill -9 then."""
    recs = [span(i) for i in range(50)]
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    p = subprocess.Popen(command("--spool", tmp, "--batch-count", "1"),
                         env=env, stdin=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    for n in range(0, 50, 10):
        p.stdin.write(lines(recs[n:n + 10]))
        p.stdin.flush()
        end = time.monotonic() + 20
        while len(on_disk(tmp).splitlines()) < n + 10 and \
                time.monotonic() < end:
            time.sleep(0.01)
        same(on_disk(tmp), lines(recs[:n + 10]), "%d are kept" % (n + 10))
    q = ship([span(99)], "--spool", tmp, server=s)
    ok(q.returncode == 75 and "%d aitrace-ship" % p.pid in q.err,
       "a lock says who holds it", q.returncode, q.err)
    p.kill()
    p.wait()
    p.stdin.close()
    s.script = []
    p = ship(b"", "--spool", tmp, server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "and delivered after kill -9")
    s.close()


def limit(tmp):
    recs = [span(i, size=640) for i in range(1000)]
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(recs, "--spool", tmp, "--spool-limit", "128K", "--retry-for",
             "10ms", "-v", server=s)
    kept = on_disk(tmp)
    n = len(kept.splitlines())
    ok(100 < n < 200 and len(kept) <= 128 * 1024 + 8192, "a limit is kept",
       n, len(kept))
    same((p.returncode, kept), (74, lines(recs[-n:])), "the newest stay")
    ok(" accepted=1000 unkept=0 dropped=%d " % (1000 - n) in p.err,
       "what was dropped is counted", p.err)
    ok("the spool is full" in p.err, "and told")
    s.close()


def aside(tmp):
    """What cannot be read is out of the way."""
    recs = [span(i) for i in range(20)]
    segment(tmp, 1, recs[:10])
    bad = ["20261121T03000%dZ-00000%d.ndjson" % (i, i) for i in (2, 4, 5)]
    os.mkdir(os.path.join(tmp, bad[0]))
    segment(tmp, 3, recs[10:])
    os.mkfifo(os.path.join(tmp, bad[1]))
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.path.join(tmp, bad[2]))
    foreign = ["notes.txt", "2026.ndjson", "x.ndjson", "core"]
    for name in foreign:
        with open(os.path.join(tmp, name), "wb") as f:
            f.write(b"{}\n")
    s = Server(auth=BASIC)
    p = ship(b"", "--spool", tmp, "-v", server=s)
    same((p.returncode, got(s), segments(tmp)), (74, keys(recs), []),
         "a segment that cannot be read is not in the way")
    same(sorted(os.listdir(os.path.join(tmp, "aside"))), bad,
         "but set aside: a folder, a pipe, a socket")
    ok(all("aside/" + name in p.err for name in bad) and
       " aside=3 " in p.err, "and told", p.err)
    ok(all(os.path.exists(os.path.join(tmp, name)) for name in foreign),
       "what has no name of ours stays where it is")
    same(ship(b"", "--spool", tmp, server=s).returncode, 0, "once")
    s.close()


def ledger(tmp):
    """What was accepted before a crash is not sent again."""
    recs = [span(i) for i in range(400)]
    s = Server([{"status": 503, "name": "span 150", "times": 0}], auth=BASIC)
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    p = subprocess.Popen(command("--spool", tmp, "--batch-count", "100",
                                 "--in-flight", "1"),
                         env=env, stdin=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    p.stdin.write(lines(recs))
    p.stdin.close()
    path = os.path.join(tmp, ".accepted")
    end = time.monotonic() + 20
    while (not os.path.exists(path) or os.path.getsize(path) < 1600) and \
            time.monotonic() < end:
        time.sleep(0.01)
    p.kill()
    p.wait()
    before = len(s.spans)
    ok(100 <= before < 400, "killed when a part was accepted", before)
    noted = os.path.getsize(path) // 16
    s.script = []
    p = ship(b"", "--spool", tmp, "--once", "-v", server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "the rest is delivered")
    ok(" skipped=%d " % noted in p.err and
       len(s.spans) == before + 400 - noted, "what was noted is not",
       noted, before, len(s.spans), p.err)
    p = ship(recs, "--spool", tmp, "--skip-delivered", "-v", server=s)
    same((p.returncode, len(s.spans), segments(tmp)),
         (0, before + 400 - noted, []),
         "--skip-delivered sends nothing a second time")
    ok(" skipped=400 " in p.err, "and counts", p.err)
    recs[7]["attributes"]["n"] = -1
    p = ship(recs[:8], "--spool", tmp, "--skip-delivered", server=s)
    same((p.returncode, len(s.spans)), (0, before + 401 - noted),
         "but what has changed")
    ship(recs[:3], "--spool", tmp, server=s)
    same(len(s.spans), before + 404 - noted, "without it, what is asked")
    s.close()


def receipts(tmp):
    recs = [span(i) for i in range(250)]
    path = os.path.join(tmp, "receipts")
    s = Server([{"status": 503}], auth=BASIC)
    p = ship(recs, "--receipts", path, "--batch-count", "100", server=s)
    with open(path, "rb") as f:
        found = [json.loads(x) for x in f]
    same((p.returncode, sorted(x["count"] for x in found)),
         (0, [50, 100, 100]), "a receipt for each request accepted")
    same(sorted((x["sha256"], x["bytes"]) for x in found),
         sorted((r["sha256"], r["wire"]) for r in s.requests
                if r["accepted"]), "with size and hash of what was sent")
    same({(x["to"], x["signal"], x["status"], x["url"]) for x in found},
         {("langfuse", "traces", 200, s.url + "/api/public/otel/v1/traces")},
         "where, what, and the answer")
    ok(all(time.strptime(x["time"], "%Y-%m-%dT%H:%M:%SZ") for x in found),
       "and time")
    s.script = [{"status": 503, "times": 0}]
    ship(recs, "--receipts", path, "--retry-for", "10ms", server=s)
    with open(path, "rb") as f:
        same(len(f.readlines()), 3, "none for what was not accepted")
    same(ship(recs, "--receipts", "/nonexistent/x", server=s).returncode, 73,
         "a file that cannot be made")
    s.close()


def clock_back(tmp):
    """Segments made after one of a later time are found."""
    with open(os.path.join(tmp, ".shipped"), "w") as f:
        f.write("20990101T000000Z-000007.ndjson 100\n")
    s = Server(auth=BASIC)
    recs = [span(i) for i in range(5)]
    p = ship(recs, "--spool", tmp, server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "a clock set back hides nothing")
    s.close()


def quick(tmp):
    """Several in one second: none hides behind the one before."""
    s = Server(auth=BASIC)
    recs = [span(i) for i in range(8)]
    for r in recs:
        ship([r], "--spool", tmp, server=s)
    same((got(s), segments(tmp)), (keys(recs), []), "eight in a row")
    s.close()


def writer(tmp):
    """Beside a process that is writing the newest segment."""
    recs = [span(i) for i in range(10)]
    cut = lines(recs[8:9])
    path = segment(tmp, 1, lines(recs[:8]) + cut[:40])
    segment(tmp, 0, [span(99)])
    with open(os.path.join(tmp, ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        s = Server(auth=BASIC)
        p = ship(b"", "--spool", tmp, server=s)
        same((p.returncode, got(s), segments(tmp)),
             (0, keys(recs[:8] + [span(99)]), [os.path.basename(path)]),
             "whole lines go, the segment being written stays")
        with open(path, "ab") as f:
            f.write(cut[40:] + lines(recs[9:]))
        p = ship(b"", "--spool", tmp, server=s)
        same((p.returncode, len(s.spans)), (0, 11),
             "only what is new goes the next time")
        same(len(segments(tmp)), 1, "it still stays")
    ship(b"", "--spool", tmp, server=s)
    same((len(s.spans), segments(tmp)), (11, []),
         "and goes when nobody writes")
    s.close()


def follow(tmp):
    recs = [span(i) for i in range(20)]
    s = Server(auth=BASIC)
    p = subprocess.Popen(command("--spool", tmp, "--follow"),
                         stderr=subprocess.PIPE, env=dict(
                             BASE, LANGFUSE_BASE_URL=s.url, **KEYS))

    def until(n):
        end = time.monotonic() + 20
        while len(s.spans) < n and time.monotonic() < end:
            time.sleep(0.02)

    segment(tmp, 1, recs[:10])
    until(10)
    q = ship(b"", "--spool", tmp, server=s)
    ok(q.returncode == 75 and "another process" in q.err,
       "one delivers at a time", q.returncode, q.err)
    segment(tmp, 2, recs[10:])
    until(20)
    p.send_signal(signal.SIGTERM)
    same((p.wait(20), got(s), segments(tmp)), (0, keys(recs), []),
         "--follow delivers what comes")
    p.stderr.close()
    s.close()


def killed(tmp):
    """kill -9 at any instant: nothing is lost, and bytes are the same."""
    rnd = random.Random(7)
    recs = fill(tmp, 6, 200)
    s = Server([{"status": 503, "times": 3}, {"do": "lost"},
                {"do": "reset"}, {"do": "lost"}], auth=BASIC)
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    for _ in range(25):
        p = subprocess.Popen(command("--spool", tmp, "--batch-count", "100"),
                             env=env, stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL)
        time.sleep(rnd.random() * 0.06)
        p.kill()
        p.wait()
    p = ship(b"", "--spool", tmp, "--batch-count", "100", server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "after 25 times kill -9: nothing lost, spool empty")
    seen = {}
    for x in s.spans:
        seen.setdefault((x["trace_id"], x["span_id"]), set()).add(
            (x["start"], x["end"], x["name"], str(x["attributes"])))
    same([k for k, v in seen.items() if len(v) != 1], [],
         "and nothing twice but as itself")
    s.close()


def receiver(tmp):
    """Beside the receiver that writes the spool."""
    recv = Recv("--spool", tmp)
    recs = [span(i) for i in range(30)]
    out = ship(recs, "--to", "stdout", "--batch-count", "10", env={}).stdout
    s = Server(auth=BASIC)
    for n, body in enumerate(out.splitlines()):
        req = urllib.request.Request(
            "http://%s:%d/v1/traces" % (recv.host, recv.port), body,
            {"Content-Type": "application/json"})
        same(urllib.request.urlopen(req, timeout=20).status, 200,
             "received part %d" % n)
        p = ship(b"", "--spool", tmp, server=s)
        same((p.returncode, got(s)), (0, keys(recs[:10 * n + 10])),
             "and delivered at once")
    same(len(s.spans), 30, "each once")
    recv.p.send_signal(signal.SIGTERM)
    recv.p.wait(20)
    ship(b"", "--spool", tmp, server=s)
    same((len(s.spans), segments(tmp)), (30, []), "and the spool is empty")
    s.close()


def both(tmp):
    """--follow beside a receiver, each of which is killed and started again."""
    recs = [span(i) for i in range(120)]
    out = ship(recs, "--to", "stdout", "--batch-count", "10", env={}).stdout
    s = Server(auth=BASIC)
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    recv = follow = None
    for n, body in enumerate(out.splitlines()):
        if n % 4 == 0:
            recv = Recv("--spool", tmp)
        if n % 3 == 0:
            follow = subprocess.Popen(command("--spool", tmp, "--follow"),
                                      env=env, stderr=subprocess.DEVNULL)
        req = urllib.request.Request(
            "http://%s:%d/v1/traces" % (recv.host, recv.port), body,
            {"Content-Type": "application/json"})
        urllib.request.urlopen(req, timeout=20).close()
        if n % 4 == 3:
            recv.p.kill()
            recv.p.wait()
        if n % 3 == 2:
            follow.kill()
            follow.wait()
    p = ship(b"", "--spool", tmp, "--once", server=s)
    same((p.returncode, got(s), segments(tmp)), (0, keys(recs), []),
         "both killed again and again: all that was received is delivered")
    s.close()


def wrong(tmp):
    same(ship(b"", "--spool", "/nonexistent/spool").returncode, 74, "no such folder")
    same(ship(b"", "--spool", tmp, "--to", "stdout").returncode, 64,
         "a spool is not printed")
    same(ship(b"", "--once").returncode, 64, "--once without a spool")
    same(ship(b"", "--spool", tmp, "--once", "--follow").returncode, 64,
         "not both")
    same(ship(b"", "--follow").returncode, 64, "--follow without a spool")


for test in (plain, down, parked, writer, follow, killed, receiver, both, wrong, accept,
             stream, limit, aside, clock_back, quick, ledger, receipts):
    with tempfile.TemporaryDirectory() as tmp:
        test(tmp)
done()
