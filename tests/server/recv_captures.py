"""Every recorded request of every client, sent over HTTP as it was (type,
encoding, chunking), gives the lines that its bytes give offline."""
import glob
import gzip
import sys
import threading

from recvlib import *

root = sys.argv[1]
# These send bodies in chunks, without Content-Length (captures/README).
CHUNKING = ("gemini-cli/", "otel-js/", "langfuse-js-v5/")


def offline(path):
    p = subprocess.run([PROGRAM, path], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    return p.returncode, p.stdout, p.stderr.decode()


recv = Recv()
pos = 0
clients = {}
for head_path in sorted(glob.glob(root + "/*/*/*.headers.json")):
    with open(head_path) as f:
        head = json.load(f)
    base = head_path[:-len(".headers.json")]
    path = base + ".json" if os.path.exists(base + ".json") else base + ".pb"
    name = os.path.relpath(path, root)
    if "public_ingestion" in name:
        continue
    with open(path, "rb") as f:
        body = f.read()
    code, want, err = offline(path)
    if not ok(code == 0 and want.endswith(b"\n"), name + ": offline", err):
        continue
    grpc = "grpc" in head["protocol"]
    ctype = PROTO if grpc else head["headers"]["content-type"]
    url = "/v1/" + name.split("-")[-1].split(".")[0] if grpc else head["path"]
    extra = []
    if head["headers"].get("content-encoding") == "gzip" or \
            head.get("grpc_message_compressed"):
        extra.append("Content-Encoding: gzip")
        body = gzip.compress(body)
    if name.startswith(CHUNKING):
        raw = send_chunked(url, body, ctype, extra, 65536)
    else:
        raw = request("POST", url, body, ctype, extra)
    result = []
    with recv.connect() as s:
        # The answer comes after the lines, which we must be reading.
        t = threading.Thread(target=lambda: (s.sendall(raw),
                                             result.append(read_reply(s))))
        t.start()
        recv.read_out(lambda b: len(b) - pos >= len(want))
        t.join()
    r = result[0] if result else None
    ok(r is not None and r.status == 200 and r.type == ctype.split(";")[0] and
       r.body == (b"" if ctype == PROTO else b"{}"),
       name + ": answered with 200 in its type", r)
    same(recv.out[pos:] == want, True, name + ": live equals offline")
    pos = len(recv.out)
    clients[name.split("/")[0]] = True
same(sorted(clients), ["claude-code", "codex", "gemini-cli", "langfuse-js-v5",
                       "opencode", "otel-js"], "every client was there")
code, err = recv.stop()
same((code, err), (0, ""), "exit 0, and nothing to complain of")
same(len(recv.out), pos, "nothing more came out")
done()
