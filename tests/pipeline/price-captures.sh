# The recorded clients' own arithmetic, reproduced to the micro-dollar, and
# every model name they send.
. "${srcdir:-.}/tests/lib.sh"
need jq python3
built aitrace-price

# Each api_request of Claude Code as a call, straight from the log events.
cat >"$tmp/calls.py" <<'PY'
import glob, json, sys
for path in sorted(glob.glob(sys.argv[1] + "/*/*-logs*.json")):
    if path.endswith(".headers.json"):
        continue
    for rl in json.load(open(path, encoding="utf-8"))["resourceLogs"]:
        for sl in rl["scopeLogs"]:
            for rec in sl["logRecords"]:
                a = {x["key"]: next(iter(x["value"].values()), None)
                     for x in rec.get("attributes", ())}
                if a.get("event.name") != "api_request":
                    continue
                n = {k: int(a[k]) for k in a if k.endswith("_tokens")}
                usage = {"input": n["input_tokens"],
                         "input_cached_tokens": n["cache_read_tokens"],
                         "output": n["output_tokens"]}
                if "cache_creation_5m_tokens" in n:
                    usage["input_cache_creation_5m"] = \
                        n["cache_creation_5m_tokens"]
                    usage["input_cache_creation_1h"] = \
                        n["cache_creation_1h_tokens"]
                else:
                    usage["input_cache_creation"] = n["cache_creation_tokens"]
                micros = int(a["cost_usd_micros"])
                print(json.dumps({"record": "span", "name": path, "attributes": {
                    "langfuse.observation.type": "generation",
                    "gen_ai.response.model": a["model"],
                    "langfuse.observation.usage_details": json.dumps(usage),
                    "aitrace.cost.reported": "%d.%06d" % divmod(micros, 10**6)
                }}))
PY
python3 "$tmp/calls.py" "$captures/claude-code" >"$tmp/calls"
runs "the recorded calls are priced" 0 aitrace-price "$tmp/calls"
is "$(cat "$tmp/err")" "" "reported and computed costs agree"
cp "$tmp/out" "$tmp/priced"
like "$(jq -s length "$tmp/priced")" '^[3-9][0-9]$' "dozens of calls"
is "$(jq -r '.attributes["gen_ai.response.model"]' "$tmp/priced" | sort -u |
    tr '\n' ' ')" "claude-opus-4-8 claude-opus-5-5 " "of both models"
# Where the split of cache writes is known, the book alone says the same.
is "$(jq -r 'select(.attributes["langfuse.observation.usage_details"] |
	fromjson | has("input_cache_creation") | not) | .attributes |
    ((."aitrace.cost.computed" | tonumber * 1e6 + 0.5 | floor) ==
     (."aitrace.cost.reported" | tonumber * 1e6 + 0.5 | floor))' \
    "$tmp/priced" | sort | uniq -c | sed 's/^ *[0-9]* //')" true \
    "the book gives cost_usd_micros exactly"
is "$(jq -r '.attributes | (."gen_ai.usage.cost" * 1e6 | round) ==
    (."aitrace.cost.reported" | tonumber * 1e6 | round)' "$tmp/priced" |
    sort -u)" true "the reported cost is what is shown"
is "$(jq -r '.attributes["langfuse.observation.cost_details"] | fromjson |
    ([del(.total)[] * 1e12 | round] | add) == (.total * 1e12 | round)' \
    "$tmp/priced" | sort -u)" true "every cost is the sum of its buckets"
# 2.1.197 does not tell the writes apart: 1024 * 6.25 + 1024 * 10 for the first
is "$(jq -r 'select(.attributes["gen_ai.response.model"] == "claude-opus-4-8")
    .attributes["langfuse.observation.cost_details"] | fromjson |
    .input_cache_creation' "$tmp/priced" | head -n 1)" 0.01664 \
    "its reported cost tells how long they lived"

# Every name of a model in any capture, in any attribute that holds one.
grep -rhoE '"(gen_ai\.(request|response)\.model|model|slug)", *"value": *\{ *"stringValue": *"[^"]*"' \
    "$captures" | sed 's/.*"stringValue": *"//; s/"$//' | sort -u |
    grep -vxE 'auto|claude-test' >"$tmp/names"
like "$(tr '\n' ' ' <"$tmp/names")" \
    'claude-opus-4-8\[1m\].*gemini-3.8-flash.*gpt-5.4' "names were found"
while read -r m; do
	aitrace-price --explain "$m" --at 2026-11-21 >"$tmp/out"
	unlike "$(cat "$tmp/out")" ESTIMATE "$m has its own price"
done <"$tmp/names"
done_testing
