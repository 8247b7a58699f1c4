"""aitrace-ship --spool delivers segments that aitrace-recv --compress packed,
and forgets them no sooner than they were accepted."""
import glob
import os
import subprocess
import tempfile

from fakeserver import Server
from recvlib import Recv, done, ok, post, same, spans_json
from shiplib import BASIC, ship, span


def records(folder):
    """A spool of forty spans, most of it packed."""
    recv = Recv("--spool", folder, "--segment-size", "4k", "--compress")
    for i in range(20):
        post(recv, "/v1/traces", spans_json(2, pad=2000, first=1 + 2 * i))
    return recv


def names(server):
    return sorted((s["name"] for s in server.spans),
                  key=lambda n: int(n.split("-")[1]))


ALL = ["span-%d" % k for k in range(1, 41)]

with tempfile.TemporaryDirectory() as d:
    recv = records(d)
    ok(len(glob.glob(d + "/*.zst")) >= 5, "most of it is packed",
       os.listdir(d))
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(b"", "--spool", d, "--once", "--retry-for", "300ms", server=s)
    same(p.returncode, 75, "a server that is down: exit 75")
    ok(len(glob.glob(d + "/*.zst")) >= 5, "and all is still there")
    s.script = []
    p = ship(b"", "--spool", d, "--once", server=s)
    same(p.returncode, 0, "beside the receiver: exit 0")
    same(names(s), ALL, "every span is delivered, once")
    same(glob.glob(d + "/*.zst"), [], "what was accepted is forgotten")
    post(recv, "/v1/traces", spans_json(2, first=41))
    same(recv.stop()[0], 0, "the receiver ends well")
    p = ship(b"", "--spool", d, "--once", server=s)
    same((p.returncode, names(s)), (0, ALL + ["span-41", "span-42"]),
         "a later run delivers the rest, and nothing twice")
    same(glob.glob(d + "/*.ndjson*"), [], "the spool is empty")
    s.close()

with tempfile.TemporaryDirectory() as d:
    same(records(d).stop()[0], 0, "another spool")
    hurt = sorted(glob.glob(d + "/*.zst"))[1]
    with open(hurt, "r+b") as f:
        f.truncate(os.path.getsize(hurt) - 5)
    s = Server(auth=BASIC)
    p = ship(b"", "--spool", d, "--once", server=s)
    ok(p.returncode == 74 and os.path.basename(hurt).encode() in p.stderr,
       "a damaged one: exit 74, and it is named", p)
    ok(os.path.exists(d + "/aside/" + os.path.basename(hurt)),
       "it is set aside", os.listdir(d))
    same(len(s.spans), 38, "the others are delivered")
    s.close()

with tempfile.TemporaryDirectory() as d:
    same(records(d).stop()[0], 0, "a third spool")
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship([span(i, size=640) for i in range(1000)], "--spool", d,
             "--spool-limit", "128K", "--retry-for", "10ms", "-v", server=s)
    left = 0
    for path in glob.glob(d + "/*.ndjson*"):
        with open(path, "rb") as f:
            text = f.read()
        if path.endswith(".zst"):
            text = subprocess.run(["zstd", "-dc"], input=text, check=True,
                                  stdout=subprocess.PIPE).stdout
        left += text.count(b"\n")
    ok(" dropped=%d " % (1040 - left) in p.err,
       "packed records that are dropped are counted", p.err)
    s.close()
done()
