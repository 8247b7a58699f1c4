"""aitrace-recv among clients that misbehave: what they do costs them their
connection, never others theirs, and leaves no line and no descriptor."""
import random
import resource
import threading

from recvlib import *

CROWD = int(os.environ.get("AITRACE_CROWD", "400"))
SOAK = float(os.environ.get("AITRACE_SOAK", "30"))
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
rnd = random.Random(4)


def allow_files(n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(n, hard)), hard))


def frame(kind, flags, stream, payload=b""):
    return (len(payload).to_bytes(3, "big") + bytes([kind, flags]) +
            stream.to_bytes(4, "big") + payload)


def literal(name, value, index=0x40):
    """A header field, taken into the table, without Huffman coding."""
    def string(s):
        if len(s) < 127:
            return bytes([len(s)]) + s
        v, out = len(s) - 127, b"\x7f"
        while v >= 0x80:
            out += bytes([v & 0x7f | 0x80])
            v >>= 7
        return out + bytes([v])
    return bytes([index]) + string(name) + string(value)


class Both(Recv):
    """With OTLP/gRPC, too: its port is grpc."""

    def __init__(self, *args, **kw):
        # The second line of --ready-fd comes in the same write.
        r, w = os.pipe()
        self.p = subprocess.Popen(
            [PROGRAM, "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0",
             "--ready-fd", str(w)] + list(args), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=[w])
        os.close(w)
        with os.fdopen(r) as f:
            rows = f.read().split("\n")
        self.host, port = rows[0].rsplit(":", 1)
        self.port, self.grpc = int(port), int(rows[1].rsplit(":", 1)[1])
        self.out = b""

    def h2(self):
        return socket.create_connection((self.host, self.grpc), 15)

    def fds(self):
        try:
            return len(os.listdir("/proc/%d/fd" % self.p.pid))
        except PermissionError:
            return None


def drain(s, seconds=10):
    """All that comes until the end; None when it does not end."""
    got, end = b"", time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            s.settimeout(max(0.01, end - time.monotonic()))
            more = s.recv(65536)
            if not more:
                return got
            got += more
    except socket.timeout:
        return None
    except OSError:
        return got
    return None


def half_close(s):
    try:
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass            # it has ended already


def push(s, data):
    """Sends what the other side takes."""
    try:
        s.sendall(data)
        return True
    except OSError:
        return False


recv = Both("--request-timeout", "3s", "--idle-timeout", "5s")
served = 0


def alive(name):
    global served
    served += 1
    r = post(recv, "/v1/traces", spans_json(1, first=served))
    ok(r is not None and r.status == 200, name + ": others are served", r)


alive("at first")
fds = recv.fds()

# -- sizes of chunks ---------------------------------------------------------------
for size in (b"ffffffffffffffff", b"fffffffffffffffff", b"7fffffffffffffff",
             b"-1", b"0x10", b"zz", b"", b"1" * 5000, b"10;" + b"e" * 40000):
    with recv.connect() as s:
        push(s, request("POST", "/v1/traces", b"", JSON,
                        ["Transfer-Encoding: chunked"], length=False) +
             size + b"\r\n" + b"{" * 100)
        half_close(s)
        got = drain(s)
        ok(got is not None and b" 200 " not in got,
           "a chunk of size %r...: no success" % size[:20], got)
alive("chunks")

# -- lengths that contradict each other ---------------------------------------------------
body = spans_json(1)
for headers in (["Content-Length: %d" % len(body), "Content-Length: 1"],
                ["Content-Length: -1"], ["Content-Length: 1e3"],
                ["Content-Length: 99999999999999999999999"],
                ["Content-Length: 5, 6"]):
    with recv.connect() as s:
        push(s, request("POST", "/v1/traces", b"", JSON, headers,
                        length=False) + body)
        half_close(s)
        got = drain(s)
        ok(got is not None and b"HTTP/1.1 200" not in got,
           "%s: no success" % headers, got)
alive("lengths")

# -- halves of sockets -----------------------------------------------------------------------
with recv.connect() as s:
    served += 1
    push(s, request("POST", "/v1/traces", spans_json(1, first=served), JSON))
    half_close(s)
    got = drain(s)
    ok(got is not None and got.startswith(b"HTTP/1.1 200"),
       "half-closed behind a whole request: it is answered", got)
with recv.connect() as s:
    push(s, request("POST", "/v1/traces", b"", JSON,
                    ["Content-Length: 1000"], length=False) + b"{")
    half_close(s)
    ok(drain(s) is not None, "half-closed within a body: it ends")
with recv.h2() as s:
    push(s, PREFACE + frame(4, 0, 0))
    half_close(s)
    ok(drain(s) is not None, "half-closed HTTP/2: it ends")

# -- pipelining, and HTTP/1.0 ------------------------------------------------------------------
with recv.connect() as s:
    n = 50
    push(s, b"".join(request("POST", "/v1/traces", spans_json(
        1, first=served + 1 + i), JSON) for i in range(n)) +
        request("GET", "/health", headers=["Connection: close"]))
    served += n
    got = drain(s)
    same((got or b"").count(b"HTTP/1.1 200"), n + 1,
         "%d requests at once: as many answers" % (n + 1))
with recv.connect() as s:
    served += 1
    push(s, request("POST", "/v1/traces", spans_json(1, first=served), JSON,
                    host=None, version="HTTP/1.0"))
    got = drain(s)
    ok(got is not None and b" 200 " in got.split(b"\r\n")[0],
       "HTTP/1.0: answered, then closed", got)

# -- HTTP/2: bombs and floods ---------------------------------------------------------------------
big = literal(b"x-bomb", b"b" * 3900)
for name, block in (
        ("a table entry named again and again", big + b"\xbe" * 16000),
        ("an index that is not there", b"\xff\xff\xff\xff\x0f"),
        ("a table size out of all proportion", b"\x3f\xff\xff\xff\xff\x0f"),
        ("a string longer than all that comes", b"\x40\x7f\xff\xff\xff\x7f")):
    with recv.h2() as s:
        push(s, PREFACE + frame(4, 0, 0))
        for stream in range(1, 41, 2):
            if not push(s, frame(1, 0x4, stream, block[:16000]
                                 if len(block) > 16384 else block)):
                break
        half_close(s)
        ok(drain(s) is not None, "HPACK: %s" % name)
alive("HPACK")
head = (b"\x83\x86" + literal(b":path", b"/opentelemetry.proto.collector."
        b"trace.v1.TraceService/Export", 0) + literal(b":authority",
        b"localhost", 0) + literal(b"content-type", b"application/grpc", 0))
floods = {
    "opened and reset at once": b"".join(
        frame(1, 0x4, i, head) + frame(3, 0, i, b"\0\0\0\x08")
        for i in range(1, 20001, 2)),
    "pings": frame(6, 0, 0, b"8 octets") * 50000,
    "settings": frame(4, 0, 0, b"\0\x03\0\0\0\x64") * 20000,
    "empty frames": frame(1, 0x4, 1, head) + frame(0, 0, 1) * 50000,
    "headers that never end": frame(1, 0, 1, head) +
    frame(9, 0, 1, literal(b"a", b"b" * 1000)) * 5000,
    "window updates": frame(8, 0, 0, b"\x7f\xff\xff\xff") * 10,
}
for name, flood in floods.items():
    with recv.h2() as s:
        # As fast as it is taken, reading nothing: answers may not pile up.
        s.settimeout(5)
        push(s, PREFACE + frame(4, 0, 0))
        push(s, flood)
        half_close(s)
        drain(s)
    alive("a flood of " + name)
recv.rss_below(96 << 10, "memory after all that")

# -- garbage ----------------------------------------------------------------------------------------
for i in range(60):
    junk = bytes(rnd.randrange(256) for _ in range(rnd.randrange(1, 3000)))
    if i % 3 == 0:
        junk = PREFACE + junk
    elif i % 3 == 1:
        junk = b"POST /v1/traces HTTP/1.1\r\n" + junk
    for connect in recv.connect, recv.h2:
        with connect() as s:
            push(s, junk)
            if i % 2:
                half_close(s)
alive("garbage on both ports")
end = time.monotonic() + 30         # a head may take 20 s
while fds is not None and recv.fds() > fds and time.monotonic() < end:
    time.sleep(0.05)
if fds is None:
    skip("no descriptor is left behind", "its descriptors cannot be seen")
else:
    ok(recv.fds() <= fds, "no descriptor is left behind", recv.fds(), fds)
code, err = recv.stop()
same(code, 0, "exit 0")
names = [x["name"] for x in recv.lines()]
same(names, ["span-%d" % (i + 1) for i in range(served)],
     "the lines are those of whole requests, each once")

# -- a slow crowd, and a client that wants its answer --------------------------------------------------
allow_files(CROWD + 300)
recv = Both("--max-connections", str(CROWD + 50))


def latency(n=100):
    times = []
    with recv.connect() as s:
        for i in range(n):
            begun = time.monotonic()
            s.sendall(request("POST", "/v1/traces", spans_json(1), JSON))
            if read_reply(s).status != 200:
                return None
            times.append(time.monotonic() - begun)
    return sorted(times)[n // 2]


reader = threading.Thread(target=lambda: recv.read_out(lambda b: False, 600))
reader.daemon = True
reader.start()
before = latency()
crowd = []
for i in range(CROWD):
    s = recv.connect()
    s.sendall(request("POST", "/v1/traces", b"", JSON,
                      ["Content-Length: 100000"], length=False)[:-1 - i % 40])
    crowd.append(s)
after = latency()
ok(before and after and after < 10 * before + 0.02,
   "%d slow connections: a normal client's median goes from %.2f to %.2f ms" %
   (CROWD, 1e3 * (before or 0), 1e3 * (after or 0)))
for s in crowd:
    s.close()

# -- the same for a while: nothing grows ------------------------------------------------------------------
body = spans_json(20, 200)
marks, count = [], 0
end = time.monotonic() + SOAK
with recv.connect() as keep:
    while time.monotonic() < end:
        keep.sendall(request("POST", "/v1/traces", body, JSON))
        if read_reply(keep).status != 200:
            break
        count += 1
        if count % 50 == 0:
            post(recv, "/v1/traces", b"{", JSON)
            with recv.h2() as s:
                push(s, PREFACE + b"junk")
            marks.append((recv.rss_kib(), recv.fds() or 0))
            recv.out = recv.out[-1000:]
quarter = len(marks) // 4
ok(quarter > 0 and time.monotonic() >= end, "%d requests in %.0f s" %
   (count, SOAK))
if quarter:
    early = max(m[0] for m in marks[quarter:2 * quarter])
    late = max(m[0] for m in marks[-quarter:])
    with open(PROGRAM, "rb") as f:
        if b"__asan_init" in f.read() or os.environ.get("TEST_WRAPPERS"):
            skip("its memory stays", "memory is not its own here")
        else:
            ok(late <= early + 2048, "its memory stays: %d, then %d KiB" %
               (early, late))
    ok(max(m[1] for m in marks[-quarter:]) <=
       max(m[1] for m in marks[quarter:2 * quarter]) + 3,
       "so do its descriptors")
recv.p.send_signal(signal.SIGTERM)
same(recv.p.wait(20), 0, "exit 0")
done()
