"""Who may send to aitrace-recv: tokens, key pairs, TLS, Unix sockets, addresses
that other machines can reach, sockets of a service manager."""
import base64
import shutil
import ssl
import stat
import tempfile

from recvlib import *

top = tempfile.mkdtemp(prefix="aitrace-access.")
TOKEN = "s3cret-token_0123456789"


def path(name):
    return os.path.join(top, name)


def write(name, text, mode=0o600):
    with open(path(name), "w") as f:
        f.write(text)
    os.chmod(path(name), mode)
    return path(name)


def basic(pair):
    return "Authorization: Basic " + base64.b64encode(pair.encode()).decode()


def refused(args, *words, code=64, env=None):
    """It does not start, exits with the code and says the words."""
    p = subprocess.run([PROGRAM] + args, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=20,
                       env=dict(os.environ, **(env or {})))
    err = p.stderr.decode()
    ok(p.returncode == code and all(w in err for w in words) and
       TOKEN not in err, "%s: exit %d, with the reason" %
       (" ".join(os.path.basename(a) for a in args), code), p.returncode, err)


# -- other addresses -----------------------------------------------------------------
refused(["--listen", "0.0.0.0:0"], "--token-file", "loopback")
refused(["--grpc", "[::]:0"], "--token-file", "loopback")
token = write("token", TOKEN + "\n")
refused(["--listen", "127.0.0.1:0", "--token-file", path("none")], "none",
        code=77)
refused(["--listen", "127.0.0.1:0", "--token-file",
         write("open", TOKEN, 0o644)], "chmod 600", code=77)
refused(["--listen", "127.0.0.1:0", "--token-file", write("empty", "\n")],
        "empty", code=77)
refused(["--listen", "127.0.0.1:0", "--langfuse-keys", "env"],
        "LANGFUSE_PUBLIC_KEY", code=77,
        env={"LANGFUSE_PUBLIC_KEY": "", "LANGFUSE_SECRET_KEY": ""})
refused(["--listen", "127.0.0.1:0", "--tls-cert", token], "go together")
refused(["--listen", "unix:" + path("x" * 120)], "path", code=69)
refused(["--listen", "unix:" + path("s"), "--socket-mode", "rw"], "mode")

# -- a token --------------------------------------------------------------------------
recv = Recv("--token-file", token)
cases = [
    (None, 401, "nothing"),
    ("Authorization: Bearer " + TOKEN, 200, "the token"),
    ("authorization: bearer  " + TOKEN, 200, "scheme in small letters"),
    (basic("any:" + TOKEN), 200, "the token as a password"),
    (basic(":" + TOKEN), 200, "without a name"),
    ("Authorization: Bearer " + TOKEN[:-1], 401, "one byte short"),
    ("Authorization: Bearer " + TOKEN + "x", 401, "one byte more"),
    ("Authorization: Bearer " + "x" + TOKEN[1:], 401, "another first byte"),
    ("Authorization: Bearer " + TOKEN[:-1] + "x", 401, "another last byte"),
    ("Authorization: Bearer", 401, "no token"),
    ("Authorization: Bearer ", 401, "an empty token"),
    ("Authorization: Basic " + TOKEN, 401, "Basic that is not base64"),
    (basic(TOKEN), 401, "Basic without a colon"),
    (basic(TOKEN + ":"), 401, "the token as the name"),
    ("Authorization: Basic " + "A" * 9000, 401, "a very long one"),
    ("Authorization: " + TOKEN, 401, "no scheme"),
    ("X-Token: " + TOKEN, 401, "another header"),
]
want = 0
for header, status, name in cases:
    r = post(recv, "/v1/traces", spans_json(1, first=want + 1),
             headers=[header] if header else [])
    ok(r is not None and r.status == status, "%s: %d" % (name, status), r)
    want += status == 200
r = post(recv, "/v1/traces", spans_json(1))
ok("bearer" in r.headers.get("www-authenticate", "").lower(),
   "401 says how to do it", r)
r = post(recv, "/v1/traces", spans_pb(1), PROTO)
same((r.status, r.type, dict(parse_pb(r.body)).get(1)), (401, PROTO, 16),
     "to protobuf in protobuf: UNAUTHENTICATED")
same(ask(recv, request("GET", "/metrics")).status, 401, "metrics, too")
same(ask(recv, request("GET", "/health")).status, 200, "health is for all")
same(ask(recv, request("POST", "/api/public/ingestion", b'{"batch":[]}', JSON,
                       [basic("pk:sk")])).status, 401,
     "a key pair is no token")
code, err = recv.stop()
same((code, len(recv.lines())), (0, want), "what was refused left no line")
ok(TOKEN not in err, "the token is not in the log", err)

recv = Recv("--listen", "0.0.0.0:0", "--token-file", token)
recv.host = "127.0.0.2"
r = post(recv, "/v1/traces", spans_json(1), host="recv.example:4318",
         headers=["Authorization: Bearer " + TOKEN])
same(r.status, 200, "all addresses, by any name, with the token")
same(post(recv, "/v1/traces", spans_json(1)).status, 401, "not without")
same(recv.stop()[0], 0, "exit 0")

# -- a Langfuse key pair ---------------------------------------------------------------
os.environ["LANGFUSE_PUBLIC_KEY"] = "pk-lf-1234"
os.environ["LANGFUSE_SECRET_KEY"] = "sk-lf-5678"
batch = json.dumps({"batch": []}).encode()
good = basic("pk-lf-1234:sk-lf-5678")
for args, rows in [
        ([], [("/api/public/ingestion", batch, good, 207),
              ("/api/public/ingestion", batch, "X: y", 207)]),
        (["--langfuse-keys", "env"],
         [("/api/public/ingestion", batch, good, 207),
          ("/api/public/ingestion", batch, "X: y", 401),
          ("/api/public/ingestion", batch, basic("pk-lf-1234:sk-lf-567"), 401),
          ("/api/public/ingestion", batch, basic("pk-lf-1234:"), 401),
          ("/api/public/otel/v1/traces", spans_json(1), good, 200),
          ("/api/public/otel/v1/traces", spans_json(1), "X: y", 401),
          ("/v1/traces", spans_json(1), "X: y", 200)]),
        (["--langfuse-keys", "env", "--token-file", token],
         [("/api/public/ingestion", batch, good, 207),
          ("/api/public/ingestion", batch, basic("x:" + TOKEN), 207),
          ("/api/public/ingestion", batch, "X: y", 401),
          ("/v1/traces", spans_json(1), good, 401),
          ("/v1/traces", spans_json(1), "Authorization: Bearer " + TOKEN,
           200)])]:
    recv = Recv(*args)
    for where, body, header, status in rows:
        r = post(recv, where, body, headers=[header])
        ok(r is not None and r.status == status, "%s %s, %s...: %d" %
           (" ".join(args[:3]), where, header[:22], status), r)
    err = recv.stop()[1]
    ok("sk-lf-5678" not in err, "the secret key is not in the log", err)

# -- Unix sockets ------------------------------------------------------------------------


def ask_unix(name, raw):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(name)
        s.sendall(raw)
        return read_reply(s)


def start(args, stdin=None, env=None, pass_fds=(), preexec=None):
    """A server that is not on TCP: the process and its ready lines."""
    r, w = os.pipe()
    p = subprocess.Popen([PROGRAM, "--ready-fd", str(w)] + args,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         pass_fds=[w] + list(pass_fds), env=env,
                         preexec_fn=preexec)
    os.close(w)
    with os.fdopen(r) as f:
        lines = f.read().split("\n")
    return p, lines


def end(p, name, lines=None):
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=20)
    same(p.returncode, 0, name + ": exit 0")
    if lines is not None:
        same(len(out.splitlines()), lines, name + ": the lines are there")
    return err.decode()


sock = path("recv.sock")
for mode in None, "0660":
    p, ready = start(["--listen", "unix:" + sock] +
                     (["--socket-mode", mode] if mode else []))
    same(ready[0], "unix:" + sock, "a Unix socket is announced")
    same(oct(stat.S_IMODE(os.stat(sock).st_mode)), "0o" + (mode or "0600")[1:],
         "its mode")
    r = ask_unix(sock, request("POST", "/v1/traces", spans_json(3), JSON,
                               host="anything"))
    same(r and r.status, 200, "it takes requests")
    refused(["--listen", "unix:" + sock], "in use", code=69)
    if mode is None:
        p.kill()            # leaves the socket behind
        p.communicate()
        ok(os.path.exists(sock), "(killed)")
    else:
        end(p, "a stale socket was replaced", 3)
write("file", "precious")
refused(["--listen", "unix:" + path("file")], "in use", code=69)
ok(os.path.getsize(path("file")) == 8, "a file in its place stays")

# -- TLS ------------------------------------------------------------------------------
if shutil.which("openssl") is None:
    skip("TLS", "no openssl to make a certificate")
else:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                    path("key.pem"), "-out", path("cert.pem")], check=True,
                   stderr=subprocess.DEVNULL)
    os.chmod(path("key.pem"), 0o644)
    both = ["--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")]
    refused(["--listen", "127.0.0.1:0"] + both, "chmod 600", code=77)
    os.chmod(path("key.pem"), 0o600)
    refused(["--listen", "127.0.0.1:0", "--tls-cert", path("cert.pem"),
             "--tls-key", token], "cert.pem", code=77)
    p, ready = start(["--listen", "0.0.0.0:0", "--grpc", "0.0.0.0:0"] + both)
    port = int(ready[0].rsplit(":", 1)[1])
    gport = int(ready[1].rsplit(":", 1)[1])
    ctx = ssl.create_default_context(cafile=path("cert.pem"))

    def tls(to, alpn=()):
        s = socket.create_connection(("127.0.0.1", to), 15)
        if alpn:
            ctx.set_alpn_protocols(list(alpn))
        return ctx.wrap_socket(s, server_hostname="localhost")

    with tls(port) as s:
        for i in range(2):
            s.sendall(request("POST", "/v1/traces", spans_json(50, 1000),
                              JSON, host="localhost"))
            r = read_reply(s)
            same(r and r.status, 200, "HTTP over TLS, request %d" % (i + 1))
    with socket.create_connection(("127.0.0.1", port), 15) as s:
        s.sendall(request("GET", "/health"))
        try:
            r = s.recv(100)
        except ConnectionResetError:
            r = b""
        ok(not r.startswith(b"HTTP/"), "clear text is not answered", r)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(path("cert.pem"))
    try:
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        for to in port, gport:
            with socket.create_connection(("127.0.0.1", to), 15) as s:
                try:
                    old.wrap_socket(s, server_hostname="localhost")
                    ok(False, "TLS 1.1 is refused")
                except OSError:
                    ok(True, "TLS 1.1 is refused")
    except ValueError:
        skip("TLS 1.1 is refused", "not in this Python")
    if shutil.which("curl"):
        frame = b"\0" + len(spans_pb(2)).to_bytes(4, "big") + spans_pb(2)
        with open(path("frame"), "wb") as f:
            f.write(frame)
        q = subprocess.run(
            ["curl", "-sS", "-i", "--http2", "--cacert", path("cert.pem"), "-H",
             "content-type: application/grpc", "-H", "te: trailers",
             "--data-binary", "@" + path("frame"),
             "https://localhost:%d/opentelemetry.proto.collector.trace.v1."
             "TraceService/Export" % gport], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=20)
        ok(q.stdout.startswith(b"HTTP/2 200") and
           b"grpc-status: 0" in q.stdout.lower(), "gRPC over TLS (ALPN h2)",
           q.stdout, q.stderr)
        end(p, "TLS", 102)
    else:
        skip("gRPC over TLS", "no curl")
        end(p, "TLS", 100)

# -- sockets of a service manager ----------------------------------------------------------


def activated(fds, names, args=(), extra=None):
    """Starts it as systemd does: descriptors 3..., LISTEN_PID its own."""
    keep = [os.dup(f) for f in fds]

    def place():
        high = [os.dup2(f, 100 + i) for i, f in enumerate(keep)]
        for i, f in enumerate(high):
            os.dup2(f, 3 + i, inheritable=True)
    env = dict(os.environ, LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=names,
               **(extra or {}))
    p = subprocess.Popen(["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"', PROGRAM,
                          "-v"] + list(args), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, env=env, preexec_fn=place,
                         close_fds=False)
    for f in keep:
        os.close(f)
    return p


def listener(host="127.0.0.1"):
    s = socket.socket()
    s.bind((host, 0))
    s.listen(16)
    return s


with listener() as a, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as n:
    n.bind(path("notify"))
    n.settimeout(20)
    port = a.getsockname()[1]
    # A request that comes before the server is there waits for it.
    early = socket.create_connection(("127.0.0.1", port), 20)
    early.sendall(request("POST", "/v1/traces", spans_json(1), JSON))
    p = activated([a.fileno()], "http", extra={
        "NOTIFY_SOCKET": path("notify"), "WATCHDOG_USEC": "400000"})
    r = read_reply(early)
    same(r and r.status, 200, "LISTEN_FDS: the waiting request is answered")
    early.close()
    same(n.recv(1000), b"READY=1", "READY=1 is told")
    same([n.recv(1000) for i in range(3)], [b"WATCHDOG=1"] * 3,
         "WATCHDOG=1, in time: the server lives")
    p.send_signal(signal.SIGTERM)
    got = b""
    while got != b"STOPPING=1":
        got = n.recv(1000)
    ok(True, "STOPPING=1 is told")
    out, err = p.communicate(timeout=20)
    same((p.returncode, len(out.splitlines())), (0, 1), "exit 0, one line")
    ok(b"4317" not in err, "only the given socket is served", err)

with listener("0.0.0.0") as a:
    p = activated([a.fileno()], "http")
    out, err = p.communicate(timeout=20)
    ok(p.returncode == 64 and b"loopback" in err,
       "an inherited address is judged like a named one", p.returncode, err)
with open("/dev/null") as a:
    p = activated([a.fileno()], "http")
    out, err = p.communicate(timeout=20)
    ok(p.returncode == 64 and b"does not listen" in err,
       "a descriptor that is no listening socket: exit 64", err)

shutil.rmtree(top)
done()
