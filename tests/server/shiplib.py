"""What the tests of aitrace-ship share: records to send, and sending them."""
import base64
import hashlib
import json
import os
import subprocess
import tempfile

PROGRAM = os.environ.get("AITRACE_SHIP", "aitrace-ship")
PK, SK = "pk-lf-ship", "sk-lf-hidden"
BASIC = "Basic " + base64.b64encode(("%s:%s" % (PK, SK)).encode()).decode()
KEYS = {"LANGFUSE_PUBLIC_KEY": PK, "LANGFUSE_SECRET_KEY": SK}
BASE = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
T0 = 1795219200 * 10**9


def stamp(ns):
    import datetime
    s = datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc)
    return s.strftime("%Y-%m-%dT%H:%M:%S.") + "%09dZ" % (ns % 10**9)


def span(i, name=None, size=0, **more):
    """Record i of a stream: a span in trace i // 10."""
    h = hashlib.sha256(b"%d" % i).hexdigest()
    r = {"record": "span",
         "trace_id": hashlib.sha256(b"t%d" % (i // 10)).hexdigest()[:32],
         "span_id": h[:16], "name": name or "span %d" % i,
         "kind": "INTERNAL", "start_time": stamp(T0 + i * 1000003),
         "end_time": stamp(T0 + i * 1000003 + 500),
         "resource": {"service.name": "test", "service.version": "1.2"},
         "scope": {"name": "t"},
         "attributes": {"session.id": "s", "n": i, "text": h * (size // 64)}}
    r.update(more)
    return r


def lines(records):
    return "".join(json.dumps(r, separators=(",", ":")) + "\n"
                   for r in records).encode()


def key(r):
    return (r["trace_id"], r["span_id"])


def keys(records):
    return sorted(key(r) for r in records)


def command(*args):
    return [PROGRAM] + list(args)


def ship(data, *args, server=None, env=KEYS, timeout=90):
    """Ships the records (or bytes) and waits for the end. They stand in a file:
    a writer that a busy machine holds up would be two requests, or more, as
    what waits for --batch-age is sent."""
    if not isinstance(data, bytes):
        data = lines(data)
    env = dict(BASE, **env)
    if server is not None:
        env["LANGFUSE_BASE_URL"] = server.url
    with tempfile.TemporaryFile() as f:
        f.write(data)
        f.seek(0)
        p = subprocess.run(command(*args), stdin=f, env=env,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=timeout)
    p.err = p.stderr.decode()
    return p
