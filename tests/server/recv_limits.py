"""aitrace-recv and clients that are slow, many, or lie about sizes."""
import gzip
import resource
import sys
import threading
import zlib

from recvlib import *


def cpu_of(recv):
    """Seconds of work it has had, whatever else the machine does."""
    with open("/proc/%d/stat" % recv.p.pid) as f:
        rest = f.read().rsplit(")", 1)[1].split()
    return (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")


def closed_within(s, seconds):
    """Reads until the peer ends: (what came, how long), or None."""
    begun = time.monotonic()
    s.settimeout(seconds)
    got = b""
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
    except socket.timeout:
        return None
    except OSError:
        pass
    return got, time.monotonic() - begun


# -- a request has an absolute limit, however diligently bytes trickle ---------
recv = Recv("--request-timeout", "2s", "--min-rate", "0", "--idle-timeout",
            "3s")
with recv.connect() as slow, recv.connect() as head, recv.connect() as idle:
    slow.sendall(request("POST", "/v1/traces", b"", JSON,
                         ["Content-Length: 100000"], length=False))
    head.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX-A: ")
    idle.sendall(request("GET", "/health"))
    same(read_reply(idle).status, 200, "a third connection is served")
    begun = time.monotonic()
    ended = {}
    waiting = {"body": slow, "head": head}
    while waiting and time.monotonic() - begun < 10:
        for k, s in list(waiting.items()):
            try:
                s.sendall(b"a")
                s.settimeout(0.1)
                got = s.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                got = b""
            ended[k] = (got, time.monotonic() - begun)
            del waiting[k]
    for k in ("body", "head"):
        ok(k in ended and 1.0 < ended[k][1] < 5,
           "a %s that trickles is cut after its 2 s" % k, ended)
    ok(ended.get("body", (b"",))[0].startswith(b"HTTP/1.1 408 "),
       "having heard 408", ended)
    r = closed_within(idle, 10)
    ok(r is not None and r[0] == b"", "an idle connection ends, silently", r)
same(post(recv, "/v1/traces", spans_json(1)).status, 200, "others are served")
same(recv.stop()[0], 0, "exit 0")

# -- a minimum rate ------------------------------------------------------------
recv = Recv("--min-rate", "1k")
with recv.connect() as s:
    s.sendall(request("POST", "/v1/traces", b"", JSON,
                      ["Content-Length: 100000"], length=False) + b"{")
    stop = threading.Event()

    def trickle():
        while not stop.wait(0.2):
            try:
                s.send(b" " * 50)       # 250 bytes a second
            except OSError:
                return

    t = threading.Thread(target=trickle)
    t.start()
    r = closed_within(s, 20)
    stop.set()
    t.join()
    ok(r is not None and r[0].startswith(b"HTTP/1.1 408 ") and r[1] > 8,
       "250 bytes a second are too few: 408 after ten seconds", r)
same(recv.stop()[0], 0, "exit 0")

# -- more connections than are allowed: normal clients go on --------------------
recv = Recv("--max-connections", "50")
files = len(os.listdir("/proc/%d/fd" % recv.p.pid))
crowd = []
worst = 0
for i in range(400):
    s = recv.connect()
    if i % 2:
        s.sendall(request("POST", "/v1/traces", b"", JSON,
                          ["Content-Length: 1000"], length=False) + b"{")
    crowd.append(s)
    if i % 50 == 49:
        begun = time.monotonic()
        r = post(recv, "/v1/traces", spans_json(1, first=i))
        worst = max(worst, time.monotonic() - begun)
        ok(r is not None and r.status == 200,
           "with %d slow connections a normal request is served" % (i + 1), r)
ok(worst < 2, "promptly: the slowest took %.3f s" % worst)
ok(len(os.listdir("/proc/%d/fd" % recv.p.pid)) <= files + 50 + 70,
   "descriptors stay bounded")
for s in crowd:
    s.close()
same(recv.stop()[0], 0, "exit 0")
same(recv.out.count(b"\n"), 8, "every normal request left its span")

# -- bombs: 1 GiB of blanks in a megabyte, or in less ------------------------------


def zlib_bomb(bits):
    c = zlib.compressobj(9, wbits=bits)
    return b"".join(c.compress(b" " * (1 << 20))
                    for _ in range(1024)) + c.flush()


def zstd_bomb():
    """A frame of 8192 blocks (RFC 8878): one byte, 128 KiB times."""
    block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b" "
    end = (1).to_bytes(3, "little")
    # Without a size of its content; a window of 128 KiB.
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * 8192 + end


recv = Recv()
rss = recv.rss_kib()
for coding, bomb in (("gzip", zlib_bomb(31)), ("deflate", zlib_bomb(15)),
                     ("deflate", zlib_bomb(-15)), ("zstd", zstd_bomb())):
    before = cpu_of(recv)
    r = post(recv, "/v1/traces", bomb, JSON, ["Content-Encoding: " + coding])
    ok(r is not None and r.status == 413, "a bomb of %s: 413" % coding, r)
    ok(cpu_of(recv) - before < 5, "that stops early: %.2f s of work" %
       (cpu_of(recv) - before))
    recv.rss_below(rss + (60 << 10), "in little memory")
# A bomb of another kind: one fat resource that each of many records repeats.
fat = json.dumps({"resourceSpans": [{
    "resource": {"attributes": [{"key": "fat", "value": {
        "stringValue": "x" * 1000000}}]},
    "scopeSpans": [{"spans": json.loads(spans_json(5000))["resourceSpans"][0]
                    ["scopeSpans"][0]["spans"]}]}]}).encode()
r = post(recv, "/v1/traces", fat)
ok(r is not None and r.status == 413, "records that would fill 5 GB: 413", r)
same(post(recv, "/v1/traces", spans_json(1)).status, 200, "others are served")
same(recv.stop()[0], 0, "exit 0")
same(recv.out.count(b"\n"), 1, "and nothing of the bombs left")

# -- memory for bodies is bounded over all connections ----------------------------
recv = Recv("--max-memory", "8M", "--max-body", "4M")
rss = recv.rss_kib()
part = b"{" + b" " * 3000000
socks = []
for i in range(8):
    s = recv.connect()
    s.sendall(request("POST", "/v1/traces", b"", JSON,
                      ["Content-Length: 4000000"], length=False) + part)
    socks.append(s)
for s in socks:
    s.sendall(b" " * (4000000 - len(part)))
replies = [read_reply(s).status for s in socks]
ok(503 in replies and set(replies) <= {503, 400},
   "eight bodies of 4 MB with 8 MB of memory: some hear 503", replies)
recv.rss_below(rss + (24 << 10), "memory stays bounded")
for s in socks:
    s.close()
same(post(recv, "/v1/traces", spans_json(1)).status, 200,
     "then there is room again")
same(recv.stop()[0], 0, "exit 0")

# -- start ------------------------------------------------------------------------


def start(*args):
    p = subprocess.run([PROGRAM] + list(args), stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=20)
    return p.returncode, p.stderr.decode()


recv = Recv()
code, err = start("--listen", "127.0.0.1:%d" % recv.port)
ok(code == 69 and "Address already in use" in err and str(recv.port) in err,
   "the port is taken: exit 69, naming it", code, err)
recv.stop()
for addr in ("0.0.0.0:0", "[::]:0", "192.0.2.1:4318"):
    code, err = start("--listen", addr)
    ok(code == 64 and addr in err and "loopback" in err,
       "--listen %s: refused" % addr, code, err)
for addr in ("127.0.0.1:99999", "127.0.0.1:x", "[::1", "nowhere.invalid:1"):
    code, err = start("--listen", addr)
    ok(code == 64 and "--listen" in err, "--listen %s: exit 64" % addr, code,
       err)
code, err = start("--ready-fd", "77", "--listen", "127.0.0.1:0")
ok(code == 74 and "ready-fd" in err, "--ready-fd that is not open: exit 74",
   code, err)

# -- SIGUSR1 ------------------------------------------------------------------------
recv = Recv()
post(recv, "/v1/traces", spans_json(3))
post(recv, "/v1/traces", b"{")
recv.p.send_signal(signal.SIGUSR1)
line = ""
while "requests=" not in line:
    line = recv.p.stderr.readline().decode()
    if not line:
        break
ok(" requests=2 accepted=1 bad=1 " in line and " out=3 " in line,
   "SIGUSR1: one line of counts", line)
same(recv.stop()[0], 0, "exit 0")
done()
