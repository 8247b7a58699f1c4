"""aitrace-recv --spool: what is acknowledged is on disk, once and whole,
whatever kills the server; segments rotate, age and go; one writer at a time."""
import glob
import random
import re
import resource
import shutil
import sys
import tempfile
import threading

from recvlib import *

top = tempfile.mkdtemp(prefix="aitrace-spool.")
NAME = re.compile(r"^\d{8}T\d{6}Z-\d{6}\.ndjson$")


def folder(name):
    return os.path.join(top, name)


def content(d):
    """All segments in the order of their names."""
    out = b""
    for p in sorted(glob.glob(d + "/*.ndjson")):
        with open(p, "rb") as f:
            out += f.read()
    return out


def names_in(d):
    return [json.loads(x)["name"] for x in content(d).splitlines()]


# -- the ordinary day -------------------------------------------------------------
d = folder("plain")
recv = Recv("--spool", d)
for i in range(5):
    r = post(recv, "/v1/traces", spans_json(2, first=1 + 2 * i))
    ok(r.status == 200, "taken", r)
    same(names_in(d), ["span-%d" % k for k in range(1, 3 + 2 * i)],
         "by the time of the answer it can be read with cat")
same(oct(os.stat(d).st_mode & 0o777), "0o700", "the folder is private")
p = glob.glob(d + "/*.ndjson")
ok(len(p) == 1 and NAME.match(os.path.basename(p[0])),
   "one segment, named <time>-<seq>.ndjson", p)
same(oct(os.stat(p[0]).st_mode & 0o777), "0o600", "private, too")
q = subprocess.run([PROGRAM, "--listen", "127.0.0.1:0", "--spool", d],
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
ok(q.returncode == 73 and b"another process" in q.stderr,
   "a second writer: exit 73, saying why", q)
r = ask(recv, b"".join(request("POST", "/v1/traces", spans_json(1, first=i),
                               JSON) for i in range(100, 101)))
same(r.status, 200, "the first one goes on")
code, err = recv.stop()
same((code, err, recv.out), (0, "", b""), "exit 0, nothing on stdout")
before = content(d)
recv = Recv("--spool", d)
same(content(d), before, "a restart keeps it all")
same(recv.stop()[0], 0, "exit 0")
same(len(glob.glob(d + "/*.ndjson")), 1, "and leaves no empty segment")

# -- a line that a crash has cut ---------------------------------------------------
with open(p[0], "ab") as f:
    f.write(b'{"record":"span","trace_id":"00')
recv = Recv("--spool", d)
same(content(d), before, "it is cut off when the next server starts")
post(recv, "/v1/traces", spans_json(1, first=500))
code, err = recv.stop()
ok("31 bytes" in err, "which it says", err)
same(content(d)[:len(before)], before, "what came later is behind")
same(names_in(d)[-1], "span-500", "and whole")

# -- rotation and retention ----------------------------------------------------------
d = folder("rotate")
recv = Recv("--spool", d, "--segment-size", "4k", "--retain-size", "40k",
            "--segment-age", "1h")
n = 0
while len(glob.glob(d + "/*.ndjson")) < 3 and n < 100:
    n += 1
    post(recv, "/v1/traces", spans_json(2, pad=2000, first=1 + 2 * n))
segments = sorted(glob.glob(d + "/*.ndjson"))
ok(len(segments) >= 3, "beyond its size a new segment begins", segments)
seqs = [int(s[-13:-7]) for s in segments]
ok(all(b == a + 1 for a, b in zip(seqs, seqs[1:])), "numbered in order", seqs)
got = names_in(d)
same(got, sorted(got, key=lambda x: int(x.split("-")[1])),
     "cat in the order of names is the order of arrival")
while "span-3" in names_in(d) and n < 100:
    n += 1
    post(recv, "/v1/traces", spans_json(2, pad=2000, first=1 + 2 * n))
ok("span-3" not in names_in(d), "over --retain-size the oldest go")
same(names_in(d)[-1], "span-%d" % (2 + 2 * n), "the newest stay")
total = sum(os.path.getsize(x) for x in glob.glob(d + "/*.ndjson"))
ok(total <= (40 << 10) + 5000, "no more than it may be: %d bytes" % total)
r = ask(recv, request("GET", "/metrics"))
ok(b"\naitrace_recv_spool_bytes %d\n" % total in r.body,
   "/metrics tells its size", r.body)
same(recv.stop()[0], 0, "exit 0")

# -- packed when finished --------------------------------------------------------------
d = folder("packed")
recv = Recv("--spool", d, "--segment-size", "4k", "--compress")
for i in range(20):
    post(recv, "/v1/traces", spans_json(2, pad=2000, first=1 + 2 * i))
same(recv.stop()[0], 0, "exit 0")
packed = sorted(glob.glob(d + "/*.ndjson.zst"))
ok(len(packed) >= 5 and len(glob.glob(d + "/*.ndjson")) <= 1 and
   not glob.glob(d + "/*.part"), "--compress packs what is finished",
   os.listdir(d))
if shutil.which("zstdcat"):
    got = subprocess.run(["zstdcat"] + packed, stdout=subprocess.PIPE,
                         check=True).stdout + content(d)
    same([json.loads(x)["name"] for x in got.splitlines()],
         ["span-%d" % k for k in range(1, 41)],
         "zstdcat shows all of it, in order")
else:
    skip("zstdcat shows all of it", "zstd is not installed")
# A crash while it packed leaves a part beside the file it was made of.
with open(packed[-1] + ".part", "wb") as f:
    f.write(b"half")
recv = Recv("--spool", d, "--segment-size", "4k", "--compress",
            "--retain-size", "4k")
for i in range(20, 24):
    post(recv, "/v1/traces", spans_json(2, pad=2000, first=1 + 2 * i))
same(recv.stop()[0], 0, "exit 0")
left = sorted(os.listdir(d))
ok(packed[0].split("/")[-1] not in left, "--retain-size counts them, too",
   left)
ok(not any(x.endswith(".part") for x in left), "what a crash left is gone",
   left)

# A crash between the packed file's name and the end of what it was made of.
whole = subprocess.run(["zstd", "-dc", folder("packed") + "/" + left[-1]],
                       stdout=subprocess.PIPE).stdout \
    if shutil.which("zstd") and left[-1].endswith(".zst") else b""
twin = folder("packed") + "/" + left[-1][:-len(".zst")]
if whole:
    with open(twin, "wb") as f:
        f.write(whole)
    recv = Recv("--spool", d, "--compress")
    same(recv.stop()[0], 0, "exit 0")
    ok(os.path.exists(twin) and not os.path.exists(twin + ".zst"),
       "of a file and its packed form one is left", os.listdir(d))
else:
    skip("of a file and its packed form one is left", "zstd is not installed")

# -- what is too old -------------------------------------------------------------------
d = folder("old")
os.mkdir(d, 0o700)
line = b'{"record":"span","name":"span-%d"}\n'
stamps = [time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - age))
          for age in (90000, 7300, 3500, 60)]
for i, stamp in enumerate(stamps):
    with open("%s/%s-%06d.ndjson" % (d, stamp, i + 1), "wb") as f:
        f.write(line % (i + 1))
recv = Recv("--spool", d, "--retain-age", "1h")
same(post(recv, "/v1/traces", spans_json(1, first=5)).status, 200, "taken")
same(names_in(d), ["span-3", "span-4", "span-5"],
     "--retain-age: what was begun longer ago goes, the rest stays")
r = ask(recv, request("GET", "/metrics"))
ok(b"\naitrace_recv_spool_removed_files_total 2\n" in r.body,
   "/metrics counts them", r.body)
same(recv.stop()[0], 0, "exit 0")

# -- a disk that is full ---------------------------------------------------------------
d = folder("full")


def limit():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


recv = Recv("--spool", d, preexec=limit)
taken = []
for i in range(100):
    r = post(recv, "/v1/traces", spans_json(10, pad=1000, first=1 + 10 * i))
    if r is None or r.status != 200:
        break
    taken += range(1 + 10 * i, 11 + 10 * i)
ok(r is not None and r.status == 503, "the disk is full: 503", r)
recv.p.wait(10)
same(recv.p.returncode, 74, "exit 74")
same(names_in(d), ["span-%d" % k for k in taken],
     "there is what was acknowledged, and nothing by halves")

# -- kill -9 at random moments under load ------------------------------------------------
ROUNDS = int(os.environ.get("AITRACE_CRASHES", "25"))
rnd = random.Random(1)
N = 8
d = folder("crash")
acked, lock = [], threading.Lock()
serial = 0
for k in range(ROUNDS):
    recv = Recv("--spool", d, "--segment-size", "200k")
    stop = threading.Event()

    def load():
        global serial
        try:
            with recv.connect() as s:
                while not stop.is_set():
                    with lock:
                        serial += 1
                        i = serial
                    s.sendall(request("POST", "/v1/traces", spans_json(
                        N, pad=3000, first=1 + i * N), JSON))
                    r = read_reply(s)
                    if r is None:
                        return
                    if r.status == 200:
                        with lock:
                            acked.append(i)
        except OSError:
            return

    threads = [threading.Thread(target=load) for _ in range(4)]
    for t in threads:
        t.start()
    # Anywhere between no answer at all and a dozen.
    goal = len(acked) + rnd.randint(0, 12)
    end = time.monotonic() + 10
    while len(acked) < goal and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(rnd.uniform(0, 0.01))
    recv.p.kill()
    stop.set()
    for t in threads:
        t.join()
    recv.wait()
recv = Recv("--spool", d)
same(recv.stop()[0], 0, "after %d kills it starts again" % ROUNDS)
seen = {}
for name in names_in(d):
    i = (int(name.split("-")[1]) - 1) // N
    seen.setdefault(i, []).append(name)
ok(len(acked) > ROUNDS, "%d requests were acknowledged" % len(acked))
lost = [i for i in acked if len(seen.get(i, [])) != N or
        len(set(seen[i])) != N]
same(lost, [], "each of them is there, whole and once")
shutil.rmtree(top)
done()
