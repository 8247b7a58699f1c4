# aitrace-price as a stage: what it reads, what it writes, what it leaves.
. "${srcdir:-.}/tests/lib.sh"
need jq
built aitrace-price

# call ATTRIBUTES-JSON: one generation
call() {
	printf '{"record":"span","trace_id":"%032x","span_id":"%016x","name":"LLM Call","start_time":"2026-11-21T00:00:00.000000000Z","attributes":%s}\n' \
	    1 1 "$1"
}
usage='"langfuse.observation.usage_details":"{\"input\":12,\"input_cached_tokens\":8192,\"input_cache_creation_5m\":1024,\"input_cache_creation_1h\":1024,\"output\":87,\"total\":10339}"'
gen='"langfuse.observation.type":"generation"'
model='"langfuse.observation.model.name":"claude-opus-5-5"'

# attr FILE NAME [JQ]: an attribute of the first record
attr() {
	head -n 1 "$1" | jq -c ".attributes[\"$2\"]${3:-}"
}

# ---- the book's price (4/20, reads 0.2, writes 5 and 8)
call "{$gen,$model,$usage}" >"$tmp/a"
runs "a call is priced" 0 aitrace-price "$tmp/a"
cp "$tmp/out" "$tmp/p"
is "$(cat "$tmp/err")" "" "without a word"
is "$(attr "$tmp/p" langfuse.observation.cost_details)" \
    '"{\"input\":0.000048,\"input_cached_tokens\":0.0016384,\"input_cache_creation_5m\":0.00512,\"input_cache_creation_1h\":0.008192,\"output\":0.00174,\"total\":0.0167384}"' \
    "cost by bucket, with the total"
for k in gen_ai.usage.cost gen_ai.usage.cost_usd llm.cost.total; do
	is "$(attr "$tmp/p" $k)" 0.0167384 "$k"
done
is "$(attr "$tmp/p" llm.cost.prompt)" 0.0149984 "llm.cost.prompt"
is "$(attr "$tmp/p" llm.cost.completion)" 0.00174 "llm.cost.completion"
is "$(attr "$tmp/p" aitrace.cost.computed)" '"0.0167384"' "computed"
is "$(attr "$tmp/p" aitrace.cost.source)" '"book"' "source"
is "$(attr "$tmp/p" cost.estimated)" null "it is no estimate"
runs "priced again" 0 aitrace-price "$tmp/p"
same_file "$tmp/out" "$tmp/p" "the same bytes"
runs "with --reprice" 0 aitrace-price --reprice "$tmp/p"
same_file "$tmp/out" "$tmp/p" "the same bytes too"

# ---- the reported cost wins, and is kept apart
call "{$gen,$model,$usage,\"aitrace.cost.reported\":\"0.016738\"}" >"$tmp/a"
aitrace-price "$tmp/a" >"$tmp/p" 2>"$tmp/err"
is "$(cat "$tmp/err")" "" "rounding is no difference"
is "$(attr "$tmp/p" gen_ai.usage.cost)" 0.016738 "the reported cost is shown"
is "$(attr "$tmp/p" langfuse.observation.cost_details \
    '|fromjson|[del(.total)|.[]*1e12|round]|add')" 16738000000 \
    "its buckets add up to it"
is "$(attr "$tmp/p" aitrace.cost.computed)" '"0.0167384"' "ours beside it"
is "$(attr "$tmp/p" aitrace.cost.source)" '"reported"' "source"
aitrace-price --reprice "$tmp/p" >"$tmp/r"
is "$(attr "$tmp/r" gen_ai.usage.cost)" 0.0167384 "--reprice prefers ours"
is "$(attr "$tmp/r" aitrace.cost.reported)" '"0.016738"' "and keeps theirs"
aitrace-price --reprice "$tmp/r" | cmp -s - "$tmp/r"
is $? 0 "repriced twice: the same bytes"

call "{$gen,$model,$usage,\"aitrace.cost.reported\":\"0.02\"}" >"$tmp/a"
aitrace-price "$tmp/a" "$tmp/a" >"$tmp/p" 2>"$tmp/err"
is "$(cat "$tmp/err")" "aitrace-price: warning: claude-opus-5-5: reported cost differs from the book's by more than 1 % in 2 of 2 calls: reported 0.04 USD, computed 0.0334768 USD" \
    "more than 1 % is counted by model"
call "{$gen,$model,\"aitrace.cost.reported\":\"0.5\"}" >"$tmp/a"
aitrace-price "$tmp/a" >"$tmp/p"
is "$(attr "$tmp/p" langfuse.observation.cost_details)" '"{\"total\":0.5}"' \
    "a cost without tokens: only a total"
call "{$gen,$model,$usage,\"aitrace.cost.reported\":\"3\"}" >"$tmp/a"
is "$(aitrace-price -q "$tmp/a" | grep -o '"gen_ai.usage.cost":[^,]*')" \
    '"gen_ai.usage.cost":3.0' "a whole number stays a double"

# ---- what is left alone, byte for byte
{
	call "{\"langfuse.observation.type\":\"tool\",$model,$usage}"
	call "{\"langfuse.observation.type\":\"agent\",\"openinference.span.kind\":\"LLM\",$model,$usage}"
	call "{\"gen_ai.operation.name\":\"invoke_agent\",$model,$usage}"
	call "{$gen,$model,\"langfuse.observation.level\":\"ERROR\"}"
	call "{$gen,$model,$usage,\"langfuse.observation.cost_details\":\"{\\\"total\\\":1}\"}"
	printf '%s\n' '{"record":"log","body":1.0,"attributes":{"gen_ai.operation.name":"chat"}}' \
	    '{"record":"metric","value":9007199254740993}' '{ "a" : 1 }' \
	    "{\"record\":\"span\", \"attributes\": { \"x\": 3.0 }}"
} >"$tmp/a"
runs "nothing to do" 0 aitrace-price "$tmp/a"
same_file "$tmp/out" "$tmp/a" "nothing is changed"
call "{$gen,$model,$usage,\"langfuse.observation.cost_details\":\"{\\\"total\\\":1}\"}" >"$tmp/a"
aitrace-price --reprice "$tmp/a" >"$tmp/p" 2>/dev/null
is "$(attr "$tmp/p" gen_ai.usage.cost)" 0.0167384 \
    "--reprice takes over the cost of another client"
is "$(attr "$tmp/p" aitrace.cost.reported)" '"1"' "and keeps it as reported"

# ---- spans nobody has enriched: inclusive counts
call '{"gen_ai.operation.name":"chat","gen_ai.response.model":"gpt-5","gen_ai.usage.input_tokens":1000,"gen_ai.usage.cache_read.input_tokens":400,"gen_ai.usage.output_tokens":100,"gen_ai.usage.reasoning.output_tokens":30}' >"$tmp/a"
aitrace-price "$tmp/a" >"$tmp/p"
# 600*1.25 + 400*0.125 + 70*10 + 30*10 = 1800
is "$(attr "$tmp/p" langfuse.observation.cost_details)" \
    '"{\"input\":0.00075,\"input_cached_tokens\":0.00005,\"output\":0.0007,\"output_reasoning_tokens\":0.0003,\"total\":0.0018}"' \
    "OpenTelemetry's counts include the cache and the reasoning"
call '{"openinference.span.kind":"LLM","llm.model_name":"gpt-5","llm.token_count.prompt":1000,"llm.token_count.completion":100,"llm.token_count.prompt_details.cache_read":400}' >"$tmp/a"
is "$(aitrace-price "$tmp/a" | jq '.attributes["llm.cost.total"]')" 0.0018 \
    "so do OpenInference's"
call "{$gen,\"langfuse.observation.model.name\":\"gpt-5\",\"langfuse.observation.model.parameters\":\"{\\\"service_tier\\\":\\\"flex\\\"}\",\"langfuse.observation.usage_details\":\"{\\\"input\\\":1000}\"}" >"$tmp/a"
is "$(aitrace-price "$tmp/a" | jq '.attributes["gen_ai.usage.cost"]')" \
    0.000625 "the service tier of the call"

# ---- estimates
call "{$gen,\"gen_ai.request.model\":\"claude-opus-5-9\",$usage}" >"$tmp/a"
aitrace-price "$tmp/a" "$tmp/a" >"$tmp/p" 2>"$tmp/err"
is "$(cat "$tmp/err")" "aitrace-price: warning: claude-opus-5-9: not in the price book: 2 calls estimated at the prices of claude-opus-5" \
    "a relative is named once, with the count"
is "$(attr "$tmp/p" cost.estimated)" true "cost.estimated"
is "$(attr "$tmp/p" aitrace.cost.basis)" '"claude-opus-5"' "its basis"
is "$(attr "$tmp/p" gen_ai.usage.cost)" 0.022971 "at the relative's price"
# a call whose model gets a row later is repriced without the marks
printf '%s' '{"aitrace_prices":1,"models":{"claude-opus-5-9":[{"input":"1","output":"1","cache_read":"1","cache_write_5m":"1","cache_write_1h":"1"}]}}' \
    >"$tmp/own.json"
aitrace-price --reprice --prices "$tmp/own.json" "$tmp/p" >"$tmp/r"
is "$(attr "$tmp/r" gen_ai.usage.cost)" 0.010339 "--prices: one's own model"
is "$(attr "$tmp/r" cost.estimated)$(attr "$tmp/r" aitrace.cost.basis)" \
    nullnull "the marks of the estimate are gone"
AITRACE_PRICES=$tmp/own.json aitrace-price --reprice "$tmp/p" >"$tmp/r2"
same_file "$tmp/r2" "$tmp/r" "the same by AITRACE_PRICES"

call "{$gen,\"gen_ai.request.model\":\"no-such-model\",$usage}" >"$tmp/a"
aitrace-price "$tmp/a" "$tmp/a" >"$tmp/p" 2>"$tmp/err"
is "$(cat "$tmp/err")" "aitrace-price: warning: no-such-model: unknown model: 2 calls estimated at 5 USD per million tokens" \
    "an unknown model is named once, with the count"
is "$(attr "$tmp/p" gen_ai.usage.cost)$(attr "$tmp/p" cost.estimated)" \
    0.051695true "10339 tokens at 5 USD a million"
runs "--unknown skip" 0 aitrace-price --unknown skip "$tmp/a"
same_file "$tmp/out" "$tmp/a" "leaves the call alone"
like "$(cat "$tmp/err")" 'no-such-model: unknown model: 1 calls without a cost' \
    "and says so"
runs "--unknown fail" 78 aitrace-price --unknown fail "$tmp/a"
same_file "$tmp/out" "$tmp/a" "yet the record is passed on"
call "{$gen,\"gen_ai.request.model\":\"no-such-model\",$usage,\"aitrace.cost.reported\":\"0.7\"}" >"$tmp/a"
aitrace-price --reprice "$tmp/a" >"$tmp/p" 2>/dev/null
is "$(attr "$tmp/p" gen_ai.usage.cost)$(attr "$tmp/p" cost.estimated)" \
    0.7null "an estimate never replaces a reported cost"

# ---- tokens without a price are said
call "{$gen,$model,\"langfuse.observation.usage_details\":\"{\\\"input\\\":1000000,\\\"web_things\\\":3}\"}" >"$tmp/a"
aitrace-price "$tmp/a" >"$tmp/p" 2>"$tmp/err"
is "$(cat "$tmp/err")" "aitrace-price: warning: no price for web_things tokens (first of claude-opus-5-5): left out of the cost of 1 calls" \
    "a bucket without a price is named"
is "$(attr "$tmp/p" gen_ai.usage.cost)" 4 "the others are priced"
call "{$gen,$model,\"langfuse.observation.usage_details\":\"{\\\"input\\\":1,\\\"output\\\":-5}\"}" >"$tmp/a"
like "$(aitrace-price "$tmp/a" 2>&1 >/dev/null)" 'no count of tokens \(first: output\)' \
    "a count below zero is named"

# ---- the day
printf '%s' '{"aitrace_prices":1,"models":{"m":[{"input":"1"},{"from":"2026-11-21","input":"2"},{"from":"2026-12-01","input":"3"}],"late":[{"from":"2027-01-01","input":"7"}]}}' \
    >"$tmp/days.json"
tokens='"langfuse.observation.usage_details":"{\"input\":1000000}"'
day() {
	call "{$gen,\"gen_ai.request.model\":\"$2\",$tokens}" |
	    sed "s/2026-11-21T00:00:00.000000000Z/$1/" |
	    aitrace-price -q --prices "$tmp/days.json" "${@:3}" |
	    jq -c '.attributes["gen_ai.usage.cost"]'
}
is "$(day 2026-11-20T23:59:59.999999999Z m)" 1 "the last nanosecond before"
is "$(day 2026-11-21T00:00:00.000000000Z m)" 2 "the first of the day"
is "$(day 2026-12-24T00:00:00.000000000Z m)" 3 "later"
is "$(day 2026-12-24T00:00:00.000000000Z m --at 2026-11-30)" 2 "--at DATE"
is "$(day 2000-01-01T00:00:00.000000000Z m --at today)" \
    "$([ "$(date +%Y%m%d)" -ge 20261201 ] && echo 3 || { [ "$(date +%Y%m%d)" -ge 20261121 ] && echo 2 || echo 1; })" \
    "--at today"
is "$(call "{$gen,\"gen_ai.request.model\":\"late\",$tokens}" |
    aitrace-price --prices "$tmp/days.json" 2>&1 >/dev/null)" \
    "aitrace-price: warning: late: 1 calls before its first price in the book, estimated" \
    "a call before the first price is an estimate"

# ---- order does not matter, sums are exact
for i in 1 2 3 4 5; do
	call "{$gen,\"gen_ai.request.model\":\"gpt-5\",\"langfuse.observation.usage_details\":\"{\\\"input\\\":$i,\\\"output\\\":$((i * 7))}\"}"
done >"$tmp/a"
aitrace-price "$tmp/a" | sort >"$tmp/x"
sort -r "$tmp/a" | aitrace-price | sort >"$tmp/y"
same_file "$tmp/x" "$tmp/y" "in any order the same records"

# ---- bad files
book=${AITRACE_DATADIR-}
printf '{"aitrace_prices":1,\n"models":{"m":[{"input":"x"}]}}' >"$tmp/bad.json"
runs "a bad price file is refused" 78 aitrace-price --prices "$tmp/bad.json" "$tmp/a"
is "$(cat "$tmp/err")" "aitrace-price: error: $tmp/bad.json:2: price is no decimal number: x" \
    "with line and reason"
is "$(cat "$tmp/out")" "" "before anything is read"
runs "no book" 78 aitrace-price --book "$tmp/none.json" "$tmp/a"
# The installed book's rows are read when their model is met.
mkdir -p "$tmp/data"
printf '%s\n' '{"aitrace_prices":1,"models":{' '"good":[{"input":"1"}],' \
    '"broken":[{"input":"x"}]}}' >"$tmp/data/prices.json"
for m in good broken; do
	call "{$gen,\"gen_ai.request.model\":\"$m\",$tokens}" >"$tmp/$m"
done
AITRACE_DATADIR=$tmp/data
runs "a model of the book" 0 aitrace-price "$tmp/good"
is "$(attr "$tmp/out" gen_ai.usage.cost)" 1 "has its price"
runs "one whose row is damaged" 78 aitrace-price "$tmp/good" "$tmp/broken"
is "$(cat "$tmp/err")" "aitrace-price: error: $tmp/data/prices.json:3: price is no decimal number: x" \
    "is told with its line"
is "$(attr "$tmp/out" gen_ai.usage.cost)" 1 "the calls before it are priced"
export AITRACE_DATADIR=$book
runs "a strange date" 64 aitrace-price --at yesterday "$tmp/a"

# ---- explain
runs "--explain" 0 aitrace-price --explain 'anthropic/claude-opus-5[1m]' --at 2026-11-21 --tokens input=1000,output=10
like "$(cat "$tmp/out")" '^row  *claude-opus-5$' "names the row"
like "$(cat "$tmp/out")" '^source  *litellm langfuse$' "and its source"
like "$(cat "$tmp/out")" '1000 x 5 / 1000000 = 0.005 USD' "the arithmetic"
runs "--explain of an unknown model" 1 aitrace-price --explain no-such-model
runs "--explain with strange tokens" 64 aitrace-price --explain gpt-5 --tokens input=many
done_testing
