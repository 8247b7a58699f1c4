"""aitrace-ship under fire: killed at any point, on full disks, before servers
that fail in every way, with clocks that jump. After that every span has
arrived, the same each time, and the spool is empty.

usage: farm.py KILLS SEED
"""
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from fakeserver import Server
from recvlib import done, ok, same, skip
from shiplib import BASE, BASIC, KEYS, command, key, keys, lines, ship, span

EACH = 40               # kills in a generation
FAULTS = [{"status": 503}, {"status": 429}, {"status": 500}, {"do": "reset"},
          {"do": "lost"}, {"do": "half"}, {"do": "hang"},
          {"status": 200, "body": "\x00{bro"}]
# When it is killed: then, or a moment later.
TRIGGERS = ("accept", "write", "send", "acknowledge", "forget")


class Trap(Server):
    """Calls back when a request has come, before it is answered."""
    spring = None

    def take(self, spans):
        spring = self.spring
        if spring and spans:
            spring()
        return super().take(spans)


def segments(tmp):
    return sorted(f for f in os.listdir(tmp) if f.startswith(("2", "1")) and
                  ".ndjson" in f)


def content(s):
    return str(sorted((k, str(v)) for k, v in s.items()))


class Farm:
    def __init__(self, tmp, seed):
        self.spool = os.path.join(tmp, "spool")
        self.rnd = random.Random(seed)
        self.server = Trap(auth=BASIC)
        self.env = dict(BASE, LANGFUSE_BASE_URL=self.server.url, **KEYS)
        self.next = 0
        self.sent = []              # records that must arrive
        self.hits = collections.Counter()
        self.seen = {}              # what each was when it came first
        self.changed = 0
        self.took = 0.05            # a run, unhindered

    def fresh(self, n):
        recs = [span(self.next + i, size=256) for i in range(n)]
        self.next += n
        return recs

    def run(self, data, *args):
        p = subprocess.Popen(
            command("--spool", self.spool, "--batch-count", "20",
                    "--timeout", "300ms", "--retry-for", "1s", *args),
            env=self.env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

        def feed():     # it may be killed before it reads
            try:
                p.stdin.write(data)
                p.stdin.close()
            except OSError:
                pass
        t = threading.Thread(target=feed)
        t.start()
        return p, t

    def kill(self, p):
        try:
            p.send_signal(signal.SIGKILL)
        except ProcessLookupError:
            pass

    def watch(self, p, stage):
        """Kills p around the stage; True when it was still running."""
        rnd, end = self.rnd, time.monotonic() + 3
        if stage == "accept":
            time.sleep(rnd.random() * self.took)
        elif stage == "write":
            was = os.path.isdir(self.spool) and segments(self.spool)
            while p.poll() is None and time.monotonic() < end and \
                    (not os.path.isdir(self.spool) or
                     segments(self.spool) == was):
                time.sleep(0.0002)
            time.sleep(rnd.random() * 0.004)
        elif stage in ("send", "acknowledge"):
            hit = threading.Event()
            skipped = rnd.randrange(3)

            def spring():
                nonlocal skipped
                skipped -= 1
                if skipped < 0:
                    if stage == "send":
                        self.kill(p)
                    hit.set()
            self.server.spring = spring
            while not hit.wait(0.01) and p.poll() is None and \
                    time.monotonic() < end:
                pass
            if stage == "acknowledge":
                time.sleep(rnd.random() * 0.006)
        else:
            mark = os.path.join(self.spool, ".shipped")
            was = os.stat(mark).st_mtime_ns if os.path.exists(mark) else 0
            while p.poll() is None and time.monotonic() < end and not (
                    os.path.exists(mark) and
                    os.stat(mark).st_mtime_ns != was):
                time.sleep(0.0002)
            time.sleep(rnd.random() * 0.002)
        alive = p.poll() is None or p.returncode == -signal.SIGKILL
        self.kill(p)
        p.wait()
        self.server.spring = None
        return alive

    def collect(self):
        """Checks that what came again is what it was."""
        with self.server.lock:
            spans, self.server.spans = self.server.spans, []
            self.server.requests = []
        for s in spans:
            k = key(s)
            c = content(s)
            self.changed += self.seen.setdefault(k, c) != c

    def jump(self):
        """A writer whose clock was far off has left a segment."""
        recs = self.fresh(10)
        os.makedirs(self.spool, exist_ok=True)
        have = segments(self.spool)
        mark = os.path.join(self.spool, ".shipped")
        if os.path.exists(mark):
            with open(mark) as f:
                have.append(f.read().split()[0])
        last = max(have, default="19700101T000000Z-000000.ndjson")
        year = max(int(last[:4]), self.rnd.choice((1970, 2031, 2099)))
        name = "%04d%s-%06d.ndjson" % (year, last[4:16], int(last[17:23]) + 1)
        with open(os.path.join(self.spool, name), "wb") as f:
            f.write(lines(recs))
        self.sent += recs

    def generation(self, kills):
        pending = self.fresh(60)
        self.server.script = []
        n = 0
        while n < kills:
            rnd = self.rnd
            self.server.script = [dict(rnd.choice(FAULTS)) for _ in
                                  range(rnd.randrange(3))]
            stage = TRIGGERS[n % len(TRIGGERS)]
            if rnd.random() < 0.1:
                self.jump()
            # Whoever feeds sends again what may not have been taken.
            p, feeder = self.run(lines(pending), *rnd.choice(
                ((), ("--in-flight", "1"))))
            began = time.monotonic()
            hit = self.watch(p, stage)
            feeder.join()
            if hit:
                n += 1
                self.hits[stage] += 1
            else:
                self.took = (self.took + time.monotonic() - began) / 2
                n += stage == "forget"      # no second chance at it
            if p.returncode in (0, 75) or rnd.random() < 0.4:
                if p.returncode not in (0, 75):
                    # The rest of it comes once more, and stays.
                    self.server.script = []
                    self.finish(lines(pending), "fed again")
                self.sent += pending
                pending = self.fresh(60)
        self.server.script = []
        self.finish(lines(pending), "the last")
        self.sent += pending

    def finish(self, data, name):
        p = ship(data, "--spool", self.spool, "--batch-count", "20",
                 server=self.server)
        if p.returncode != 0:
            same(p.returncode, 0, name + ": " + p.err)
        self.collect()

    def check(self, name):
        self.finish(b"", name)
        missing = sorted(k for k in keys(self.sent) if k not in self.seen)
        same((missing[:3], len(missing)), ([], 0),
             "%s: all %d spans have arrived" % (name, len(self.sent)))
        same(self.changed, 0, name + ": whatever came twice was the same")
        same((segments(self.spool), os.path.exists(os.path.join(
            self.spool, "parked.ndjson"))), ([], False),
            name + ": the spool is empty")


def killed(tmp, kills, seed):
    farm = Farm(tmp, seed)
    left, n = kills, 0
    while left > 0:
        farm.generation(min(EACH, left))
        left -= EACH
        n += 1
        if left % (EACH * 5) == 0 or left <= 0:
            farm.check("after %d kills" % (kills - max(left, 0)))
    farm.server.close()
    ok(all(farm.hits[s] > 0 for s in TRIGGERS[:4]),
       "killed at every stage: " + ", ".join(
           "%s %d" % (s, farm.hits[s]) for s in TRIGGERS), farm.hits)


def servers(tmp):
    """A server that fails in one way for a whole run, then recovers."""
    for name, script in (
            ("down", [{"status": 503, "times": 0}]),
            ("nobody there", None),
            ("flapping", [{"status": 503}, {"status": 200}] * 4),
            ("hanging", [{"do": "hang", "times": 3}]),
            ("half answers", [{"do": "half", "times": 0}]),
            ("reset after it accepted", [{"do": "lost", "times": 0}]),
            ("200 with a broken body", [{"status": 200, "body": "{\x00",
                                         "times": 0}])):
        spool = os.path.join(tmp, name.replace(" ", "-"))
        recs = [span(i) for i in range(100)]
        s = Server(script or [], auth=BASIC)
        env = dict(KEYS, LANGFUSE_BASE_URL=s.url if script else
                   "http://127.0.0.1:1")
        # Who is to deliver in spite of it has the time a busy machine needs.
        good = name in ("flapping", "200 with a broken body")
        p = ship(recs, "--spool", spool, "--batch-count", "25",
                 "--retry-for", "60s" if good else "1s",
                 "--timeout", "60s" if good else "300ms", env=env)
        ok(p.returncode == (0 if good else 75) or
           name == "hanging", name + ": its exit status", p.returncode, p.err)
        s.script = []
        s.stop.set()
        same(ship(b"", "--spool", spool, "--once", server=s).returncode, 0,
             name + ": then the rest")
        got = collections.defaultdict(set)
        for x in s.spans:
            got[key(x)].add(content(x))
        same((sorted(got), {len(v) for v in got.values()}, segments(spool)),
             (keys(recs), {1}, []), name + ": all, the same, and none left")
        s.close()


def again(tmp, kills, seed):
    """Killed while what was parked is tried again, or parked again."""
    rnd = random.Random(seed)
    recs = [span(i, name="BAD" if i % 9 == 0 else None) for i in range(400)]
    s = Server([{"status": 400, "name": "BAD", "times": 0}], auth=BASIC)
    p = ship(recs, "--spool", tmp, server=s)
    same(p.returncode, 65, "parked at first")
    env = dict(BASE, LANGFUSE_BASE_URL=s.url, **KEYS)
    for n in range(kills):
        s.script = [{"status": 400, "name": "BAD", "times": 0}] if n % 2 \
            else [{"do": "lost", "times": 2}]
        p = subprocess.Popen(command("--spool", tmp, "--once",
                                     "--retry-parked"), env=env,
                             stderr=subprocess.DEVNULL)
        time.sleep(rnd.random() * 0.15)
        p.kill()
        p.wait()
    s.script = []
    p = ship(b"", "--spool", tmp, "--once", "--retry-parked", server=s)
    got = collections.defaultdict(set)
    for x in s.spans:
        got[key(x)].add(content(x))
    ok((p.returncode, sorted(got), {len(v) for v in got.values()}) ==
       (0, keys(recs), {1}), "killed %d times while it is tried again: all "
       "arrive, the same each time" % kills, p.returncode,
       len(recs) - len(got), p.err)
    same([f for f in os.listdir(tmp) if not f.startswith(".")], [],
         "and nothing is left")
    s.close()


def full(tmp, rooms):
    """A disk of one megabyte, full at each stage."""
    disk = os.path.join(tmp, "disk")
    os.mkdir(disk)
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk],
            stderr=subprocess.DEVNULL).returncode != 0:
        skip("a full disk", "a file system cannot be mounted here")
        return
    try:
        for room in rooms:
            full_at(disk, room)
            full_later(disk, room)
    finally:
        subprocess.run(["umount", disk], check=True)


def ballast(disk, room):
    """Leaves so much room on it."""
    v = os.statvfs(disk)
    n = v.f_bavail * v.f_frsize - room
    with open(os.path.join(disk, "ballast"), "wb") as f:
        f.write(b"\0" * max(n, 0))


def facts(p):
    line = [x for x in p.err.splitlines() if " info: in=" in x]
    return {k: int(v) for k, v in (x.split("=") for x in
                                   line[-1].split()[2:]) if v.isdigit()}


def clean(disk):
    for name in os.listdir(disk):
        path = os.path.join(disk, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


def full_at(disk, room):
    """Full while records come in; whoever feeds goes on where it ended."""
    name = "%d bytes of disk" % room
    clean(disk)
    spool = os.path.join(disk, "spool")
    os.mkdir(spool)
    ballast(disk, room)
    recs = [span(i, size=2048) for i in range(900)]     # about 2 MB
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(recs, "--spool", spool, "--retry-for", "10ms", "-v", server=s)
    f = facts(p) if " info: in=" in p.err else {"accepted": 0}
    ok(p.returncode in (73, 74), name + ": told", p.returncode, p.err)
    s.script = []
    taken, rounds = f["accepted"], 0
    while taken < len(recs) and rounds < 20:
        p = ship(recs[taken:], "--spool", spool, "-v", server=s)
        more = facts(p)["accepted"] if " info: in=" in p.err else 0
        taken, rounds = taken + more, rounds + 1
        if more == 0:
            os.unlink(os.path.join(disk, "ballast"))
            ballast(disk, 1 << 19)
    same(taken, len(recs), name + ": all is taken in the end")
    os.unlink(os.path.join(disk, "ballast"))
    p = ship(b"", "--spool", spool, "--once", server=s)
    missing = set(keys(recs)) - {key(x) for x in s.spans}
    ok((p.returncode, missing, segments(spool)) == (0, set(), []),
       name + ": what is accepted arrives", p.returncode, missing, p.err)
    s.close()


def full_later(disk, room):
    """Full when it comes to noting, parking and forgetting."""
    name = "%d bytes left" % room
    clean(disk)
    spool = os.path.join(disk, "spool")
    recs = [span(i, size=1024) for i in range(300)]
    recs[150]["name"] = "BAD"
    s = Server([{"status": 503, "times": 0}], auth=BASIC)
    p = ship(recs, "--spool", spool, "--retry-for", "10ms", server=s)
    same(p.returncode, 75, name + ": kept at first")
    ballast(disk, room)
    s.script = [{"status": 400, "name": "BAD", "times": 0}]
    codes = [ship(b"", "--spool", spool, "--once", server=s).returncode
             for _ in range(2)]
    ok(set(codes) <= {0, 65, 73, 74}, name + ": told", codes)
    os.unlink(os.path.join(disk, "ballast"))
    s.script = [{"status": 400, "name": "BAD", "times": 0}]
    ship(b"", "--spool", spool, "--once", server=s)
    s.script = []
    p = ship(b"", "--spool", spool, "--once", "--retry-parked", server=s)
    got = collections.defaultdict(set)
    for x in s.spans:
        got[key(x)].add(content(x))
    same((p.returncode, sorted(got), {len(v) for v in got.values()},
          segments(spool), os.path.exists(os.path.join(
              spool, "parked.ndjson"))), (0, keys(recs), {1}, [], False),
         name + ": with room again, all arrive")
    s.close()


def main():
    kills, seed = int(sys.argv[1]), int(sys.argv[2])
    print("# kills %d, seed %d" % (kills, seed))
    with tempfile.TemporaryDirectory() as tmp:
        killed(tmp, kills, seed)
    with tempfile.TemporaryDirectory() as tmp:
        servers(tmp)
    with tempfile.TemporaryDirectory() as tmp:
        again(tmp, max(6, kills // 10), seed)
    with tempfile.TemporaryDirectory() as tmp:
        full(tmp, (0, 16384) if kills < 100 else
             (0, 4096, 16384, 65536, 262144, 1 << 20))
    done()


main()
