# aitrace-report --statusline: one line from the status JSON and what is kept
# of today; it reads no history.
. "${srcdir:-.}/tests/lib.sh"
need jq
built aitrace-report
XDG_CACHE_HOME=$tmp/cache
export XDG_CACHE_HOME
cache=$tmp/cache/aitrace/report

# status SESSION COST [JQ]: what Claude Code sends, changed
status() {
	jq -nc --arg s "$1" --argjson c "$2" '{hook_event_name: "Status",
	    session_id: $s, transcript_path: "/t.jsonl", cwd: "/w",
	    model: {id: "claude-opus-5-5", display_name: "Opus 5.5"},
	    workspace: {current_dir: "/w", project_dir: "/w"},
	    version: "2.1.329", output_style: {name: "default"},
	    cost: {total_cost_usd: $c, total_duration_ms: 1800000,
		total_api_duration_ms: 2300, total_lines_added: 156,
		total_lines_removed: 23},
	    context_window: {total_input_tokens: 15234,
		total_output_tokens: 4521, context_window_size: 200000,
		used_percentage: 8, remaining_percentage: 92,
		current_usage: {input_tokens: 8500, output_tokens: 1200,
		    cache_creation_input_tokens: 5000,
		    cache_read_input_tokens: 2000}},
	    exceeds_200k_tokens: false} | '"${3:-.}"
}
line() {
	aitrace-report --statusline --tz UTC --now "$@"
}
noon=2026-11-21T12:00:00Z

# 0.42 USD in half an hour is 0.84 an hour
is "$(status a 0.4231584 | line $noon)" \
    "Opus 5.5 · \$0.42 session · \$0.42 today · \$0.85/h · ctx 8%" "the line"
is "$(status a 0.5 | line $noon)" \
    "Opus 5.5 · \$0.50 session · \$0.50 today · \$1.00/h · ctx 8%" \
    "a session goes on"
is "$(status b 1.25 | line $noon --ascii)" \
    "Opus 5.5 - \$1.25 session - \$1.75 today - \$2.50/h - ctx 8%" \
    "two sessions are one day"
is "$(status a 0.1 | line $noon | cut -d' ' -f7)" '$1.85' \
    "a total that falls began anew"
# Over midnight: only what came after it is today's.
night=2026-11-22T00:10:00Z
is "$(status b 1.30 | line $night | cut -d' ' -f4,7)" '$1.30 $0.05' \
    "another day: what was spent since"
is "$(status c 2 | line $night | cut -d' ' -f7)" '$2.05' "and a new session"
is "$(status b 1.30 | line 2026-11-23T00:00:00Z | cut -d' ' -f7)" '$0.00' \
    "nothing yet on the next"
is "$(status d 3 | aitrace-report --statusline --tz Europe/Berlin \
    --now 2026-11-23T23:30:00Z | cut -d' ' -f7)" '$3.00' \
    "the day is the zone's"

# What a session of Claude Code 2.1.329 really sent: at its start, while it
# answered, and at its end.
rm -r "$tmp/cache"
is "$(for i in 1 2 3; do
	line $noon <"$top/tests/fixtures/report/status-$i.json"
done)" \
'Opus 5.5 · $0.00 session · $0.00 today
Opus 5.5 · $0.00 session · $0.00 today · ctx 3%
Opus 5.5 · $0.42 session · $0.42 today · ctx 2%' "a recorded session"

# What is not told is not shown.
rm -r "$tmp/cache"
is "$(status a 0.004 '.context_window = null' | line $noon)" \
    "Opus 5.5 · <\$0.01 session · <\$0.01 today · \$0.01/h" \
    "no context yet"
is "$(status a 0.2 '.context_window.used_percentage = null' | line $noon |
    cut -d' ' -f11-)" "· ctx 8%" "counts give the context, too"
# (8500 + 5000 + 2000) / 50000
is "$(status a 0.2 '.context_window |= (.used_percentage = null |
    .context_window_size = 50000)' | line $noon | cut -d' ' -f11-)" \
    "· ctx 31%" "as the part that is used"
is "$(status a 0.2 'del(.context_window) | .exceeds_200k_tokens = true' |
    line $noon | cut -d' ' -f11-)" "· ctx >200k" "or that it is much"
is "$(status a 0.2 '.cost.total_duration_ms = 1000' | line $noon)" \
    "Opus 5.5 · \$0.20 session · \$0.20 today · ctx 8%" \
    "after a second there is no rate"
is "$(echo '{}' | line $noon)" '$0.20 today' "an empty object"
is "$(status "$(printf 'x\n\033[31m')" 1 '.model.display_name = "M\u001b[2J\n" |
    .cost.total_cost_usd = null' | line $noon | cut -d' ' -f1)" \
    'M\x1b[2J\x0a' "control characters are shown as such"
runs "no JSON" 65 line $noon <<'NO'
no json
NO
is "$(cat "$tmp/out")" '$0.20 today' "today is shown all the same"
like "$(cat "$tmp/err")" "stdin: " "and it is told"

# Budgets and colours.
esc=$(printf '\033')
rm -r "$tmp/cache"
is "$(status a 4.1 | line $noon --budget 5 --per day | awk -F· '{ print $3 }')" \
    ' $4.10 of $5.00 today ' "a budget of the day"
is "$(status a 5.1 | line $noon --budget 5 --per session | awk -F· '{ print $2 }')" \
    ' $5.10 of $5.00 session! ' "of the session, and over it"
like "$(status a 5.1 | line $noon --budget 5 --per day --color=always)" \
    "$esc\[1;31m\\\$5.10 of \\\$5.00 today!" "in red"
unlike "$(status a 5.1 | line $noon --budget 5 --per day)" "$esc" \
    "colours only when asked for"

# ---- history: only what is new, and only once ----
# record SPAN SESSION TIME COST
record() {
	printf '{"record":"span","trace_id":"%032d","span_id":"%016d","start_time":"%s","end_time":"%s","attributes":{"langfuse.observation.type":"generation","session.id":"%s","gen_ai.usage.cost":%s,"aitrace.cost.source":"book"}}\n' \
	    "$1" "$1" "$3" "$3" "$2" "$4"
}
rm -r "$tmp/cache"
t=2026-11-21T08:00:00Z
update() {
	aitrace-report --update-cache --tz UTC --now $noon "$@"
}
shown() {
	echo '{}' | line $noon
}
{
	record 1 h 2026-11-20T23:59:59Z 50
	record 2 h $t 1.5
	record 3 k $t 0.25
} >"$tmp/traces"
runs "--update-cache" 0 update "$tmp/traces"
is "$(shown)" '$1.75 today' "what was spent today"
runs "--update-cache again" 0 update "$tmp/traces"
is "$(shown)" '$1.75 today' "is not counted again"
record 4 k $t 1 >>"$tmp/traces"
record 5 k $t 1 | head -c 100 >>"$tmp/traces"
update "$tmp/traces"
is "$(shown)" '$2.75 today' "what is new is; half a line waits"
record 5 k $t 1 | tail -c +101 >>"$tmp/traces"
update "$tmp/traces"
is "$(shown)" '$3.75 today' "until it is whole"
# The client of k has said less, the one of h more than the records.
status k 1 | line $noon >"$tmp/out"
is "$(status h 2 | line $noon | cut -d' ' -f7)" '$4.25' \
    "of client and records the larger counts"
is "$(status k 1 'del(.cost)' | line $noon | awk -F· '{ print $2 }')" \
    ' $2.25 session ' "records know a session's cost as well"
# Rotated: another file; cut short: from the beginning.
mv "$tmp/traces" "$tmp/traces.1"
record 6 m $t 10 >"$tmp/traces"
update "$tmp/traces" "$tmp/traces.1"
is "$(shown)" '$14.25 today' "another file is another file"
record 6 m $t 10 >"$tmp/traces.1"
update "$tmp/traces.1"
is "$(shown)" '$13.00 today' "a file that was cut is read anew"
runs "a file that is not there" 74 update "$tmp/none"
like "$(cat "$tmp/err")" "none: No such file" "is named"
runs "a pipe" 74 update /dev/stdin </dev/null
runs "no file" 64 update

# ---- the cache may be damaged, shared, or forbidden ----
for bad in "" "x" "aitrace-report-cache 1" \
    "$(printf 'aitrace-report-cache 1\nday 2026-11-21\nothers 99\n')" \
    "$(printf 'aitrace-report-cache 1\nday 2026-11-21\nothers -1\nend\n')"; do
	printf '%s' "$bad" >"$cache"
	is "$(status z 1 | line $noon | cut -d' ' -f7)" '$1.00' \
	    "a damaged cache begins anew"
done
rm -r "$tmp/cache"
for i in 1 2 3 4 5 6 7 8; do
	status "s$i" 0.5 | line $noon >"$tmp/line$i" 2>&1 &
	eval "p$i=$!"
done
for i in 1 2 3 4 5 6 7 8; do
	eval "wait \$p$i"
	like "$(cat "$tmp/line$i")" '\$0.50 session · ' \
	    "many at once: each has its line"
done
like "$(tail -n 1 "$cache")" "^end$" "and the cache is whole"
i=0
while [ $i -lt 40 ]; do
	status "many$i" 0.01 | line $noon >"$tmp/out"
	i=$((i + 1))
done
is "$(grep -c '^session many' "$cache")" 40 "sessions are remembered"
: >"$tmp/file"
XDG_CACHE_HOME=$tmp/file
runs "a cache that cannot be" 0 line $noon <<'ONE'
{"session_id":"a","cost":{"total_cost_usd":1}}
ONE
like "$(cat "$tmp/out")" '^\$1.00 session' "does not hide the line"
like "$(cat "$tmp/err")" "file/aitrace: Not a directory" "but is told"

XDG_CACHE_HOME=$tmp/odd
mkdir -p "$tmp/odd/aitrace/report.lock"
runs "a lock that cannot be" 0 line $noon <<'ONE'
{"session_id":"a","cost":{"total_cost_usd":1}}
ONE
like "$(cat "$tmp/err")" "report.lock: Is a directory" "is told"
like "$(cat "$tmp/out")" '^\$1.00 session' "nor does that"

# However long the history is, it is not looked at: not even opened.
XDG_CACHE_HOME=$tmp/cache
if command -v strace >/dev/null 2>&1; then
	status a 1 >"$tmp/in"
	strace -f -e trace=openat -o "$tmp/trace" aitrace-report \
	    --statusline <"$tmp/in" >"$tmp/out" 2>/dev/null
	is "$(grep -c traces "$tmp/trace")" 0 "no records are opened"
else
	skip "no records are opened" "strace is not installed"
fi
done_testing
