# aitrace-report: budgets and their exit status, commands that are run once,
# the forecast, and what CI systems take.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need jq python3
built aitrace-recv aitrace-enrich aitrace-price aitrace-report
small=$top/tests/fixtures/report/small.ndjson
XDG_STATE_HOME=$tmp/state XDG_CACHE_HOME=$tmp/cache
export XDG_STATE_HOME XDG_CACHE_HOME
unset GITHUB_OUTPUT GITHUB_STEP_SUMMARY
report() {
	aitrace-report --tz UTC --now 2026-11-11T00:00:00Z "$@"
}

# ---- over or not: the small stream costs 3.325 ----
runs "within a budget" 0 report --budget 4 "$small"
is "$(cat "$tmp/err")" "" "nothing is said"
runs "exactly the budget" 0 report --budget 3.325 "$small"
runs "over it by a picodollar" 1 report --budget 3.324999999999 "$small"
like "$(cat "$tmp/err")" \
    'over budget: total: more than \$3.325 of \$3.325 \(100 %\)' "is told"
like "$(cat "$tmp/out")" "^total .*3.325000" "and the report is written"
runs "near it" 0 report --budget 4 --warn-at 80% "$small"
like "$(cat "$tmp/err")" 'near budget: total: .*\$3.325 of \$4.00 \(83 %\)' \
    "is told as well"
runs "not so near" 0 report --budget 5 --warn-at 80% "$small"
is "$(cat "$tmp/err")" "" "is not"
runs "per day" 1 report --budget 1.00 --per day "$small"
is "$(cat "$tmp/err")" \
    'aitrace-report: warning: over budget: day 2026-11-10: $3.00 of $1.00 (300 %)' \
    "only the day that is over"
runs "per session" 1 report --budget 0.30 --per session --warn-at 1% "$small"
is "$(sed 's/.*warning: //' "$tmp/err")" \
'over budget: session s3: $3.00 of $0.30 (1000 %)
over budget: session s1: $0.32 of $0.30 (106 %)
near budget: session s2: more than $0.005 of $0.30 (1 %)' \
    "sessions, the dearest first"
runs "per project" 1 report --budget 3 --per project "$small"
runs "per user" 0 report --budget 4 --per user "$small"
runs "per month, of the month" 0 report --budget 1 --per month \
    --until 2026-10 "$small"
is "$(report -f json --budget 0.30 --per session "$small" | jq -c \
    '.budget | [.limit_usd, .per, .over, .within, (.lines[] | .key, .cost_usd,
    .level)]')" \
    '[0.3,"session",2,1,"s3",3,"over","s1",0.32,"over"]' "in JSON"
runs "no amount" 64 report --budget five "$small"
like "$(cat "$tmp/err")" "not an amount of USD: 'five'" "is named"
runs "a part without a budget" 64 report --warn-at 80% "$small"
# The answer is not hidden by a log that is cut off.
head -c "$(($(wc -c <"$small") - 700))" "$small" >"$tmp/half"
runs "over, by half a log" 1 report --budget 1 "$tmp/half"
runs "within, as far as half a log goes" 65 report --budget 5 "$tmp/half"

# ---- once for each crossing ----
cat >"$tmp/tell" <<TELL
printf '%s|' "\$AITRACE_LEVEL" "\$AITRACE_PER" "\$AITRACE_KEY" \
    "\$AITRACE_COST" "\$AITRACE_BUDGET" "\$AITRACE_MESSAGE" >>'$tmp/told'
echo >>'$tmp/told'
echo noise
TELL
runs "--exec" 1 report --budget 0.30 --per session --exec ". '$tmp/tell'" \
    "$small"
unlike "$(cat "$tmp/out")" noise "what it prints is not in the report"
is "$(cat "$tmp/told")" \
'over|session|s3|3|0.3|session s3: $3.00 of $0.30 (1000 %)|
over|session|s1|0.32|0.3|session s1: $0.32 of $0.30 (106 %)|' \
    "is told which"
runs "--exec again" 1 report --budget 0.30 --per session \
    --exec ". '$tmp/tell'" "$small"
is "$(wc -l <"$tmp/told")" 2 "is not told again"
runs "with another budget" 1 report --budget 0.31 --per session \
    --exec ". '$tmp/tell'" "$small"
is "$(wc -l <"$tmp/told")" 4 "that is another crossing"
runs "first near" 0 report --budget 3.20 --warn-at 50% --per session \
    --exec ". '$tmp/tell'" "$small"
is "$(tail -n 1 "$tmp/told" | cut -d'|' -f1)" warning "the level is said"
# A command that fails was not told.
runs "a command that fails" 75 report --budget 3.30 --warn-at 50% \
    --exec false "$small"
like "$(cat "$tmp/err")" "the command failed" "is told"
runs "over and a command that fails" 75 report --budget 3.30 --exec false \
    "$small"
runs "is run again" 1 report --budget 3.30 --exec ". '$tmp/tell'" "$small"
is "$(wc -l <"$tmp/told")" 6 "and then was"
rm -f "$tmp/told"
for i in 1 2 3 4; do
	report --budget 2 --exec ". '$tmp/tell'" "$small" >/dev/null 2>&1 &
	eval "p$i=$!"
done
for i in 1 2 3 4; do
	eval "wait \$p$i"
done
is "$(wc -l <"$tmp/told")" 1 "four at once tell it once"
echo "not a list of crossings, whatever it is; much too short lines in it, too" \
    >"$tmp/state/aitrace/crossings"
runs "a list that is none" 73 report --budget 2 --exec true "$small"
like "$(cat "$tmp/err")" "crossings: not a list" "is named"

# ---- forecast ----
# On 11-10 at 19:00 the month has cost 3.02, the last 24 hours 3.00, and 20
# days and 5 hours are left: 3.02 + 3 * (20 + 5 / 24) = 63.645
is "$(aitrace-report --tz UTC --now 2026-11-10T19:00:00Z --forecast -f json \
    "$small" | jq -c '.forecast | [.month_end, .month_to_date_usd,
    .last_24_hours_usd, .forecast_usd, .unpriced]')" \
    '["2026-12-01T00:00:00.000000000Z",3.02,3,63.645,false]' "the forecast"
like "$(aitrace-report --tz UTC --now 2026-11-10T19:00:00Z --forecast \
    --since 2026-11-10 "$small")" \
    'forecast for 2026-11: \$63.645 \(so far \$3.02, in the last 24 hours \$3.00\)' \
    "whatever --since leaves out"
# The time at which the month ends is the zone's.
is "$(aitrace-report --tz Europe/Berlin --now 2026-11-30T23:30:00Z \
    --forecast -f json "$small" | jq -r .forecast.month_end)" \
    2026-12-31T23:00:00.000000000Z "in Berlin it is December already"

# ---- GitHub ----
GITHUB_STEP_SUMMARY=$tmp/summary GITHUB_OUTPUT=$tmp/outputs
export GITHUB_STEP_SUMMARY GITHUB_OUTPUT
echo "before" >"$tmp/summary"
runs "--github" 1 report --github --budget 1 --per day --warn-at 1% "$small"
is "$(grep '^::' "$tmp/out")" \
'::error title=Over the AI budget::day 2026-11-10: $3.00 of $1.00 (300 %25)
::warning title=Near the AI budget::day 2026-10-25: more than $0.305 of $1.00 (30 %25)
::warning title=Near the AI budget::day 2026-11-01: $0.02 of $1.00 (2 %25)
::warning title=AI calls without a price::1 calls have no price and no part in the cost' \
    "says what is wrong"
is "$(head -n 1 "$tmp/summary")" before "appends to the summary"
like "$(cat "$tmp/summary")" '^\| \*\*total\*\* ' "a table"
is "$(grep -E '^(cost|unpriced_calls|calls|errors|total|over|budget)' \
    "$tmp/outputs" | tr '\n' ' ')" "cost_usd=3.325 cost_reported_usd=0.1 cost_computed_usd=3.22 cost_estimated_usd=0.005 unpriced_calls=1 calls=9 errors=1 total_tokens=7067 over_budget=true budget_usd=1 " \
    "hands outputs on"
is "$(grep -vcE '^[a-z0-9_]+=[a-z0-9.]*$' "$tmp/outputs")" 0 \
    "a line each"
unset GITHUB_STEP_SUMMARY GITHUB_OUTPUT
runs "elsewhere" 0 report --github "$small"
like "$(cat "$tmp/err")" "GITHUB_STEP_SUMMARY is not set" "says so"
like "$(cat "$tmp/out")" '^\| \*\*total\*\* ' "and prints"

# ---- GitLab ----
runs "--gitlab" 1 report --gitlab "$tmp" --budget 1 "$small"
is "$(grep -E '_(cost_usd|calls|latency_max_seconds) ' \
    "$tmp/aitrace-metrics.txt")" \
'aitrace_cost_usd 3.325
aitrace_unpriced_calls 1
aitrace_calls 9
aitrace_tool_calls 4
aitrace_latency_max_seconds 16' "metrics"
is "$(grep -E '^AITRACE_(COST_USD|OVER_BUDGET|CALLS)=' "$tmp/aitrace.env")" \
'AITRACE_COST_USD=3.325
AITRACE_CALLS=9
AITRACE_OVER_BUDGET=true' "variables"
is "$(grep -vcE '^AITRACE_[A-Z0-9_]+=[a-z0-9.]*$' "$tmp/aitrace.env")" 0 \
    "a line each, all named"
runs "a folder that is not there" 73 report --gitlab "$tmp/none" "$small"

# ---- the workflows of contrib/ci, as they are ----
step=$top/tests/report/step.py
received "$captures/claude-code/subagent" >"$tmp/telemetry"
for how in whole half; do
	mkdir -p "$tmp/run-$how"
	cd "$tmp/run-$how" || exit 1
	cp "$tmp/telemetry" telemetry.ndjson
	[ $how = whole ] ||
	    head -c "$(($(wc -c <"$tmp/telemetry") * 7 / 10))" \
	    "$tmp/telemetry" >telemetry.ndjson
	GITHUB_STEP_SUMMARY=summary GITHUB_OUTPUT=outputs
	export GITHUB_STEP_SUMMARY GITHUB_OUTPUT
	python3 -B "$step" "$top/contrib/ci/github.yml" "What it cost" run >script
	runs "github.yml, $how a log" 0 bash -e script
	like "$(cat summary)" 'claude-opus-5-5 \| ' "a summary"
	like "$(grep ^cost_usd= outputs)" '=0\.0[0-9]+$' "the cost"
	python3 -B "$step" "$top/contrib/ci/github.yml" "Keep the traces" run \
	    >script
	runs "its page, $how a log" 0 bash -e script
	like "$(tail -n 1 report.html)" '</html>$' "is whole"
	unset GITHUB_STEP_SUMMARY GITHUB_OUTPUT
	python3 -B "$step" "$top/contrib/ci/gitlab.yml" agent: after_script \
	    >script
	runs "gitlab.yml, $how a log" 0 bash -e script
	like "$(cat aitrace-metrics.txt)" '^aitrace_cost_usd 0\.0' "metrics"
	python3 -B "$step" "$top/contrib/ci/gitlab.yml" budget: script |
	    sed 's/^- //' >script
	set -a
	. ./aitrace.env
	set +a
	runs "gitlab.yml's budget, $how a log" 0 bash -e script
done
python3 -B "$step" "$top/contrib/ci/github.yml" "What it cost" run |
    sed 's/--budget 5.00/--budget 0.01/' >script
runs "github.yml over its budget" 1 bash -e script
cp "$tmp/telemetry" telemetry.ndjson
python3 -B "$step" "$top/contrib/ci/gitlab.yml" agent: after_script |
    sed 's/--budget 5.00/--budget 0.01/' >script
bash -e script >/dev/null 2>&1
AITRACE_OVER_BUDGET=$(sed -n 's/^AITRACE_OVER_BUDGET=//p' aitrace.env)
is "$AITRACE_OVER_BUDGET" true "gitlab.yml over its budget"
done_testing
