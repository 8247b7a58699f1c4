"""aitrace-ship and scores: to Langfuse's API of them and to nobody else, the
same id on every attempt, with the verdicts, spool and receipts of spans."""
import json
import os
import tempfile

from fakeserver import SCORES, Server, TRACES
from recvlib import done, ok, same
from shiplib import BASIC, keys, lines, ship, span

OTLP = ("/v1/traces", "/v1/logs", "/v1/metrics")
T, S = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def score(i, **more):
    r = {"record": "score", "time": "2026-11-21T00:00:00.000000001Z",
         "trace_id": T, "name": "n%d" % i, "value": i, "id": "id-%d" % i}
    r.update(more)
    return {k: v for k, v in r.items() if v is not None}


def shape():
    recs = [score(1), score(2, span_id=S, value=0.25, data_type="NUMERIC"),
            score(3, value="good", data_type="CATEGORICAL", comment="a\n\"b"),
            score(4, value=True), score(5, trace_id=None, session_id="s 1"),
            score(6, session_id="s 2", source="ANNOTATION", config_id="c",
                  queue_id="q", environment="prod", metadata={"a": [1]}),
            score(7, source="EVAL"), score(8, trace_id=None,
                                           dataset_run_id="r")]
    s = Server(auth=BASIC)
    p = ship(recs, "-v", server=s)
    want = {
        "id-1": {"name": "n1", "value": 1, "traceId": T},
        "id-2": {"name": "n2", "value": 0.25, "traceId": T,
                 "observationId": S, "dataType": "NUMERIC"},
        "id-3": {"name": "n3", "value": "good", "traceId": T,
                 "dataType": "CATEGORICAL", "comment": "a\n\"b"},
        "id-4": {"name": "n4", "value": 1, "dataType": "BOOLEAN",
                 "traceId": T},
        "id-5": {"name": "n5", "value": 5, "sessionId": "s 1"},
        "id-6": {"name": "n6", "value": 6, "traceId": T,
                 "source": "ANNOTATION", "configId": "c", "queueId": "q",
                 "environment": "prod", "metadata": {"a": [1]}},
        "id-7": {"name": "n7", "value": 7, "traceId": T},
        "id-8": {"name": "n8", "value": 8, "datasetRunId": "r"}}
    for k in want:
        want[k]["id"] = k
    same((p.returncode, s.scores), (0, want), "scores as the API takes them")
    same({r["path"] for r in s.posts()}, {SCORES}, "and nowhere else")
    ok("delivered=8" in p.err, "they are counted", p.err)
    s.close()


def identity():
    bare = [score(1, id=None), score(2, id=None)]
    s = Server([{"status": 503, "times": 1}], auth=BASIC)
    same(ship(bare, server=s).returncode, 0, "scores without ids")
    first = dict(s.scores)
    same(len(first), 2, "get one each")
    ship(bare + bare, server=s)
    same(s.scores, first, "the same every time")
    s.close()


def verdicts(tmp):
    recs = [span(1), score(1), score(2, name=None), score(3)]
    s = Server([{"status": 429, "headers": {"Retry-After": "0"}},
                {"status": 500}], auth=BASIC)
    spool = os.path.join(tmp, "spool")
    p = ship(recs, "--spool", spool, "--receipts", os.path.join(tmp, "r"),
             server=s)
    same((p.returncode, sorted(s.scores), keys(recs[:1])),
         (65, ["id-1", "id-3"], [(x["trace_id"], x["span_id"])
                                 for x in s.spans]),
         "among spans, by a spool, tried again")
    with open(os.path.join(tmp, "r")) as f:
        r = [json.loads(x) for x in f]
    same(sorted((x["signal"], x["count"], x["url"][len(s.url):]) for x in r),
         [("scores", 1, SCORES)] * 2 + [("traces", 1, TRACES)],
         "each has a receipt")
    parked = [json.loads(x) for d, _, fs in os.walk(spool) for f in fs
              if f.startswith("parked") for x in open(os.path.join(d, f))]
    same([x["line"] for x in parked], recs[2:3], "one without a name is "
         "parked")
    n = len(s.posts())
    p = ship(recs[:2] + recs[3:], "--spool", spool, "--skip-delivered",
             server=s)
    same((p.returncode, len(s.posts())), (0, n), "--skip-delivered")
    s.close()
    s = Server([{"status": 400, "body": '{"message":"no config"}'}],
               auth=BASIC)
    p = ship([score(1), score(2)], "--in-flight", "1", server=s)
    ok(p.returncode == 65 and "no config" in p.err and
       sorted(s.scores) == ["id-2"], "a refused one is told, the next goes",
       p.returncode, p.err)
    s.close()


def elsewhere():
    s = Server(paths=OTLP)
    p = ship([span(1), score(1), score(2)], "--to", "otlp", "-e", s.url,
             "-v", env={})
    ok(p.returncode == 0 and len(s.spans) == 1 and "foreign=2" in p.err and
       "otlp takes no scores: 2 were left out" in p.err,
       "OTLP has no scores: counted and told", p.err)
    same({r["path"] for r in s.posts()}, {"/v1/traces"}, "none is sent")
    s.close()


with tempfile.TemporaryDirectory() as tmp:
    shape()
    identity()
    verdicts(tmp)
    elsewhere()
done()
