# Runs that were started with the TRACEPARENT of a CI job share its trace: they
# are turns of their own all the same.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-recv aitrace-enrich

# one_trace FILE...: the records, as if one caller had started all the runs
one_trace() {
	cat "$@" | jq -c 'if .trace_id then
	    .trace_id = "0123456789abcdef0123456789abcdef" else . end |
	    if .name == "claude_code.interaction" then
	    .parent_span_id = "00f067aa0ba902b7" else . end'
}

# tree FILE: name and parent's name of every span, sorted
tree() {
	jq -rs '[.[] | select(.record == "span")] |
	    (map({key: .span_id, value: .name}) | from_entries) as $name |
	    .[] | "\(.attributes["session.id"]) \(.name) < " +
	    ($name[.parent_span_id // "-"] // "-") + " " +
	    (.attributes["langfuse.observation.usage_details"] // "")' "$1" |
	    sort
}

received "$captures/claude-code/interactive" >"$tmp/same"
received "$captures/claude-code/basic-http-json" >"$tmp/one"
received "$captures/claude-code/err429" >"$tmp/two"

aitrace-enrich <"$tmp/same" >"$tmp/apart"
one_trace "$tmp/same" | aitrace-enrich >"$tmp/shared"
tree "$tmp/apart" >"$tmp/want"
tree "$tmp/shared" >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "one session, two turns in one trace"
is "$(jq -r 'select(.attributes["langfuse.observation.type"] == "chain") |
    .trace_id' "$tmp/shared" | sort -u)" 0123456789abcdef0123456789abcdef \
    "which is the caller's"
one_trace "$tmp/same" | shuf --random-source="$tmp/same" |
    aitrace-enrich >"$tmp/shuffled"
jq -S -c 'select(.record == "span")' "$tmp/shared" | sort >"$tmp/want"
jq -S -c 'select(.record == "span")' "$tmp/shuffled" | sort >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "in any order"

cat "$tmp/one" "$tmp/two" | aitrace-enrich >"$tmp/apart"
one_trace "$tmp/one" "$tmp/two" | aitrace-enrich >"$tmp/shared"
tree "$tmp/apart" >"$tmp/want"
tree "$tmp/shared" >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "two sessions in one trace"
one_trace "$tmp/one" "$tmp/two" |
    jq -c 'select(.record != "span")' | aitrace-enrich >"$tmp/shared"
is "$(jq -r 'select(.attributes["langfuse.observation.type"] == "chain") |
    .name' "$tmp/shared" | wc -l)" 2 "and of their logs alone"
done_testing
