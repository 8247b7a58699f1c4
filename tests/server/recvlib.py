"""What the tests of aitrace-recv share: starting one, talking to it, TAP.

Standard library only. A server is started on port 0 and tells its address on
--ready-fd, so nothing here waits for a fixed time.
"""
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

PROGRAM = os.environ.get("AITRACE_RECV", "aitrace-recv")
JSON = "application/json"
PROTO = "application/x-protobuf"

_count = 0
_failed = 0


def ok(cond, name, *notes):
    global _count, _failed
    _count += 1
    if not cond:
        _failed += 1
    print("%sok %d - %s" % ("" if cond else "not ", _count, name))
    if not cond:
        for n in notes:
            print("# " + str(n).replace("\n", "\n# ")[:2000])
    sys.stdout.flush()
    return cond


def same(got, want, name):
    return ok(got == want, name, "got  %r" % (got,), "want %r" % (want,))


def skip(name, why):
    global _count
    _count += 1
    print("ok %d - %s # SKIP %s" % (_count, name, why))


def done():
    print("1..%d" % _count)
    sys.exit(1 if _failed or not _count else 0)


class Recv:
    """A running aitrace-recv. stdout: "pipe" (read with lines), or a file."""

    def __init__(self, *args, stdout="pipe", preexec=None, grpc=False):
        r, w = os.pipe()
        out = subprocess.PIPE if stdout == "pipe" else stdout
        self.p = subprocess.Popen(
            [PROGRAM, "--listen", "127.0.0.1:0", "--ready-fd", str(w)] +
            list(args), stdout=out, stderr=subprocess.PIPE, pass_fds=[w],
            preexec_fn=preexec)
        os.close(w)
        with os.fdopen(r) as f:
            addr = f.readline().strip()
            self.grpc = f.readline().split()[1] if addr and grpc else None
        if not addr:
            raise RuntimeError("not ready: %s" % self.p.stderr.read())
        self.host, port = addr.rsplit(":", 1)
        self.port = int(port)
        self.out = b""

    def connect(self, timeout=15):
        s = socket.create_connection((self.host, self.port), timeout)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def read_out(self, until, timeout=10):
        """Reads stdout until the condition on what came so far holds."""
        end = time.monotonic() + timeout
        fd = self.p.stdout.fileno()
        while not until(self.out):
            left = end - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                return False
            got = os.read(fd, 1 << 20)
            if not got:
                return until(self.out)
            self.out += got
        return True

    def lines(self):
        return [json.loads(x) for x in self.out.splitlines()]

    def rss_below(self, kib, name):
        """Its memory, unless something else (a sanitizer, valgrind) fills it."""
        try:
            exe = os.readlink("/proc/%d/exe" % self.p.pid)
        except PermissionError:     # it lets nobody look
            exe = PROGRAM
        with open(exe, "rb") as f:
            if "valgrind" in exe or b"__asan_init" in f.read():
                return skip(name, "memory is not its own here")
        got = self.rss_kib()
        return ok(got < kib, "%s: %d KiB, allowed %d" % (name, got, kib))

    def rss_kib(self):
        with open("/proc/%d/status" % self.p.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def stop(self, sig=signal.SIGTERM, timeout=20):
        """Ends it and reads the rest: (exit code, stderr)."""
        if self.p.poll() is None:
            self.p.send_signal(sig)
        return self.wait(timeout)

    def wait(self, timeout=20):
        try:
            out, err = self.p.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.p.kill()
            out, err = self.p.communicate()
            err += b"\n(did not end in time)"
        self.out += out or b""
        return self.p.returncode, err.decode(errors="replace")


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def type(self):
        return self.headers.get("content-type")

    def __repr__(self):
        return "%d %s %r" % (self.status, self.headers, self.body[:300])


def read_reply(s, head_only=False):
    """One response from a socket; None when the connection just ends."""
    f = b""
    while b"\r\n\r\n" not in f:
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            got = b""
        if not got:
            return None
        f += got
    head, body = f.split(b"\r\n\r\n", 1)
    rows = head.decode("latin-1").split("\r\n")
    status = int(rows[0].split(" ")[1])
    headers = {}
    for r in rows[1:]:
        k, v = r.split(":", 1)
        headers[k.strip().lower()] = v.strip()
    if status == 100:
        rest = Reply(100, headers, b"")
        s_body = body
        return rest if not s_body else rest
    n = 0 if head_only else int(headers.get("content-length", "0"))
    while len(body) < n:
        got = s.recv(65536)
        if not got:
            break
        body += got
    return Reply(status, headers, body)


def request(method, path, body=b"", ctype=None, headers=(), host="localhost",
            length=True, version="HTTP/1.1"):
    rows = ["%s %s %s" % (method, path, version)]
    if host is not None:
        rows.append("Host: " + host)
    if ctype:
        rows.append("Content-Type: " + ctype)
    if length:
        rows.append("Content-Length: %d" % len(body))
    rows.extend(headers)
    return ("\r\n".join(rows) + "\r\n\r\n").encode("latin-1") + body


def chunked(body, size=1000):
    out = b""
    for i in range(0, len(body), size):
        piece = body[i:i + size]
        out += b"%x\r\n%s\r\n" % (len(piece), piece)
    return out + b"0\r\n\r\n"


def send_chunked(path, body, ctype, headers=(), size=1000):
    return request("POST", path, b"", ctype,
                   list(headers) + ["Transfer-Encoding: chunked"],
                   length=False) + chunked(body, size)


def ask(recv, raw, head_only=False):
    """Sends the bytes on a fresh connection and reads one answer."""
    with recv.connect() as s:
        try:
            s.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_reply(s, head_only)


def post(recv, path, body, ctype=JSON, headers=(), **kw):
    return ask(recv, request("POST", path, body, ctype, headers, **kw))


def varint(v):
    out = b""
    while v >= 0x80:
        out += bytes([v & 0x7f | 0x80])
        v >>= 7
    return out + bytes([v])


def field(number, payload):
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def fixed64(number, v):
    return varint(number << 3 | 1) + v.to_bytes(8, "little")


def parse_pb(b):
    """Fields of a message as a list of (number, value)."""
    out, i = [], 0

    def num():
        nonlocal i
        v = shift = 0
        while True:
            c = b[i]
            i += 1
            v |= (c & 0x7f) << shift
            shift += 7
            if c < 0x80:
                return v
    while i < len(b):
        tag = num()
        if tag & 7 == 0:
            out.append((tag >> 3, num()))
        elif tag & 7 == 2:
            n = num()
            out.append((tag >> 3, b[i:i + n]))
            i += n
        else:
            raise ValueError("wire type %d" % (tag & 7))
    return out


T0 = 1763683422431000000


def spans_json(n=1, pad=0, first=1):
    """An ExportTraceServiceRequest of n spans in JSON."""
    spans = [{"traceId": "%032x" % 0xa1b2c3, "spanId": "%016x" % (first + i),
              "name": "span-%d" % (first + i), "kind": 1,
              "startTimeUnixNano": str(T0 + i),
              "endTimeUnixNano": str(T0 + i + 1000),
              "attributes": [{"key": "pad",
                              "value": {"stringValue": "x" * pad}}]}
             for i in range(n)]
    return json.dumps({"resourceSpans": [
        {"resource": {"attributes": []},
         "scopeSpans": [{"scope": {"name": "t"}, "spans": spans}]}]}).encode()


def spans_pb(n=1, first=1, trace=None):
    spans = b""
    for i in range(n):
        s = (field(1, (0xa1b2c3).to_bytes(16, "big") if trace is None
                   else trace) +
             field(2, (first + i).to_bytes(8, "big")) +
             field(5, b"span-%d" % (first + i)) +
             fixed64(7, T0 + i) + fixed64(8, T0 + i + 1000))
        spans += field(2, s)
    scope = field(1, field(1, b"t"))
    return field(1, field(1, b"") + field(2, scope + spans))


def log_pb():
    rec = fixed64(1, T0) + field(5, field(1, b"hello"))
    return field(1, field(2, field(2, rec)))


def metric_pb():
    point = fixed64(3, T0) + fixed64(6, 7)
    metric = field(1, b"m") + field(5, field(1, point))
    return field(1, field(2, field(2, metric)))
