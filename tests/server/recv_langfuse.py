"""The ingestion API of the older Langfuse SDKs: what comes out of a recorded
batch is what expected.json says was sent, however the batch is cut and
shuffled; the answer is 207 with each event's fate."""
import random
import sys

from recvlib import *

root = sys.argv[1]
PATH = "/api/public/ingestion"
folder = root + "/langfuse-js-v3/basic"
batch_path = folder + "/001-api_public_ingestion.json"
with open(batch_path) as f:
    batch = json.load(f)
with open(folder + "/expected.json") as f:
    want = json.load(f)["traces"][0]


def last_of(lines):
    """The newest line of each span and score; ids never change. White space
    of JSON inside attributes is as the client sent it, and does not count."""
    out = {}
    for r in lines:
        for k, v in r.get("attributes", {}).items():
            if isinstance(v, str) and v[:1] in ("{", "["):
                r["attributes"][k] = json.dumps(json.loads(v))
        if r["record"] == "span":
            out[r["span_id"]] = r
        elif r["record"] == "score":
            out[r["id"]] = r
    return out


def text(v):
    return v if isinstance(v, str) else json.dumps(v)


def loads(s):
    try:
        return json.loads(s)
    except ValueError:
        return s


def check(lines, name):
    """The records against the truth."""
    last = last_of(lines)
    spans = {r["name"]: r for r in last.values() if r["record"] == "span"}
    scores = {r["name"]: r for r in last.values() if r["record"] == "score"}
    bad = []

    def eq(got, wanted, what):
        if got != wanted:
            bad.append("%s: got %r, want %r" % (what, got, wanted))
    eq(len(last), len(want["observations"]) + 1 + len(want["scores"]),
       "number of records")
    root_span = spans.get(want["name"], {"attributes": {}})
    a = root_span["attributes"]
    eq("parent_span_id" in root_span, False, "the root has no parent")
    eq(loads(a.get("langfuse.trace.input", "")), want["input"], "trace input")
    eq(loads(a.get("langfuse.trace.output", "")), want["output"],
       "trace output")
    for k, v in want["metadata"].items():
        eq(a.get("langfuse.trace.metadata." + k), text(v), "metadata " + k)
    for o in want["observations"]:
        s = spans.get(o["name"])
        if s is None:
            bad.append("no span " + o["name"])
            continue
        a = s["attributes"]
        parent = spans[o["parent"] or want["name"]]["span_id"]
        eq(s.get("parent_span_id"), parent, o["name"] + " parent")
        eq(a["langfuse.observation.type"], o["type"].lower(), o["name"])
        for key, attr in (("input", "input"), ("output", "output"),
                          ("model", "model.name"),
                          ("model_parameters", "model.parameters"),
                          ("usage_details", "usage_details"),
                          ("cost_details", "cost_details"),
                          ("level", "level"),
                          ("status_message", "status_message")):
            got = a.get("langfuse.observation." + attr)
            eq(None if got is None else loads(got), o.get(key),
               "%s %s" % (o["name"], key))
        if "prompt" in o:
            eq((a.get("langfuse.observation.prompt.name"),
                a.get("langfuse.observation.prompt.version")),
               (o["prompt"]["name"], o["prompt"]["version"]), "prompt")
        for k, v in o.get("metadata", {}).items():
            eq(a.get("langfuse.observation.metadata." + k), text(v),
               o["name"] + " metadata")
        eq(s.get("status", {}).get("code") == "ERROR",
           o.get("level") == "ERROR", o["name"] + " status")
    for s in spans.values():
        a = s["attributes"]
        eq((a.get("session.id"), a.get("user.id"),
            a.get("langfuse.trace.name"), a.get("langfuse.trace.tags"),
            a.get("langfuse.environment"), a.get("langfuse.release"),
            a.get("langfuse.version")),
           (want["session_id"], want["user_id"], want["name"], want["tags"],
            want["environment"], want["release"], want["version"]),
           s["name"] + ": what belongs to the trace")
        eq(s["trace_id"], batch["batch"][0]["body"]["traceId"]
           .replace("-", ""), "trace id")
    for sc in want["scores"]:
        r = scores.get(sc["name"], {})
        eq((r.get("value"), r.get("comment"), r.get("data_type")),
           (sc["value"], sc.get("comment"), sc.get("data_type")), sc["name"])
        eq(r.get("span_id"), spans[sc["on"]]["span_id"]
           if sc["on"] in spans and sc["on"] != want["name"] else None,
           sc["name"] + " is on " + sc["on"])
    ok(not bad, name, "\n".join(bad))


def offline(data):
    p = subprocess.run([PROGRAM, "-"], input=data, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    return (p.returncode, [json.loads(x) for x in p.stdout.splitlines()],
            p.stderr.decode())


# -- offline ---------------------------------------------------------------------
with open(batch_path, "rb") as f:
    code, reference, err = offline(f.read())
same((code, err), (0, ""), "the recorded batch, offline: exit 0")
check(reference, "is what was sent")
same(len(reference), 10, "each record once")
wanted = last_of(reference)

# -- live, as recorded --------------------------------------------------------------
AUTH = ["Authorization: Basic cGstbGYtdGVzdC1mYWtlOnNrLWxmLXRlc3QtZmFrZQ=="]
recv = Recv()
r = post(recv, PATH, json.dumps(batch).encode(), JSON, AUTH)
d = json.loads(r.body)
ok(r.status == 207 and r.type == JSON and d["errors"] == [] and
   sorted(x["id"] for x in d["successes"]) ==
   sorted(e["id"] for e in batch["batch"]) and
   {x["status"] for x in d["successes"]} == {201},
   "live: 207, every event a success with 201", r)
same(recv.stop()[0], 0, "exit 0")
same(last_of(recv.lines()), wanted, "the same records")
same(len(recv.lines()), 10, "each once")

# -- cut and shuffled ------------------------------------------------------------------
for seed in range(8):
    rnd = random.Random(seed)
    events = list(batch["batch"])
    rnd.shuffle(events)
    recv = Recv()
    acks = 0
    while events:
        n = rnd.randint(1, 4)
        part = {"batch": events[:n], "metadata": batch["metadata"]}
        events = events[n:]
        text_ = json.dumps(part, indent=rnd.choice([None, 2])).encode()
        r = post(recv, PATH, text_)
        acks += len(json.loads(r.body)["successes"])
        if rnd.random() < 0.3:      # a client that was not sure sends again
            r = post(recv, PATH, text_)
    same(acks, 15, "shuffle %d: every event is a success" % seed)
    same(recv.stop()[0], 0, "exit 0")
    check(recv.lines(), "is what was sent")
    same(last_of(recv.lines()), wanted, "and equals the whole batch")

# -- nothing acknowledged is only in memory -----------------------------------------
recv = Recv()
create = [e for e in batch["batch"] if e["type"] == "generation-create"][:1]
r = post(recv, PATH, json.dumps({"batch": create}).encode())
same(r.status, 207, "half a generation: 207")
recv.p.kill()
recv.wait()
parts = [x for x in recv.lines() if x["record"] == "langfuse"]
same([(x["type"], x["timestamp"], x["body"]) for x in parts],
     [(e["type"], e["timestamp"], e["body"]) for e in create],
     "after kill -9 its event is in the output")

# -- an event without a time is a line of JSON all the same -----------------------------
bare = [dict(e) for e in create]
del bare[0]["timestamp"]
recv = Recv()
post(recv, PATH, json.dumps({"batch": bare}).encode())
same(recv.stop()[0], 0, "exit 0")
parts = [x for x in recv.lines() if x["record"] == "langfuse"]
same([x for x in parts if "timestamp" in x], [], "no time is made up for it")

# -- an observation that never ends --------------------------------------------------
recv = Recv()
post(recv, PATH, json.dumps({"batch": create}).encode())
same(recv.stop()[0], 0, "stopped with half a generation: exit 0")
s = [x for x in recv.lines() if x["record"] == "span" and
     x["name"] == create[0]["body"]["name"]]
ok(len(s) == 1 and s[0]["attributes"].get("aitrace.incomplete") is True,
   "it leaves as a span that is marked incomplete", recv.lines())

# -- single events, good and bad -----------------------------------------------------
T = "2026-11-21T00:10:24.594Z"


def event(id_, type_, body, when=T):
    return {"id": id_, "type": type_, "timestamp": when, "body": body}


mixed = [
    event("a", "trace-create", {"id": "t", "name": "x"}),
    event("b", "span-create", {"id": "s", "traceId": "t", "startTime": T,
                               "endTime": T}),
    event("", "span-create", {"id": "s2", "traceId": "t"}),
    event("d", "no-such-type", {"id": "q"}),
    event("e", "span-create", {"id": "s3"}, "2026-01-01 00:00:00"),
    event("f", "span-create", "text"),
    event("g", "score-create", {"name": "n", "value": True, "traceId": "t"}),
    event("h", "score-create", {"value": 1, "traceId": "t"}),
    event("i", "sdk-log", {"log": "x"}),
    event("j", "span-create", {"traceId": "t"}),
    17,
    event("k", "span-create", {"id": "s4", "startTime": T, "endTime": T}),
]
recv = Recv()
r = post(recv, PATH, json.dumps({"batch": mixed}).encode())
d = json.loads(r.body)
same(r.status, 207, "good and bad events: 207")
same([x["id"] for x in d["successes"]], ["a", "b", "k"], "the good ones")
same([x["id"] for x in d["errors"]],
     ["", "d", "e", "f", "g", "h", "j", "unknown"], "the bad ones")
ok(all(x["status"] == 400 and len(x["error"]) > 5 for x in d["errors"]),
   "each with 400 and a reason", d)
for what, body in (("no JSON", b"{"), ("no batch", b"{}"),
                   ("an array", b"[]"), ("batch is no array",
                                         b'{"batch":{}}'),
                   ("invalid UTF-8", b'{"batch":["\xff"]}')):
    r = post(recv, PATH, body)
    ok(r.status == 400 and "message" in json.loads(r.body), "400: " + what, r)
same(post(recv, PATH, b"x", PROTO).status, 415, "415: protobuf")
same(ask(recv, request("GET", PATH)).status, 405, "405: GET")
same(post(recv, PATH, b'{"batch":[]}').status, 207, "207: an empty batch")
same(ask(recv, request("GET", "/api/public/health")).status, 200,
     "its health path")
code, err = recv.stop()
same(code, 0, "exit 0")
names = [x["name"] for x in recv.lines() if x["record"] == "span"]
same(sorted(names), ["span", "span", "trace", "x"],
     "the good ones, and a root for the span without a trace")
done()
