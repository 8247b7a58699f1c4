# aitrace-tree on a stream that pauses: what is shown when, and late spans.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-tree
data=$top/tests/fixtures/tree/turn.ndjson
mkfifo "$tmp/in"
shown() {
	grep -q "$1" "$tmp/out"
}
line() {
	sed -n "$1p" "$data"
}

aitrace-tree --settle=100ms -v "$tmp/in" >"$tmp/out" 2>"$tmp/err" &
pid=$!
owns "$pid"
exec 3>"$tmp/in"
line 2 >&3		# a call, before its root
line 3 >&3
line 1 >&3
if wait_for 10 shown "1 call, 1 tool"; then
	ok "a trace is shown when its root came and it has settled"
else
	not_ok "a trace is shown when its root came and it has settled"
	note_file "$tmp/out"
fi
line 4 >&3		# an agent below that call
line 1 >&3		# and a repeated root
if wait_for 10 shown "agent Explore"; then
	ok "a late span is shown"
else
	not_ok "a late span is shown"
fi
exec 3>&-
wait "$pid"
is $? 0 "ends well"
like "$(cat "$tmp/out")" "^late spans of: Turn #1: how many bytes" \
    "as a continuation that names its trace"
unlike "$(cat "$tmp/out")" "orphan" "below a span that was shown is no orphan"
is "$(grep -c '^Turn #1' "$tmp/out")" 1 "the repeated root is not shown again"
like "$(cat "$tmp/err")" "spans=5 .*traces=2 .*repeated=1" "but counted"

# Without a root it waits; the end of the input shows it.
sed 1d "$data" | aitrace-tree --settle=1ms >"$tmp/out"
is "$(grep -c orphan "$tmp/out")" 2 "spans without a parent are orphans"
like "$(cat "$tmp/out")" "^orphan llm claude-opus-5-5" "and say so first"

# The ceiling: what is there is shown, oldest first, and nothing is lost.
python3 - "$data" >"$tmp/many" <<'P'
import json, sys
spans = [json.loads(l) for l in open(sys.argv[1])]
for t in range(500):
    for s in spans:
        s['trace_id'] = '%032x' % (t + 1)
        print(json.dumps(s))
P
aitrace-tree -v -w 120 --max-memory=64K "$tmp/many" >"$tmp/out" 2>"$tmp/err"
is $? 0 "over the ceiling is no error"
like "$(cat "$tmp/err")" "warning: more than --max-memory" "but is said"
is "$(grep -cE '─ (llm|tool|agent) |^(orphan )?(llm|tool|agent) |^Turn #1' "$tmp/out")" 3000 \
    "every span is shown once"
like "$(grep '^500 traces' "$tmp/out")" '1500 calls, 500 tools, 500 agents.*\$8.571200$' \
    "and the sums are right"
is "$(grep -E '^2026' "$tmp/out" | awk '{ print $3 }' | uniq | head -n 400 |
    sort -c && echo sorted)" sorted "the oldest first"
done_testing
