# The checkers can fail: each fault put into a good stream is seen.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-recv aitrace-enrich aitrace-price

dir=$captures/claude-code/subagent
received "$dir" >"$tmp/raw"
aitrace-enrich "$tmp/raw" | aitrace-price >"$tmp/good"
jq -c . "$tmp/good" >"$tmp/same"

# seen NAME FILTER CHECKER...: jq's filter over all records breaks the stream
seen() {
	_what=$1
	jq -c -s "$2 | .[]" "$tmp/good" >"$tmp/broken"
	shift 2
	if cmp -s "$tmp/broken" "$tmp/same"; then
		not_ok "$_what: changes the stream"
	elif "$@" "$tmp/broken" >"$tmp/out" 2>"$tmp/err"; then
		not_ok "$_what: is seen by ${1##*/}"
	elif grep -q '^not ok' "$tmp/out"; then
		ok "$_what: is seen by ${1##*/}"
	else
		not_ok "$_what: crashes ${1##*/}"
		note_file "$tmp/err"
	fi
}
truthful() {
	seen "$1" "$2" "$truth/check_truth.py" --capture "$dir"
}
invariant() {
	seen "$1" "$2" "$truth/invariants.py"
}

for c in "check_truth.py --capture $dir" invariants.py; do
	# shellcheck disable=SC2086
	runs "a good stream passes ${c%% *}" 0 "$truth"/$c "$tmp/same"
done

# Finds the first finished span of a kind.
first='def at($t): [.[] | .attributes["langfuse.observation.type"] == $t] | index(true);'
truthful "a lost model call" "$first del(.[at(\"generation\")])"
truthful "a lost tool" "$first del(.[at(\"tool\")])"
truthful "a lost sub-agent" "$first del(.[at(\"agent\")])"
truthful "a lost turn" "$first del(.[at(\"chain\")])"
truthful "a span twice" "$first . + [.[at(\"tool\")]]"
truthful "another model" "$first .[at(\"generation\")].attributes[\"gen_ai.request.model\"] = \"x\""
truthful "one token more" "$first .[at(\"generation\")].attributes[\"gen_ai.usage.input_tokens\"] += 1"
truthful "one cached token more" "$first .[at(\"generation\")].attributes[\"langfuse.observation.usage_details\"] |= (fromjson | .input_cached_tokens += 1 | tojson)"
truthful "the 5m and 1h writes mixed up" "map(if .attributes[\"langfuse.observation.usage_details\"] then .attributes[\"langfuse.observation.usage_details\"] |= (fromjson | .input_cache_creation_5m as \$a | .input_cache_creation_5m = .input_cache_creation_1h | .input_cache_creation_1h = \$a | tojson) else . end)"
truthful "a micro-dollar more" "$first .[at(\"generation\")].attributes[\"langfuse.observation.cost_details\"] |= (fromjson | .total += 0.000001 | tojson)"
truthful "another reason to stop" "$first .[at(\"generation\")].attributes[\"gen_ai.response.finish_reasons\"] = [\"length\"]"
truthful "a retry made up" "$first .[at(\"generation\")].attributes[\"aitrace.attempts\"] = 2"
truthful "another answer" "$first .[at(\"generation\")].attributes[\"langfuse.observation.output\"] = \"no\""
truthful "another prompt" "$first .[at(\"chain\")].attributes[\"langfuse.observation.input\"] = \"no\""
truthful "another final answer" "$first .[at(\"chain\")].attributes[\"langfuse.observation.output\"] = \"no\""
truthful "a client's turn as a user's" "map(del(.attributes[\"aitrace.turn.kind\"]?))"
truthful "a failure made up" "$first .[at(\"tool\")].attributes[\"langfuse.observation.level\"] = \"ERROR\""
truthful "another argument" "$first .[at(\"tool\")].attributes[\"langfuse.observation.input\"] = \"{\\\"input\\\":{\\\"command\\\":\\\"x\\\"}}\""
truthful "another output" "$first .[at(\"tool\")].attributes[\"langfuse.observation.output\"] = \"{\\\"output\\\":\\\"x\\\"}\""
truthful "another tool" "$first .[at(\"tool\")].attributes[\"gen_ai.tool.name\"] = \"Read\""
truthful "a tool under the wrong call" "$first .[at(\"tool\")].parent_span_id = .[at(\"agent\")].span_id"
truthful "a sub-agent's call under the root" "$first (.[at(\"agent\")].span_id) as \$a | (.[at(\"chain\")].span_id) as \$r | map(if .parent_span_id == \$a then .parent_span_id = \$r else . end)"
truthful "another session" "$first .[at(\"tool\")].attributes[\"session.id\"] = \"x\""
truthful "a used log that points nowhere" "map(if .attributes[\"aitrace.used\"]? then .span_id = \"00000000000000ff\" else . end)"
truthful "a raw span left in a turn" "$first . + [.[at(\"tool\")] | .span_id = \"00000000000000ff\" | del(.attributes[\"aitrace.agent\"])]"

invariant "an upper-case id" "$first .[at(\"tool\")].span_id |= ascii_upcase"
invariant "a zero id" "$first .[at(\"tool\")].trace_id = \"00000000000000000000000000000000\""
invariant "a short time" "$first .[at(\"tool\")].start_time = \"2026-11-21T00:00:00.5Z\""
invariant "an end before the start" "$first .[at(\"tool\")].end_time = \"2026-11-20T00:00:00.000000000Z\""
invariant "a null" "$first .[at(\"tool\")].name = null"
invariant "usage on a tool" "$first .[at(\"tool\")].attributes[\"gen_ai.usage.input_tokens\"] = 1"
invariant "cost on the root" "$first .[at(\"chain\")].attributes[\"langfuse.observation.cost_details\"] = \"{\\\"total\\\":1}\""
invariant "a wrong total" "$first .[at(\"generation\")].attributes[\"langfuse.observation.usage_details\"] |= (fromjson | .total += 1 | tojson)"
invariant "dialects that differ" "$first .[at(\"generation\")].attributes[\"llm.token_count.prompt\"] += 1"
invariant "costs that differ" "$first .[at(\"generation\")].attributes[\"llm.cost.total\"] = 7"
invariant "no price" "$first .[at(\"generation\")].attributes |= del(.[\"langfuse.observation.cost_details\"])"
invariant "a parent that is not there" "$first .[at(\"tool\")].parent_span_id = \"00000000000000ff\""
invariant "a cycle" "$first (.[at(\"agent\")].span_id) as \$a | (.[at(\"agent\")].parent_span_id) as \$p | map(if .span_id == \$p then .parent_span_id = \$a else . end)"
invariant "two roots" "$first .[at(\"tool\")] |= del(.parent_span_id)"
invariant "another user" "$first .[at(\"tool\")].attributes[\"user.id\"] = \"x\""
invariant "another environment" "$first .[at(\"tool\")].attributes[\"langfuse.environment\"] = \"x\""
invariant "a kind that no vocabulary knows" "$first .[at(\"tool\")].attributes[\"langfuse.observation.type\"] = \"TOOL\""
invariant "a level in lower case" "$first .[at(\"tool\")].attributes[\"langfuse.observation.level\"] = \"error\""
invariant "input without output" "$first .[at(\"generation\")].attributes |= del(.[\"langfuse.observation.output\"])"

cp "$tmp/good" "$tmp/whole"
lost() {
	seen "$1" "$2" "$truth/nothing_lost.py" "$tmp/raw"
}
lost "a lost metric" '([.[] | .record == "metric"] | index(true)) as $i | del(.[$i])'
lost "a lost log" '([.[] | .record == "log"] | index(true)) as $i | del(.[$i])'
lost "a log twice" '([.[] | .record == "log"] | index(true)) as $i | . + [.[$i]]'
lost "a changed log" '([.[] | .record == "log"] | index(true)) as $i | .[$i].body = "x"'
agrees() {
	seen "$1" "$2" "$truth/agree.py" "$tmp/whole"
}
agrees "a fact that differs" "$first .[at(\"generation\")].attributes[\"gen_ai.usage.output_tokens\"] += 1"
agrees "another tree" "$first .[at(\"tool\")].parent_span_id = .[at(\"chain\")].span_id"
agrees "a call too few" "$first del(.[at(\"generation\")])"

# Knobs of a test are read before tests/lib.sh takes them from the environment:
# later they would have no effect, and nobody would know.
late() {
	for _f; do
		awk '/tests\/lib\.sh"$/ { exit }
		/^[^#]*AITRACE_[A-Z]*:-/ { n++ }
		END { print n + 0 }' "$_f" | grep -qx "$(grep -c \
		    '^[^#]*AITRACE_[A-Z]*:-' "$_f")" || echo "$_f"
	done
}
is "$(late "$top"/tests/*/*.sh)" "" "no test reads a knob when it is gone"
# shellcheck disable=SC2016
printf '. "${srcdir:-.}/tests/lib.sh"\nn=${%s:-1}\n' AITRACE_N >"$tmp/late.sh"
is "$(late "$tmp/late.sh")" "$tmp/late.sh" "one that does is seen"
done_testing
