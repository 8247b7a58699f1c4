"""aitrace-ship --route: every record to the destination its rules name and to
no other, whatever happens to the others."""
import base64
import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.request

from fakeserver import Server
from recvlib import Recv, done, ok, same
from shiplib import BASE, command, keys, lines, span

NAMES = ("web", "data", "rest")
LONG = 120


def basic(name):
    pair = "pk-lf-%s:sk-lf-%s" % (name, name)
    return "Basic " + base64.b64encode(pair.encode()).decode()


ENV = dict(BASE)
for n in NAMES:
    ENV["%s_PK" % n.upper()] = "pk-lf-" + n
    ENV["%s_SK" % n.upper()] = "sk-lf-" + n


def until(cond, seconds=LONG):
    end = time.monotonic() + seconds
    while not cond():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def of(project, i, **more):
    """Span i of a project: no two projects share a trace."""
    r = span(i * 10 + NAMES.index(project), **more)
    r["trace_id"] = span(i // 5 * 1000 + 500 + NAMES.index(project))["span_id"] * 2
    r["attributes"]["project.name"] = project
    return r


def mixed(n, projects=("web", "data")):
    return [of(p, i) for i in range(n) for p in projects]


def pick(recs, project):
    return keys([r for r in recs if r["attributes"]["project.name"] == project])


def got(server):
    return sorted({(s["trace_id"], s["span_id"]) for s in server.spans})


def seen(server):
    """Everything that ever reached it, accepted or not."""
    with server.lock:
        return {tuple(s[:2]) for r in server.requests
                for s in r.get("spans", ())}


class Case:
    """A folder with a route file, a server for each project."""

    def __init__(self, tmp, names=("web", "data"), tail="", **scripts):
        self.dir = tempfile.mkdtemp(dir=tmp)
        self.spool = os.path.join(self.dir, "spool")
        self.conf = os.path.join(self.dir, "route.conf")
        self.server = {n: Server(scripts.get(n, ()), auth=basic(n))
                       for n in names}
        self.write("".join(self.dest(n) for n in names) +
                   "".join('send %s when project == "%s"\n' % (n, n)
                           for n in names if n != "rest") + tail)

    def dest(self, n):
        return ("destination %s langfuse\n\turl %s\n"
                "\tpublic-key-env %s_PK\n\tsecret-key-env %s_SK\n"
                % (n, self.server[n].url, n.upper(), n.upper()))

    def write(self, text):
        with open(self.conf + ".new", "w") as f:
            f.write(text)
        os.rename(self.conf + ".new", self.conf)

    def args(self, *more):
        return command("--spool", self.spool, "--route", self.conf, *more)

    def run(self, data, *more, env=ENV):
        if not isinstance(data, bytes):
            data = lines(data)
        p = subprocess.run(self.args(*more), input=data, env=env,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=LONG)
        p.err = p.stderr.decode()
        return p

    def start(self, *more, env=ENV):
        os.makedirs(self.spool, exist_ok=True)
        return subprocess.Popen(self.args(*more), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=env)

    def waiting(self):
        """Segments anywhere in the spool."""
        return sorted(os.path.relpath(os.path.join(d, f), self.spool)
                      for d, _, files in os.walk(self.spool)
                      for f in files if f.endswith(".ndjson"))

    def close(self):
        for s in self.server.values():
            s.close()


def apart(tmp):
    """One works while the other hangs."""
    for what in ({"do": "hang", "times": 0}, {"status": 503, "times": 0}):
        name = "hangs" if "do" in what else "answers 503"
        c = Case(tmp, data=[what])
        recs = mixed(400)
        p = c.start("--batch-count", "50", "-v")
        p.stdin.write(lines(recs))
        p.stdin.close()
        p.stdin = None
        ok(until(lambda: got(c.server["web"]) == pick(recs, "web")),
           "one %s: all of the other arrives" % name)
        same((p.poll(), got(c.server["data"])), (None, []),
             "while the one that %s has nothing and is still tried" % name)
        p.kill()
        p.communicate()
        p = c.run(b"", "--once", "--retry-for", "300ms")
        same(p.returncode, 75, "killed and begun again: something is left")
        ok("data: 400 records were not delivered yet" in p.err and
           "web: " not in p.err, "and it says whose", p.err)
        ok(all(w.startswith("to/data/") for w in c.waiting()) and c.waiting(),
           "what is left is in its own queue", c.waiting())
        sent = len(c.server["web"].spans)
        c.server["data"].script = []
        p = c.run(b"", "--once")
        same((p.returncode, got(c.server["data"]), c.waiting()),
             (0, pick(recs, "data"), []), "it gets all of it later")
        same(len(c.server["web"].spans), sent, "the other nothing twice")
        same((seen(c.server["web"]) - set(pick(recs, "web")),
              seen(c.server["data"]) - set(pick(recs, "data"))),
             (set(), set()), "not one span crossed")
        c.close()


def homeless(tmp):
    c = Case(tmp)
    recs = mixed(10) + [of("rest", i) for i in range(7)]
    p = c.run(recs)
    same((p.returncode, got(c.server["web"]), got(c.server["data"])),
         (65, pick(recs, "web"), pick(recs, "data")),
         "no rule: nobody gets it")
    ok("no rule for 7 records" in p.err and len(c.waiting()) == 1 and
       c.waiting()[0].startswith("unrouted/"), "it is parked and told", p.err,
       c.waiting())
    with open(os.path.join(c.spool, c.waiting()[0]), "rb") as f:
        same(f.read(), lines(recs[20:]), "as it came")
    p = c.run(b"", "--once")
    same((p.returncode, len(c.waiting())), (0, 1), "it stays there")
    with open(c.conf, "a") as f:
        f.write('send data when project == "rest"\n')
    p = c.run(b"", "--once", "--retry-parked")
    same((p.returncode, c.waiting(), os.listdir(c.spool).count("unrouted")),
         (0, [], 0), "--retry-parked with a new rule")
    same(got(c.server["data"]), keys([r for r in recs if r["attributes"]
                                      ["project.name"] != "web"]),
         "delivers it")
    c.close()
    c = Case(tmp, names=NAMES, tail="otherwise send rest\n")
    recs.append({"record": "span", **span(99)})
    p = c.run(recs)
    want = pick(recs[:-1], "rest") + keys(recs[-1:])
    same((p.returncode, got(c.server["rest"])), (0, sorted(want)),
         "otherwise send")
    c.close()


def both(tmp):
    c = Case(tmp)
    c.write(c.dest("web") + c.dest("data") +
            'otherwise send data\nsend web,data when project == "web"\n'
            'send web when true\n')
    recs = mixed(10)
    p = c.run(recs)
    same((p.returncode, got(c.server["web"]), got(c.server["data"])),
         (0, keys(recs), pick(recs, "web")),
         "a copy to each; the first rule that fits counts")
    c.close()


def no_keys(tmp):
    c = Case(tmp)
    recs = mixed(10)
    env = {k: v for k, v in ENV.items() if k != "DATA_SK"}
    env["LANGFUSE_PUBLIC_KEY"], env["LANGFUSE_SECRET_KEY"] = \
        "pk-lf-web", "sk-lf-web"
    p = c.run(recs, "-vv", env=env)
    same((p.returncode, got(c.server["web"]), got(c.server["data"])),
         (77, pick(recs, "web"), []), "a missing key holds its own records")
    ok("data: DATA_SK is not set" in p.err, "and is named", p.err)
    same(len(c.server["data"].requests), 0, "the usual keys do not stand in")
    p = c.run(b"", "--once", "-vv")
    same((p.returncode, got(c.server["data"]), c.waiting()),
         (0, pick(recs, "data"), []), "with the key they go")
    shown = [k for k in ENV if k[-3:] in ("_PK", "_SK") and ENV[k] in p.err]
    ok(not shown and basic("data")[6:] not in p.err, "no key is shown", p.err)
    c.server["data"].auth = basic("other")
    p = c.run(recs, "-vv")
    same((p.returncode, len(c.server["web"].spans)), (77, 20),
         "a key that is refused stops its own only")
    ok("data (http" in p.err and "refuses the credentials" in p.err,
       "and is told with the name", p.err)
    c.close()


def key_places(tmp):
    c = Case(tmp)
    path = {}
    for k, v in (("pk", "pk-lf-data"), ("sk", "sk-lf-data")):
        path[k] = os.path.join(c.dir, k)
        with open(path[k], "w") as f:
            f.write(v + "\n")
        os.chmod(path[k], 0o600)
    c.write(c.dest("web").replace("_SK", "_SK").replace(
        "\tpublic-key-env WEB_PK\n\tsecret-key-env WEB_SK\n",
        "\tkey-command sh -c 'echo pk-lf-web sk-lf-web'\n") +
        "destination data langfuse\n\turl %s\n\tpublic-key-file %s\n"
        "\tsecret-key-file %s\n" % (c.server["data"].url, path["pk"],
                                    path["sk"]) +
        'send web when project == "web"\nsend data when true\n')
    recs = mixed(5)
    p = c.run(recs, env=BASE)
    same((p.returncode, got(c.server["web"]), got(c.server["data"])),
         (0, pick(recs, "web"), pick(recs, "data")),
         "keys from a command and from files")
    os.chmod(path["sk"], 0o640)
    more = [of("web", 50), of("data", 50)]
    p = c.run(more, env=BASE)
    ok(p.returncode == 77 and path["sk"] in p.err and "chmod 600" in p.err and
       got(c.server["web"]) == keys(more[:1] + [r for r in recs if r[
           "attributes"]["project.name"] == "web"]),
       "a file that others may read is refused, and stops its own only",
       p.returncode, p.err)
    c.close()
    s = Server(paths=["/v1/traces", "/v1/logs", "/v1/metrics",
                      "/otel/v1/traces"])
    c = Case(tmp, names=())
    c.write("destination a otlp\n\turl %s\n\ttoken-env TOK\n"
            "\theader X-A: b c\n\tformat json\n\tcompress none\n"
            "destination b langsmith\n\turl %s\n\ttoken-env TOK\n"
            "\theader Langsmith-Project: p\n"
            'send a when project == "web"\nsend b when true\n'
            % (s.url, s.url))
    p = c.run(recs, env=dict(BASE, TOK="t0k",
                             OTEL_EXPORTER_OTLP_HEADERS="x-other=1"))
    h = {r["path"]: r["headers"] for r in s.posts()}
    a, b = h.get("/v1/traces", {}), h.get("/otel/v1/traces", {})
    same((p.returncode, a.get("authorization"), a.get("x-a"), a.get(
        "content-type"), a.get("content-encoding"), a.get("x-other"),
        b.get("x-api-key"), b.get("langsmith-project")),
        (0, "Bearer t0k", "b c", "application/json", None, None, "t0k", "p"),
        "tokens, headers and formats of other kinds")
    s.close()
    c.close()


def reload(tmp):
    c = Case(tmp, names=NAMES)
    good = open(c.conf).read()
    first, second = mixed(10), [of("rest", i) for i in range(5)]
    p = c.start()
    feed = p.stdin
    feed.write(lines(first))
    feed.flush()
    ok(until(lambda: got(c.server["data"]) == pick(first, "data")),
       "following: a first part")
    c.write(good + "send nobody when true\n")
    p.send_signal(signal.SIGHUP)
    line = p.stderr.readline().decode()
    ok("route.conf:%d: no such destination: nobody; it stays as it was"
       % (good.count("\n") + 1) in line, "SIGHUP: a wrong file changes "
       "nothing", line)
    c.write(good + 'send rest when project == "rest"\n')
    p.send_signal(signal.SIGHUP)
    tries = [0]

    def arrived():
        # the signal is taken when it is taken: feed until a rule is there
        tries[0] += 1
        feed.write(lines([of("rest", 100 + tries[0])]))
        feed.flush()
        return bool(got(c.server["rest"]))

    ok(until(arrived), "SIGHUP: a new rule counts")
    feed.write(lines(second))
    feed.close()
    p.stdin = None
    out, err = p.communicate(timeout=LONG)
    ok(set(keys(second)) <= set(got(c.server["rest"])) and
       p.returncode in (0, 65), "for what comes after it", p.returncode, err)
    same((got(c.server["web"]), got(c.server["data"])),
         (pick(first, "web"), pick(first, "data")), "nothing crossed")
    c.close()


def traces(tmp):
    """What fits no rule follows its trace, also one that comes later."""
    c = Case(tmp, names=NAMES, tail="otherwise send rest\n")
    a, b, x = of("web", 1), of("data", 1), of("rest", 500)
    bare = [span(1000 + i) for i in range(4)]
    bare[0]["trace_id"] = bare[1]["trace_id"] = a["trace_id"]
    bare[2]["trace_id"] = b["trace_id"]
    # A trace that is in two projects has no place of its own.
    torn = [of("web", 700), of("data", 700), span(2000)]
    torn[1]["trace_id"] = torn[2]["trace_id"] = torn[0]["trace_id"]
    p = c.run([bare[0], a, bare[1], bare[2], b, bare[3], x] + torn)
    same(p.returncode, 0, "a mixed stream")
    same((got(c.server["web"]), got(c.server["data"]), got(c.server["rest"])),
         (keys([a, bare[0], bare[1], torn[0]]), keys([b, bare[2], torn[1]]),
          keys([bare[3], x, torn[2]])), "records without attributes follow "
         "their trace")
    c.close()


def beside(tmp):
    """What a receiver writes is sorted; a killed run loses nothing."""
    c = Case(tmp)
    os.mkdir(c.spool)
    recs = mixed(200)
    r = Recv("--spool", c.spool)
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": x["trace_id"], "spanId": x["span_id"], "name": "n",
         "startTimeUnixNano": "1", "endTimeUnixNano": "2",
         "attributes": [{"key": "project.name", "value": {
             "stringValue": x["attributes"]["project.name"]}}]}
        for x in recs]}]}]}
    urllib.request.urlopen(urllib.request.Request(
        "http://%s:%d/v1/traces" % (r.host, r.port),
        json.dumps(body).encode(), {"Content-Type": "application/json"}))
    for _ in range(6):
        p = c.start("--follow", "--batch-count", "7")
        until(lambda: p.poll() is not None or c.server["web"].requests, 1)
        p.kill()
        p.communicate()
    p = c.run(b"", "--once")
    same((p.returncode, got(c.server["web"]), got(c.server["data"])),
         (0, pick(recs, "web"), pick(recs, "data")),
         "beside a receiver, killed again and again")
    same((seen(c.server["web"]) - set(pick(recs, "web")),
          seen(c.server["data"]) - set(pick(recs, "data"))),
         (set(), set()), "not one span crossed")
    r.stop()
    p = c.run(b"", "--once")
    same((p.returncode, c.waiting()), (0, []), "the spool is empty")
    c.close()


def several(tmp):
    """--to more than once, with a spool: all to each, by queues of their
    own."""
    c = Case(tmp, data=[{"do": "hang", "times": 0}])
    recs = mixed(100)
    c.server["web"].auth = basic("web")
    o = c.server["data"]
    o.auth, o.paths = None, {"/v1/traces"}
    env = dict(BASE, LANGFUSE_PUBLIC_KEY="pk-lf-web",
               LANGFUSE_SECRET_KEY="sk-lf-web",
               LANGFUSE_BASE_URL=c.server["web"].url)
    args = ["--spool", c.spool, "--to", "langfuse", "--to", "otlp=" + o.url]
    p = subprocess.Popen(command(*args), stdin=subprocess.PIPE, env=env,
                         stderr=subprocess.PIPE)
    p.stdin.write(lines(recs))
    p.stdin.close()
    p.stdin = None
    ok(until(lambda: got(c.server["web"]) == keys(recs)) and
       p.poll() is None, "several: one gets all while the other hangs")
    p.kill()
    p.communicate()
    # What was answered and not read yet when it was killed goes again now.
    p = subprocess.run(command("--once", "--retry-for", "300ms", *args),
                       env=env, stderr=subprocess.PIPE, timeout=LONG)
    same((p.returncode, got(o)), (75, []), "the other has nothing yet")
    o.script = []
    sent = len(c.server["web"].spans)
    p = subprocess.run(command("--once", *args), env=env,
                       stderr=subprocess.PIPE, timeout=LONG)
    same((p.returncode, got(o), c.waiting(), len(c.server["web"].spans)),
         (0, keys(recs), [], sent), "and all of it later")
    p = subprocess.run(command("--to", "otlp=" + o.url, *args), env=env,
                       input=b"", stderr=subprocess.PIPE, timeout=LONG)
    ok(p.returncode == 64 and b"twice" in p.stderr, "not twice the same",
       p.stderr)
    c.close()


def strays(tmp):
    c = Case(tmp, data=[{"status": 503, "times": 0}])
    recs = mixed(5)
    p = c.run(recs, "--retry-for", "100ms")
    same(p.returncode, 75, "one is left")
    c.write(c.dest("web") + "send web when true\n")
    p = c.run(b"", "--once")
    ok(p.returncode == 75 and "to/data" in p.err and
       "does not name" in p.err, "a queue nobody delivers is told",
       p.returncode, p.err)
    same(got(c.server["web"]), pick(recs, "web"), "and not given to another")
    p = subprocess.run(command("--spool", c.spool, "--once", "--to",
                               "langfuse=" + c.server["web"].url),
                       env=dict(BASE, LANGFUSE_PUBLIC_KEY="pk-lf-web",
                                LANGFUSE_SECRET_KEY="sk-lf-web"),
                       stderr=subprocess.PIPE, timeout=LONG)
    ok(p.returncode == 75 and b"to/data" in p.stderr,
       "nor forgotten without a route file", p.returncode, p.stderr)
    c.close()


BAD = (
    ("", 1, "names no destination"),
    ("destination a\n", 1, "destination NAME TYPE"),
    ("destination a nothing\n", 1, "no such type of destination: nothing"),
    ("destination A langfuse\n", 1, "names are small letters"),
    ("destination ../x langfuse\n", 1, "names are small letters"),
    ("destination a langfuse\n", 1, "has no url: a"),
    ("destination a stdout\n", 1, "no such type"),
    ("url http://x\n", 1, "a setting stands below its destination"),
    ("# c\n\ndestination a langfuse\n\turl ftp://x\n", 4, "http"),
    ("destination a langfuse\nurl http://x\nsecret-key sk-lf-1\n", 3,
     "no such setting: secret-key\n"),
    ("destination a langfuse\nurl http://x\nurl\n", 3, "needs a value: url"),
    ("destination a langfuse\nurl http://x\ntoken-env X\n", 1,
     "takes a pair of keys, no token: a"),
    ("destination a otlp\nurl http://x\nkey-command X\n", 1,
     "takes a token, no pair of keys: a"),
    ("destination a otlp\nurl http://x\ndestination a otlp\n", 3,
     "there is one of that name already: a"),
    ("destination a otlp\nurl http://x\nsend a\n", 3,
     "send NAME when EXPRESSION"),
    ("destination a otlp\nurl http://x\nsend b when true\n", 3,
     "no such destination: b"),
    ("destination a otlp\nurl http://x\nsend a when (project == 1\n", 3,
     "at byte"),
    ("destination a otlp\nurl http://x\nsend a when project =~ \"(\"\n", 3,
     "at byte"),
    ("destination a otlp\nurl http://x\notherwise drop\n", 3, "otherwise"),
    ("destination a otlp\nurl http://x\notherwise park\notherwise send a\n",
     4, "otherwise is said already"),
    ("destination a otlp\nurl http://x\nformat xml\n", 3,
     "format is protobuf or json"),
    ("destination a otlp\nurl http://x\ntimeout soon\n", 3, "timeout is"),
    ("destination a otlp\nurl http://x\nheader x\n", 3, "header NAME: VALUE"),
    ("destination a otlp\nurl http://x\n\0\n", 3, "a NUL byte"),
)


def mistakes(tmp):
    c = Case(tmp, names=())
    for text, line, what in BAD:
        c.write(text)
        p = c.run([])
        ok(p.returncode == 78 and "route.conf:%d: " % line in p.err and
           what.strip() in p.err and "sk-lf-1" not in p.err,
           "line %d: %s" % (line, what.strip()), p.returncode, p.err)
    ok(not os.path.exists(os.path.join(c.spool, "to")), "and nothing is done")
    os.unlink(c.conf)
    p = c.run([])
    ok(p.returncode == 78 and "route.conf" in p.err, "no such file", p.err)
    c.write("destination a otlp\nurl http://x\n")
    for more in (["--to", "otlp"], ["--left", "x"], ["--follow", "--once"]):
        same(c.run([], *more).returncode, 64, "--route with " + more[0])


def trial(tmp):
    c = Case(tmp, names=())
    c.write("destination a otlp\nurl http://x.invalid\n"
            "destination b otlp\nurl http://x.invalid\n"
            'send a when project == "web"\n'
            'send a,b when project == "data"\n')
    recs = mixed(10) + [of("rest", i) for i in range(5)]
    p = subprocess.run(command("--route", c.conf, "--dry-run"),
                       input=lines(recs), env=BASE, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=LONG)
    same((p.returncode, p.stdout.decode()),
         (0, "to=a records=20\nto=b records=10\nto=- records=5\n"),
         "--dry-run says what goes where")
    p = subprocess.run(command("--route", c.conf), input=b"", env=BASE,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=LONG)
    same(p.returncode, 64, "--route without --spool")


with tempfile.TemporaryDirectory() as tmp:
    apart(tmp)
    homeless(tmp)
    both(tmp)
    no_keys(tmp)
    key_places(tmp)
    reload(tmp)
    traces(tmp)
    beside(tmp)
    several(tmp)
    strays(tmp)
    mistakes(tmp)
    trial(tmp)
done()
