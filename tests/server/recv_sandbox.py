"""aitrace-recv gives up what a server does not need, and works all the same
(every other test of it runs in the sandbox, too)."""
import shutil
import tempfile

from recvlib import *


def status(recv):
    with open("/proc/%d/status" % recv.p.pid) as f:
        return dict(line.split(":\t", 1) for line in f.read().splitlines()
                    if ":\t" in line)


with open(PROGRAM, "rb") as f:
    plain = b"__asan_init" not in f.read()
top = tempfile.mkdtemp(prefix="aitrace-sandbox.")
d = os.path.join(top, "spool")
for args, priv, mode in (["-v", "--spool", d], "1", "2"), \
        (["-v", "--sandbox", "off"], "0", "0"):
    recv = Recv(*args)
    st = status(recv)
    same(st["NoNewPrivs"], priv, "%s: no new privileges" % args[1:])
    r = post(recv, "/v1/traces", spans_json(3))
    same(r.status, 200, "it works")
    # As this was written, libseccomp is optional: the log tells what is on.
    code, err = recv.stop()
    if mode == "0" or (plain and "system calls" in err):
        same(st.get("Seccomp"), mode, "system calls are filtered: " + mode)
    same((code, "sandbox:" in err), (0, mode == "2"), "it says so")
same(len(os.listdir(d)), 2, "the spool holds a segment and the lock")
shutil.rmtree(top)
done()
