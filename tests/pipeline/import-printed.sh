# What coding CLIs print when a script runs them: the sums are what really was
# used (fixtures/printed/README tells by which rule), and say that they are sums.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price aitrace-recv
printed=$top/tests/fixtures/printed

# told FILE: what its spans say, sorted
told() {
	jq -s -r '(map({key: .span_id, value: .}) | from_entries) as $by |
	    .[] | [.name, ($by[.parent_span_id // ""].name // "-"),
	    ((.attributes["langfuse.observation.usage_details"] // "{}") |
	    fromjson | [.input, .input_cached_tokens, .input_cache_creation,
	    .input_tool_tokens, .output, .output_reasoning_tokens, .total] |
	    map(. // 0) | if add == 0 then "-" else join(" ") end),
	    (.attributes["langfuse.observation.level"] // "DEFAULT"),
	    (.attributes["aitrace.inferred"] // "-")] | join("|")' "$1" | sort
}

# check NAME: stdin is what its spans must say
check() {
	sort >"$tmp/want"
	runs "$1 is read" 0 aitrace-import "$printed/$1"
	told "$tmp/out" >"$tmp/told"
	same_file "$tmp/told" "$tmp/want" "$1: what was used and done"
	# Codex and opencode do not print which model it was.
	case $1 in
	gemini-*)
		aitrace-price -q <"$tmp/out" >"$tmp/priced"
		tap_from "$1" "$truth/invariants.py" "$tmp/priced" ;;
	esac
}

# uncached, cached, written, tools' prompts, output, reasoning, total
check codex-exec-basic <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: unknown|Turn|2003 40003 10004 0 10003 7001 69014|DEFAULT|calls
exec_command|LLM Call: unknown|-|DEFAULT|times
exec_command|LLM Call: unknown|-|DEFAULT|times
EOF
is "$(jq -r 'select(.name == "Turn").attributes["langfuse.observation.output"]' \
    "$tmp/out")" "Done: hello.txt has 12 bytes." "its answer is the last message"
is "$(jq -r .start_time "$tmp/out" | sort -u)" 2026-11-21T05:26:45.733000000Z \
    "and the only time that is known is the thread's"

check codex-exec-toolfail <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: unknown|Turn|2003 40003 10004 0 10003 7001 69014|DEFAULT|calls
exec_command|LLM Call: unknown|-|WARNING|times
exec_command|LLM Call: unknown|-|WARNING|times
EOF
check codex-exec-mcp <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: unknown|Turn|2003 40003 10004 0 10003 0 62013|DEFAULT|calls
mcp__demo__add|LLM Call: unknown|-|DEFAULT|times
mcp__demo__boom|LLM Call: unknown|-|ERROR|times
EOF
# Three calls of its own; its sub-agent's are not in what it prints.
check codex-exec-subagent <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: unknown|Turn|3006 60006 13007 0 15006 0 91025|DEFAULT|calls
Agent: unknown|LLM Call: unknown|-|DEFAULT|times
wait|LLM Call: unknown|-|DEFAULT|times
EOF
check codex-exec-err400 <<'EOF'
Turn|-|-|ERROR|times
LLM Call: unknown|Turn|-|ERROR|calls
EOF

# Codex prints the sums of the whole thread, which goes on when it is resumed.
check codex-exec-resume <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: unknown|Turn|2003 40003 10004 0 10003 7001 69014|DEFAULT|calls
exec_command|LLM Call: unknown|-|DEFAULT|times
exec_command|LLM Call: unknown|-|DEFAULT|times
Turn|-|-|DEFAULT|times
LLM Call: unknown|Turn|2003 40003 10004 0 10003 7001 69014|DEFAULT|calls
exec_command|LLM Call: unknown|-|DEFAULT|times
exec_command|LLM Call: unknown|-|DEFAULT|times
EOF
sort "$tmp/out" >"$tmp/a"
head -n 11 "$printed/codex-exec-resume" >"$tmp/first"
tail -n +12 "$printed/codex-exec-resume" >"$tmp/second"
aitrace-import "$tmp/first" "$tmp/second" | sort >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "and the same from two logs"

check gemini-json-basic <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: gemini-3.5-flash-lite|Turn|41 0 0 0 5 0 46|DEFAULT|calls
LLM Call: gemini-3.8-flash|Turn|2003 40003 0 802 10003 7001 59812|DEFAULT|calls
EOF
check gemini-json-subagent <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: gemini-3.5-flash-lite|Turn|82 0 0 0 10 0 92|DEFAULT|calls
LLM Call: gemini-3.8-flash|Turn|2003 40003 0 802 10003 0 52811|DEFAULT|calls
LLM Call: gemini-3.8-flash|Turn|3003 41003 0 1302 11003 0 56311|DEFAULT|calls
EOF
is "$(jq -r 'select(.attributes["aitrace.purpose"] == "router").name' \
    "$tmp/out")" "LLM Call: gemini-3.5-flash-lite" "the router is told apart"

# The stream tells thoughts and prompts of tools by the total alone.
check gemini-stream-json-basic <<'EOF'
Turn: How many bytes are in hello.txt?|-|-|DEFAULT|-
LLM Call: gemini-3.5-flash-lite|Turn: How many bytes are in hello.txt?|41 0 0 0 5 0 46|DEFAULT|calls
LLM Call: gemini-3.8-flash|Turn: How many bytes are in hello.txt?|2003 40003 0 0 10003 7803 59812|DEFAULT|calls
run_shell_command|LLM Call: gemini-3.8-flash|-|DEFAULT|-
read_file|LLM Call: gemini-3.8-flash|-|DEFAULT|-
EOF
is "$(jq -r 'select(.name | startswith("Turn")) |
    .attributes["langfuse.observation.output"]' "$tmp/out")" \
    "Done: hello.txt has 12 bytes." "its answer is put together"
check gemini-stream-json-toolfail <<'EOF'
Turn: How many bytes are in hello.txt?|-|-|DEFAULT|-
LLM Call: gemini-3.5-flash-lite|Turn: How many bytes are in hello.txt?|41 0 0 0 5 0 46|DEFAULT|calls
LLM Call: gemini-3.8-flash|Turn: How many bytes are in hello.txt?|2003 40003 0 0 10003 7803 59812|DEFAULT|calls
run_shell_command|LLM Call: gemini-3.8-flash|-|DEFAULT|-
read_file|LLM Call: gemini-3.8-flash|-|ERROR|-
EOF
check gemini-stream-json-err400 <<'EOF'
Turn: How many bytes are in hello.txt?|-|-|ERROR|-
LLM Call: gemini-3.5-flash-lite|Turn: How many bytes are in hello.txt?|41 0 0 0 5 0 46|DEFAULT|calls
EOF

# Each call for itself.
check opencode-run-toolfail <<'EOF'
Turn|-|-|DEFAULT|-
LLM Call: unknown|Turn|1001 20001 7002 0 5001 7001 40006|DEFAULT|-
LLM Call: unknown|Turn|1002 20002 3002 0 5002 0 29008|DEFAULT|-
bash|LLM Call: unknown|-|WARNING|-
read|LLM Call: unknown|-|ERROR|-
EOF
check opencode-run-subagent <<'EOF'
Turn|-|-|DEFAULT|-
LLM Call: unknown|Turn|1001 20001 7002 0 5001 0 33005|DEFAULT|-
LLM Call: unknown|Turn|1002 20002 3002 0 5002 0 29008|DEFAULT|-
Agent: general|LLM Call: unknown|-|DEFAULT|-
EOF
check opencode-run-err400 <<'EOF'
Turn|-|-|ERROR|-
LLM Call: unknown|Turn|-|ERROR|-
EOF

# ---- in a CI log that stamps its lines

awk '{ printf "2026-11-21T10:00:%02d.5000000Z %s\n", NR, $0 }' \
    "$printed/codex-exec-basic" >"$tmp/log"
runs "a log with times" 0 aitrace-import "$tmp/log"
is "$(jq -r 'select(.name == "exec_command") |
    [.start_time, .end_time, .attributes["aitrace.inferred"] // "-"] | @tsv' \
    "$tmp/out" | sort | head -1)" \
    "2026-11-21T10:00:06.500000000Z	2026-11-21T10:00:07.500000000Z	-" \
    "tells when a tool began and ended"
is "$(jq -r 'select(.name == "Turn") | [.start_time, .end_time] | @tsv' \
    "$tmp/out")" \
    "2026-11-21T10:00:03.500000000Z	2026-11-21T10:00:11.500000000Z" \
    "and its turn"
for name in codex-exec-basic gemini-json-basic opencode-run-basic \
    gemini-stream-json-basic; do
	cat "$printed/$name"
	echo
done >"$tmp/all"
runs "all of them in one log" 0 aitrace-import "$tmp/all"
is "$(jq -s -r '[.[].attributes["llm.token_count.total"] // 0] | add' \
    "$tmp/out")" "$((69014 + 46 + 59812 + 40006 + 29008 + 46 + 59812))" \
    "every token once"

# A job that was killed: what had been printed counts.
head -n 7 "$printed/opencode-run-basic" >"$tmp/cut"
runs "a log that breaks off" 0 aitrace-import "$tmp/cut"
is "$(jq -s -r '[.[].attributes["llm.token_count.total"] // 0] | add' \
    "$tmp/out")" 40006 "tells what was used until then"
head -n 8 "$printed/codex-exec-basic" >"$tmp/cut"
runs "one without its sums" 0 aitrace-import "$tmp/cut"
is "$(jq -r 'select(.name == "Turn").attributes["aitrace.incomplete"]' \
    "$tmp/out")" true "is marked as not whole"

done_testing
