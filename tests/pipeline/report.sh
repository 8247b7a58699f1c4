# aitrace-report: what it counts, by what, in which zone, and how it is shown.
# The figures are counted by hand from fixtures/report/small.ndjson, which
# fixtures/report/README lists; every capture is counted a second time by
# tests/report/oracle.py.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need jq python3
built aitrace-recv aitrace-enrich aitrace-price aitrace-report
small=$top/tests/fixtures/report/small.ndjson
now=2026-11-11T00:00:00Z

# asked QUERY OPTION...: of the JSON form, in UTC unless an option says else
asked() {
	_q=$1
	shift
	aitrace-report --now "$now" --tz UTC -f json "$@" "$small" |
	    jq -cr "$_q"
}

# ---- counted by hand ----
is "$(asked '.total | [.runs, .turns, .incomplete_runs, .calls, .retries,
    .errors, .errors_rate_limit, .tool_calls, .tool_errors,
    .tool_warnings]')" "[4,3,1,9,2,1,1,4,1,1]" "how many of each"
is "$(asked '.total | [.input_tokens, .cache_read_tokens,
    .cache_write_tokens, .cache_write_5m_tokens, .cache_write_1h_tokens,
    .output_tokens, .reasoning_tokens, .total_tokens]')" \
    "[4820,1700,100,50,50,447,30,7067]" "tokens by bucket"
is "$(asked '.total | [.cost_usd, .cost_reported_usd, .cost_computed_usd,
    .cost_estimated_usd, .unpriced_calls, .unpriced_tokens]')" \
    "[3.325,0.1,3.22,0.005,1,505]" "cost, by who says so"
# 1700 of 4820 + 1700 + 100 prompt tokens: 25.68 %
is "$(asked '.total.cache_hit_share')" 0.257 "the share of cache hits"
is "$(asked '.total | [.latency_max_seconds, .ttft_max_seconds,
    .tool_max_seconds, .tool_seconds]')" "[16,1.5,10,14.01]" \
    "what took longest"
is "$(asked '.tables[0].rows[] | [.key.day, .calls, .cost_usd]')" \
'["2026-10-25",5,0.305]
["2026-11-01",2,0.02]
["2026-11-10",2,3]' "by day, without being asked"
is "$(asked '.tables[0].rows[] | [.key.model, .calls, .cost_usd, .errors]' \
    --by model)" \
'["claude-opus-5-5",6,3.32,0]
["gpt-5.4",2,0.005,1]
["new-model",1,null,0]' "by model, the dearest first; unpriced is not 0"
is "$(asked '.tables[0].rows[] | [.key.project, .key.user, .calls, .turns,
    .tool_calls]' --by project,user)" \
'["alpha","bob",2,1,0]
["alpha","ann",4,1,3]
["beta","bob",3,1,1]' "by two things at once"
is "$(asked '.tables[0].rows[] | [.key.tool, .tool_calls, .tool_errors,
    .tool_warnings, .tool_max_seconds]' --by tool)" \
'["Bash",2,0,1,3]
["mcp__demo__add",1,1,0,0.01]
["spawn_agent",1,0,0,10]' "by tool"
is "$(asked '.tables[0].rows[] | [.key.server, .tool_calls]' --by server)" \
'[null,3]
["demo",1]' "by MCP server"
is "$(asked '.tables[] | [.by[0], (.rows[] | .key[]), (.rows[] | .calls)]' \
    --by branch --by repository --by environment --by error --by agent \
    --by provider --by vcs.repository.name --by run | tail -n +2 | head -n 5)" \
'["repository",null,"shop",6,3]
["environment",null,"ci",6,3]
["error",null,"rate_limit",8,1]
["agent","claude-code","codex",6,3]
["provider","anthropic","openai",6,3]' "by what the resource says, and more"

# ---- zones ----
days() {
	asked '.tables[0].rows[] | [.key[], .calls, .cost_usd]' "$@"
}
is "$(days --tz Europe/Berlin)" \
'["2026-10-25",2,0.3]
["2026-10-26",3,0.005]
["2026-11-01",2,0.02]
["2026-11-10",2,3]' "days of Berlin: what was late is the next day's"
is "$(days --tz Europe/Berlin --by hour | head -n 2)" \
'["2026-10-25T02:00+02:00",1,0.1]
["2026-10-25T02:00+01:00",1,0.2]' "the hour that comes twice is two hours"
is "$(days --tz America/New_York --by hour | sed -n 4,5p)" \
'["2026-11-01T01:00-04:00",1,0.01]
["2026-11-01T01:00-05:00",1,0.01]' "in New York a week later"
is "$(days --tz America/New_York)" \
'["2026-10-24",2,0.3]
["2026-10-25",3,0.005]
["2026-11-01",2,0.02]
["2026-11-10",2,3]' "days of New York"
is "$(days --tz Asia/Kolkata | tail -n 2)" \
'["2026-11-10",1,1]
["2026-11-11",1,2]' "midnight of a zone with a half hour"
is "$(days --tz Asia/Kathmandu --by hour | tail -n 1)" \
    '["2026-11-11T00:00+05:45",2,3]' "and with three quarters of one"
is "$(days --by week)" \
'["2026-W43",5,0.305]
["2026-W44",2,0.02]
["2026-W46",2,3]' "ISO weeks"
is "$(days --by month)$(days --by year)" \
'["2026-10",5,0.305]
["2026-11",4,3.02]["2026",9,3.325]' "months and years"
is "$(TZ=Asia/Kolkata aitrace-report -f csv -c calls "$small" | tail -n 2)" \
'2026-11-10,1
2026-11-11,1' "TZ is the zone without --tz"
is "$(aitrace-report --tz "CET-1CEST,M3.5.0,M10.5.0/3" -f csv -c calls \
    "$small" | sed -n 2p)" "2026-10-25,2" "a zone may be spelled out"
runs "an unknown zone" 64 aitrace-report --tz Europe/Atlantis "$small"
like "$(cat "$tmp/err")" "unknown time zone 'Europe/Atlantis'" "is named"
runs "a way out of the zones" 64 aitrace-report --tz ../../etc/passwd "$small"
TZ=No/Where aitrace-report "$small" >"$tmp/out" 2>"$tmp/err"
like "$(cat "$tmp/err")" "No/Where.*taken as UTC" \
    "the environment's unknown zone is told"

# Where the clock is set back at one in the morning there are two midnights;
# where it is set forward at midnight there is none.
span_at() {
	_id=$(printf '%s' "$1" | cksum)
	_id=$(printf '%016d' "${_id%% *}")
	sed -n '2{s/"\(start\|end\)_time":"[^"]*"/"\1_time":"'"$1"'"/g
	    s/"span_id":"[^"]*"/"span_id":"'"$_id"'"/p;}' "$small"
}
{
	span_at 2026-11-01T03:59:59Z
	span_at 2026-11-01T04:00:00Z
	span_at 2026-11-01T05:30:00Z
	span_at 2026-11-02T04:59:59Z
	span_at 2026-11-02T05:00:00Z
} >"$tmp/havana"
set -- --tz America/Havana -f csv -c calls
is "$(aitrace-report "$@" "$tmp/havana" | tr '\n' ' ')" \
    "day,calls 2026-10-31,1 2026-11-01,3 2026-11-02,1 " "a day of 25 hours"
is "$(aitrace-report "$@" --since 2026-11-01 --until 2026-11-01 \
    "$tmp/havana" | tail -n +2)" 2026-11-01,3 "is asked for as such"
{
	span_at 2026-04-23T21:59:59Z
	span_at 2026-04-23T22:00:00Z
	span_at 2026-04-24T20:59:59Z
	span_at 2026-04-24T21:00:00Z
} >"$tmp/cairo"
set -- --tz Africa/Cairo -f csv -c calls
is "$(aitrace-report "$@" "$tmp/cairo" | tr '\n' ' ')" \
    "day,calls 2026-04-23,1 2026-04-24,2 2026-04-25,1 " "and one of 23"
is "$(aitrace-report "$@" --since 2026-04-24 --until 2026-04-24 \
    "$tmp/cairo" | tail -n +2)" 2026-04-24,2 "that begins at one"

# ---- when ----
calls() {
	asked .total.calls "$@"
}
is "$(calls --since 2026-11-01)" 4 "since a day"
is "$(calls --until 2026-10-25)" 5 "a day is included in --until"
is "$(calls --until 2026-10-25 --tz Europe/Berlin)" 2 "as the zone has it"
is "$(calls --since 2026-11-01T06:00)" 3 "since a time of day"
is "$(calls --since 2026-11-01T06:00+01:00)" 4 "with an offset"
is "$(calls --since 2026-10 --until 2026-10)" 5 "a month"
is "$(calls --since 11d)" 4 "so long ago"
is "$(calls --since 234h)" 3 "in hours: from 06:00 on"
is "$(calls --since yesterday --until yesterday)" 2 "yesterday"
is "$(calls --since today)" 0 "today, nothing"
runs "no time" 64 aitrace-report --since 2026-02-31 "$small"
like "$(cat "$tmp/err")" "--since: not a time .*'2026-02-31'" "is named"
aitrace-report --since 2027-01-01 "$small" >"$tmp/out" 2>"$tmp/err"
like "$(cat "$tmp/err")" "all 17 spans are outside" "nothing left is told"

# ---- rows ----
is "$(aitrace-report -f csv -c calls,cost_usd --by model -n 1 "$small")" \
'model,calls,cost_usd
claude-opus-5-5,6,3.32
(other),3,0.005' "a limit: the rest is one row"
is "$(asked '.tables[0] | [(.rows + [.other])[].calls] | add' --by model -n 1)" 9 \
    "and the parts are the whole"
is "$(asked '.tables[0].rows[].key.model' --by model --sort calls | head -n 1)" \
    claude-opus-5-5 "sorted by a figure"
is "$(asked '.tables[0].rows[].key.model' --by model --sort name -r | tr '\n' ' ')" \
    "new-model gpt-5.4 claude-opus-5-5 " "by name, turned round"
is "$(asked '.tables[0] | [(.rows | length), .other.groups, .other.calls]' \
    --by model --max-groups 2)" "[2,1,1]" \
    "more groups than may be: the later are other"
runs "model and tool" 64 aitrace-report --by model,tool "$small"
like "$(cat "$tmp/err")" "no span has both" "have nothing in common"
runs "an unknown name" 64 aitrace-report --by moddel "$small"
like "$(cat "$tmp/err")" "'moddel' is none of hour, day, .* model" "is told"
runs "a name twice" 64 aitrace-report --by model,day,model "$small"
like "$(cat "$tmp/err")" "model stands twice" "is told"
runs "no name" 64 aitrace-report --by "" "$small"
runs "a name left out" 64 aitrace-report --by day, "$small"
runs "seven names" 64 aitrace-report --by a.a,a.b,a.c,a.d,a.e,a.f,a.g "$small"
runs "an unknown figure" 64 aitrace-report --columns costs "$small"
like "$(cat "$tmp/err")" "no such figure: 'costs'" "is named"

# ---- twice is once ----
cat "$small" "$small" >"$tmp/twice"
is "$(aitrace-report -f json "$tmp/twice" "$small" | jq -c \
    '[.total.calls, .total.cost_usd, .input.repeated_spans]')" \
    "[9,3.325,34]" "a span that comes three times counts once"
is "$(aitrace-report -f json --remember 0 "$tmp/twice" |
    jq -c .total.calls)" 18 "unless none are to be remembered"
# 17 spans, remembered in two halves of 3: what comes again later counts
is "$(aitrace-report -f json --remember 3 "$tmp/twice" |
    jq -c '.total.calls')" 18 "the memory is bounded"
is "$(aitrace-report -f json --remember 17 "$tmp/twice" |
    jq -c '.total.calls')" 9 "by what was asked"

# ---- the memory is that of the groups ----
tap_from "memory" python3 -B "$top/tests/report/memory.py"

# ---- what is a guess is no measurement ----
sed 's/"attributes":{/"attributes":{"aitrace.inferred":"start",/' "$small" \
    >"$tmp/guess"
is "$(aitrace-report -f json "$tmp/guess" | jq -c '.total |
    [.calls, .cost_usd, .latency_max_seconds, .ttft_max_seconds,
    .tool_max_seconds]')" "[9,3.325,null,0.5,null]" \
    "times from a guessed start are not known"
is "$(sed 's/"start"/"parent"/' "$tmp/guess" | aitrace-report -f json |
    jq -c .total.latency_max_seconds)" 16 "a guessed parent does not matter"

# ---- half a log ----
head -c "$(($(wc -c <"$small") - 700))" "$small" >"$tmp/half"
runs "a log that is cut off" 65 aitrace-report "$tmp/half"
like "$(cat "$tmp/out")" "^total .*[^0-9]8 " "is reported as far as it goes"
like "$(cat "$tmp/out")" "1 line was no record" "and it says so"
like "$(cat "$tmp/err")" "half:16: .*; left out" "with the line"
runs "and a file that is not there" 74 aitrace-report "$tmp/none" "$small"
like "$(cat "$tmp/out")" "^total .*[^0-9]9 " "does not hide the others"
runs "nothing at all" 0 aitrace-report /dev/null
like "$(cat "$tmp/out")" "^total " "has a total, too"
runs "logs alone" 0 aitrace-report <<'LOG'
{"record":"log","attributes":{"event.name":"api_request"}}
LOG
like "$(cat "$tmp/err")" "no calls among 1 records; aitrace-enrich" "ask for enrich"
received "$captures/claude-code/subagent" >"$tmp/raw"
runs "raw spans" 0 aitrace-report "$tmp/raw"
like "$(cat "$tmp/err")" "no calls among [0-9]+ records; aitrace-enrich" \
    "as well"

# ---- forms ----
aitrace-report --now "$now" --tz UTC --width 80 --by day --by model "$small" \
    >"$tmp/out"
same_file "$tmp/out" "$top/tests/fixtures/report/small.80" "80 columns"
for w in 40 60 80 100 132 200; do
	widest=$(aitrace-report -w "$w" --by session,model --by tool "$small" |
	    wc -L)
	if [ "$widest" -le "$w" ]; then
		ok "no line over $w columns"
	else
		not_ok "no line over $w columns"
		note "the widest has $widest"
	fi
done
esc=$(printf '\033')
unlike "$(aitrace-report "$small")" "$esc" "no colours into a pipe"
like "$(aitrace-report --color=always --by model "$small")" \
    "$esc\[1;31munpriced" "unpriced is red"
is "$(aitrace-report -f csv --by model -c calls,cost_usd,latency_p50_seconds \
    "$small" | tail -n 1)" "new-model,1,,10" "no price is an empty field"
aitrace-report --now "$now" --tz UTC -f markdown --by model \
    -c cost_usd,calls "$small" >"$tmp/out"
is "$(sed -n '1p;5,10p' "$tmp/out")" \
'**&gt;\$3.325000** for 9 calls, 7067 tokens, 3 turns
| model | cost | calls |
| --- | ---: | ---: |
| claude-opus-5-5 | \$3.320000 | 6 |
| gpt-5.4 | \~\$0.005000 | 2 |
| new-model | unpriced | 1 |
| **total** | &gt;\$3.325000 | 9 |' "Markdown"
is "$(asked '[.schema_version, .generated, .time_zone, .first, .last]')" \
'[1,"2026-11-11T00:00:00.000000000Z","UTC","2026-10-25T00:30:00.000000000Z","2026-11-10T18:40:00.000000000Z"]' \
    "JSON says of when it is"
aitrace-report --tz UTC -f json --by day --by model -o "$tmp/file" "$small" \
    >"$tmp/out"
is "$(cat "$tmp/out")$(jq -c '[.tables[].by[0]]' "$tmp/file")" \
    '["day","model"]' "--output"
# What is no file is written to, and stays what it is.
mkfifo "$tmp/pipe"
cat "$tmp/pipe" >"$tmp/out" &
reader=$!
owns $reader
runs "into a pipe" 0 aitrace-report -f csv --output "$tmp/pipe" "$small"
[ -p "$tmp/pipe" ]
is $? 0 "which stays one"
[ -p "$tmp/pipe" ] || kill $reader
wait $reader
like "$(head -n 1 "$tmp/out")" '^day,cost_usd,' "and is read"
ln -s linked.csv "$tmp/link"
runs "through a link" 0 aitrace-report -f csv --output "$tmp/link" "$small"
[ -L "$tmp/link" ] && [ ! -L "$tmp/linked.csv" ]
is $? 0 "which stays one"
like "$(head -n 1 "$tmp/linked.csv")" '^day,cost_usd,' "to a new file"
runs "and again" 0 aitrace-report -f csv --by model --output "$tmp/link" \
    "$small"
like "$(head -n 1 "$tmp/linked.csv")" '^model,' "to the one that is there"
if mknod "$tmp/full" c 1 7 2>/dev/null; then
	runs "into a full device" 73 aitrace-report --output "$tmp/full" \
	    "$small"
	like "$(cat "$tmp/err")" 'full: No space left' "which is told"
	[ -c "$tmp/full" ]
	is $? 0 "and stays one"
else
	skip "into a full device" "no device can be made here"
fi
runs "a folder that is not there" 73 aitrace-report -o "$tmp/no/file" "$small"
runs "two tables of CSV" 64 aitrace-report -f csv -b day -b model "$small"

if [ -e /dev/full ]; then
	aitrace-report "$small" >/dev/full 2>"$tmp/err"
	is $? 74 "a full disk"
	like "$(cat "$tmp/err")" "stdout: No space" "is told"
fi

# ---- foreign bytes ----
cat >"$tmp/evil" <<'EVIL'
{"record":"span","trace_id":"0123456789abcdef0123456789abcdef","span_id":"0123456789abcdef","name":"x","start_time":"2026-11-10T18:20:00Z","end_time":"2026-11-10T18:20:01Z","attributes":{"langfuse.observation.type":"generation","session.id":"=cmd|<script>\u001b[31m\u202e@all [x](http://e) \"q\",\n::error::no"}}
EVIL
for f in table markdown html; do
	aitrace-report --by session -f $f "$tmp/evil" >"$tmp/out"
	unlike "$(LC_ALL=C cat -v "$tmp/out")" '\^\[|M-bM-\^@M-\.' \
	    "$f: no control reaches the reader"
	unlike "$(cat "$tmp/out")" '^[[:space:]]*::' "$f: nor a command"
done
unlike "$(aitrace-report --by session -f html "$tmp/evil")" '<script' \
    "html: no markup from values"
unlike "$(aitrace-report --by session -f markdown "$tmp/evil")" \
    '<script|@all|[^\\]\]\(|http:' "markdown: nor here"
like "$(aitrace-report --by session -f csv -c calls "$tmp/evil" | sed -n 2p)" \
    "^\"'=cmd" "csv: no formula"
is "$(aitrace-report --by session -f json "$tmp/evil" |
    jq -r '.tables[0].rows[0].key.session' | head -c 5)" "=cmd|" \
    "json: as it is"

# ---- all captures, counted again ----
for d in $(all_captures); do
	received "$d" 2>/dev/null | aitrace-enrich 2>/dev/null |
	    aitrace-price 2>/dev/null
done >"$tmp/captures"
tap_from "captures, Berlin" python3 -B "$top/tests/report/oracle.py" \
    "$tmp/captures" Europe/Berlin hour day week month year model session user \
    tool server error environment provider agent version purpose host \
    agent,day run session,model,hour gen_ai.tool.type project branch \
    repository team user,project,day
tap_from "captures, Kathmandu" python3 -B "$top/tests/report/oracle.py" \
    "$tmp/captures" Asia/Kathmandu hour day
tap_from "by hand, New York" python3 -B "$top/tests/report/oracle.py" \
    "$small" America/New_York hour day week project user branch repository

# ---- the same run, as telemetry and as a transcript ----
sum_of() {
	aitrace-price 2>/dev/null | aitrace-report -f json | jq -c '.total |
	    [.turns, .calls, .errors, .tool_calls, .total_tokens, .output_tokens,
	    .cache_read_tokens, .cost_usd * 10000 + 0.5 | floor]'
}
for s in claude-code/basic-http-json claude-code/subagent claude-code/mcp \
    claude-code/multiturn codex/basic-json codex/subagent-two codex/toolfail
do
	if [ ! -x "$build/aitrace-import" ]; then
		skip "$s: imported" "aitrace-import is not built"
		continue
	fi
	is "$(aitrace-import "$captures/$s/transcript" 2>/dev/null | sum_of)" \
	    "$(received "$captures/$s" 2>/dev/null |
	    aitrace-enrich 2>/dev/null | sum_of)" \
	    "$s: its transcript costs what its telemetry does"
done
done_testing
