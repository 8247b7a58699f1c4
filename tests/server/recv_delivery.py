"""What aitrace-recv has acknowledged is in its output, once, and whole; what
it has not is absent or whole. Slow readers, gone readers, full disks, kill."""
import fcntl
import resource
import sys
import tempfile
import threading

from recvlib import *

PIPE_SIZE = 1 << 20


def spans_of(out):
    """Complete lines -> how often each span name occurs; the torn rest."""
    whole, _, torn = out.rpartition(b"\n")
    seen = {}
    for line in whole.splitlines():
        name = json.loads(line)["name"]
        seen[name] = seen.get(name, 0) + 1
    return seen, torn


# -- a reader that stops reading ---------------------------------------------
# Requests of 20 spans of 4 KB; the pipe takes about a dozen of them.
recv = Recv("--wait", "1s", "--max-memory", "16M")
N = 20


def body(i):
    return spans_json(N, pad=4096, first=1 + i * N)


acked, sent_away, begun = [], [], time.monotonic()
for i in range(30):
    r = post(recv, "/v1/traces", body(i))
    (acked if r.status == 200 else sent_away).append(i)
    if r.status != 200:
        ok(r.status == 503 and int(r.headers["retry-after"]) >= 1 and
           json.loads(r.body)["message"] != "",
           "the reader stopped: 503 with Retry-After and a Status", r)
        if len(sent_away) == 2:
            break
ok(len(acked) >= 2 and len(sent_away) == 2,
   "some were taken (%d), then clients were sent away" % len(acked))
ok(time.monotonic() - begun < 10, "each after its second of waiting")

# Many clients at once: they wait, and memory stays bounded.
before = recv.rss_kib()
replies = [None] * 60


def client(k):
    try:
        replies[k] = post(recv, "/v1/traces", body(1000 + k))
    except OSError as e:
        replies[k] = e


threads = [threading.Thread(target=client, args=(k,)) for k in range(60)]
for t in threads:
    t.start()
for t in threads:
    t.join()
same({r.status if isinstance(r, Reply) else r for r in replies}, {503},
     "sixty clients at once: each hears 503")
recv.rss_below(before + (48 << 10), "memory stays bounded")
r = ask(recv, request("GET", "/health"))
same(r.status, 200, "the server still answers others")

# The reader reads again: waiting clients are served.
late = threading.Thread(target=client, args=(0,))
late.start()
want = {"span-%d" % s for i in acked for s in range(1 + i * N, 1 + i * N + N)}
late_want = {"span-%d" % s for s in range(1 + 1000 * N, 1 + 1000 * N + N)}
recv.read_out(lambda b: b.count(b"\n") >= len(want) + N)
late.join()
same(replies[0].status, 200, "one that waited is served when it reads again")
for i in sent_away:
    r = post(recv, "/v1/traces", body(i))
    same(r.status, 200, "sent again, it is taken")
    want |= {"span-%d" % s for s in range(1 + i * N, 1 + i * N + N)}
    recv.read_out(lambda b: b.count(b"\n") >= len(want) + N)
code, err = recv.stop()
same(code, 0, "exit 0")
seen, torn = spans_of(recv.out)
same(torn, b"", "no half line")
same(set(seen), want | late_want, "everything acknowledged is there")
same(set(seen.values()), {1}, "once")

# -- one request larger than the pipe -----------------------------------------
recv = Recv()
big = spans_json(1000, pad=4096)
result = []
t = threading.Thread(target=lambda: result.append(
    post(recv, "/v1/traces", big).status))
t.start()
recv.read_out(lambda b: b.count(b"\n") >= 1000)
t.join()
same(result, [200], "4 MB through a pipe of 1: taken")
code, err = recv.stop()
seen, torn = spans_of(recv.out)
ok(len(seen) == 1000 and torn == b"", "whole")

# -- the reader goes away --------------------------------------------------------
recv = Recv()
same(post(recv, "/v1/traces", spans_json(1)).status, 200, "a reader is there")
recv.read_out(lambda b: b.count(b"\n") >= 1)
recv.p.stdout.close()
recv.p.stdout = None
try:
    recv.p.wait(10)
except subprocess.TimeoutExpired:
    pass
same(recv.p.poll(), 74, "the reader has gone: exit 74 without waiting")
err = recv.p.stderr.read().decode()
ok("standard output" in err and "Broken pipe" in err, "saying so", err)

# With a request under way: it hears 503.
recv = Recv("--wait", "30s")
fcntl.fcntl(recv.p.stdout.fileno(), 1031, 65536)        # F_SETPIPE_SZ
n = 0
with recv.connect() as s:
    s.settimeout(2)
    while True:
        s.sendall(request("POST", "/v1/traces", body(n), JSON))
        try:
            r = read_reply(s)
        except socket.timeout:
            break
        n += 1
    ok(n < 100, "clients wait while the reader sleeps (%d went through)" % n)
    recv.p.stdout.close()
    recv.p.stdout = None
    s.settimeout(15)
    r = read_reply(s)
    ok(r is not None and r.status == 503,
       "the reader goes while one waits: 503", r)
recv.p.wait(10)
same(recv.p.returncode, 74, "exit 74")

# -- full disk ----------------------------------------------------------------------
with open("/dev/full", "wb") as full:
    recv = Recv(stdout=full)
    r = post(recv, "/v1/traces", spans_json(1))
    ok(r is not None and r.status == 503, "/dev/full: 503", r)
    recv.p.wait(10)
    same(recv.p.returncode, 74, "exit 74")
    err = recv.p.stderr.read().decode()
    ok("No space left" in err, "saying why", err)

# A file that may not grow: no half request stays in it.
with tempfile.NamedTemporaryFile() as f:
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))

    recv = Recv(stdout=f, preexec=limit)
    taken = 0
    while True:
        r = post(recv, "/v1/traces", body(taken))
        if r is None or r.status != 200:
            break
        taken += 1
    ok(r is not None and r.status == 503, "the file is full: 503", r)
    recv.p.wait(10)
    same(recv.p.returncode, 74, "exit 74")
    f.seek(0)
    seen, torn = spans_of(f.read())
    same(torn, b"", "no half line is left in the file")
    same(len(seen), taken * N, "the %d acknowledged requests are" % taken)

# -- SIGTERM with a request under way ---------------------------------------------
recv = Recv()
with recv.connect() as s, recv.connect() as idle:
    raw = request("POST", "/v1/traces", spans_json(2), JSON)
    s.sendall(raw[:-10])
    same(post(recv, "/v1/traces", spans_json(1)).status, 200, "one before")
    recv.p.send_signal(signal.SIGTERM)
    for _ in range(200):
        try:
            recv.connect(1).close()
        except OSError:
            break
        time.sleep(0.02)
    else:
        ok(False, "SIGTERM: takes no more connections")
    s.sendall(raw[-10:])
    r = read_reply(s)
    ok(r is not None and r.status == 200, "the one under way is finished", r)
    ok(r is not None and r.headers.get("connection", "").lower() == "close",
       "and told to close", r)
code, err = recv.wait()
same(code, 0, "exit 0")
same(recv.out.count(b"\n"), 3, "with all its records")

# A second signal ends at once.
recv = Recv()
with recv.connect() as s:
    s.sendall(request("POST", "/v1/traces", spans_json(2), JSON)[:-10])
    same(post(recv, "/v1/traces", spans_json(1)).status, 200, "one is open")
    recv.p.send_signal(signal.SIGINT)
    for _ in range(200):
        try:
            recv.connect(1).close()
        except OSError:
            break
        time.sleep(0.02)
    recv.p.send_signal(signal.SIGINT)
    recv.p.wait(5)
    ok(recv.p.returncode != 0, "a second SIGINT ends at once",
       recv.p.returncode)

# -- kill -9 under load ----------------------------------------------------------------
for round_no in range(6):
    recv = Recv("--wait", "30s")
    acked = []
    stop = threading.Event()

    def load(k):
        i = k
        with recv.connect() as s:
            while not stop.is_set():
                try:
                    s.sendall(request("POST", "/v1/traces", body(i), JSON))
                    r = read_reply(s)
                except OSError:
                    return
                if r is None:
                    return
                if r.status == 200:
                    acked.append(i)
                i += 4

    def read_slowly():
        fd = recv.p.stdout.fileno()
        while True:
            got = os.read(fd, 30000)
            if not got:
                return
            recv.out += got

    threads = [threading.Thread(target=load, args=(k,)) for k in range(4)]
    threads.append(threading.Thread(target=read_slowly))
    for t in threads:
        t.start()
    until = 5 + 7 * round_no
    for _ in range(1000):
        if len(acked) >= until:
            break
        time.sleep(0.005)
    recv.p.kill()
    stop.set()
    for t in threads:
        t.join()
    recv.p.wait()
    recv.p.stderr.close()
    seen, torn = spans_of(recv.out)
    have = {int(n.split("-")[1]) for n in seen}
    parts = {}
    for s in have:
        parts.setdefault((s - 1) // N, set()).add(s)
    ok(torn == b"" and all(len(v) == N for v in parts.values()),
       "kill -9 after %d: whole requests only" % len(acked), torn[:80],
       {k: len(v) for k, v in parts.items() if len(v) != N})
    ok(set(acked) <= set(parts) and set(seen.values()) <= {1},
       "everything acknowledged is there, once",
       set(acked) - set(parts))
done()
