# What ccusage (npm), the tool that most people count tokens with, makes of the
# same transcripts: equal tokens by day and by model, from its versions 20
# (native) and 17 (JavaScript). Where it differs, the rule by which it does has
# the name that it has in aitrace-report(1), and its figures are worked out
# from the transcripts by that rule. Part of make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need npm node jq python3
built aitrace-import aitrace-price aitrace-report

for v in 20.0.24 17.2.1; do
	mkdir -p "$tmp/npm${v%%.*}"
	if ! (cd "$tmp/npm${v%%.*}" && npm install --silent --no-fund \
	    --no-audit "ccusage@$v" >"$tmp/npm.log" 2>&1); then
		skip "ccusage" "the npm registry cannot be reached"
		done_testing
		exit
	fi
done

nobody_home
made=$top/tests/pipeline/transcripts.py

# Columns of all tables: day, model, fresh, read, written, out.
# daily VERSION TOOL: of the environment's folder
daily() {
	set -- "$tmp/npm$1/node_modules/.bin/ccusage" "$1" "$2"
	[ "$2" = 17 ] && set -- "$1" 17 ""
	# shellcheck disable=SC2086
	"$1" $3 daily --offline --json 2>"$tmp/err" | jq -r '.daily[] |
	    .date as $day | (.modelBreakdowns // (.models | to_entries |
	    map(.value + {modelName: .key})))[] | [$day, .modelName,
	    .inputTokens, .cacheReadTokens, .cacheCreationTokens,
	    .outputTokens] | join(",")' | sort
}

# theirs VERSION FOLDER: of Claude Code
theirs() {
	CLAUDE_CONFIG_DIR=$2 daily "$1" claude
}

# ours FOLDER [,COLUMN...]: from three programs; what one of them alone says is
# compared with it and looked at in the end.
ours() {
	_columns=input_tokens,cache_read_tokens,cache_write_tokens,output_tokens
	set -- "$1" --by day,model -f csv --columns "$_columns${2:-}"
	aitrace-import --content none "$1" | aitrace-price -q |
	    aitrace-report "${@:2}" | tail -n +2 | tr -d '\r' | sort \
	    >"$tmp/three"
	aitrace-report --transcripts "${@:2}" "$1" 2>"$tmp/one.err" |
	    tail -n +2 | tr -d '\r' | sort >"$tmp/one"
	echo "$1" >>"$tmp/places"
	if ! cmp -s "$tmp/one" "$tmp/three"; then
		echo "${1#"$tmp/"}, TZ=$TZ"
		cat "$tmp/one.err"
		diff "$tmp/three" "$tmp/one" | sed -n 's/^</-/p; s/^>/+/p'
	fi >>"$tmp/unequal"
	cat "$tmp/three"
}
: >"$tmp/places"
: >"$tmp/unequal"

# lines FOLDER: what answers stand in the transcripts of Claude Code, line by
# line, in the order of their files
lines() {
	find "$1" -name '*.jsonl' -type f | sort | tr '\n' '\0' |
	    xargs -0 cat | jq -s '[.[] | select(.type == "assistant" and
	    .message.model != "<synthetic>") |
	    {key: (.message.id + .requestId), session: .sessionId,
	    side: .isSidechain, time: .timestamp, day: .timestamp[:10],
	    model: .message.model, n: (.message.usage |
	    [.input_tokens, .cache_read_input_tokens,
	    .cache_creation_input_tokens, .output_tokens])}]'
}

# by_rule JQ FOLDER: the table of the lines that are chosen
by_rule() {
	lines "$2" | jq -r "$1"' | group_by([.day, .model])[] |
	    [.[0].day, .[0].model, (map(.n) | transpose[] | add)] |
	    join(",")' | sort
}

# Each session on its own: no difference at all.
sessions=0
for d in "$captures"/claude-code/*/transcript; do
	run=$(basename "${d%/transcript}")
	mkdir -p "$tmp/alone/$run/projects" "$tmp/all/projects/$run"
	cp -R "$d/." "$tmp/alone/$run/projects"
	cp -R "$d/." "$tmp/all/projects/$run"
	chmod -R u+w "$tmp/alone/$run" "$tmp/all"
	ours "$tmp/alone/$run/projects" >"$tmp/ours"
	is "$(wc -l <"$tmp/ours" | tr -d ' ')" 1 "$run: one day, one model"
	for v in 20 17; do
		theirs "$v" "$tmp/alone/$run" >"$tmp/theirs"
		same_file "$tmp/theirs" "$tmp/ours" "$run: tokens of ccusage $v"
	done
	sessions=$((sessions + 1))
done
is "$((sessions >= 12))" 1 "twelve sessions of Claude Code at least"

# All in one folder. The scripted server of the captures numbers its answers
# from one in each of them.
all=$tmp/all/projects
ours "$all" >"$tmp/ours"
by_rule 'group_by([.session, .key]) | map(last)' "$all" >"$tmp/want"
same_file "$tmp/ours" "$tmp/want" "all sessions: each answer of each counts"
by_rule 'group_by(.key) | map(min_by(.time))' "$all" >"$tmp/want"
theirs 17 "$tmp/all" >"$tmp/theirs"
same_file "$tmp/theirs" "$tmp/want" \
    "same ids: ccusage 17 counts the answer that came first"
# Two of the largest may be of different models: only the sum is certain.
lines "$all" | jq -r 'group_by(.key) | map(max_by([(.side | not),
    (.n | add)]).n) | transpose | map(add) | join(",")' >"$tmp/want"
theirs 20 "$tmp/all" | awk -F, '{ for (i = 3; i <= 6; i++) n[i] += $i }
    END { print n[3] "," n[4] "," n[5] "," n[6] }' >"$tmp/theirs"
same_file "$tmp/theirs" "$tmp/want" \
    "same ids: ccusage 20 counts the largest, of the main thread first"

# What other tools have counted wrongly, in the one way or the other.
for case in $(python3 "$made"); do
	dir=$tmp/case/$case
	python3 "$made" "$case" "$dir/projects" >"$tmp/want"
	ours "$dir/projects" >"$tmp/ours"
	for v in 20 17; do
		theirs "$v" "$dir" >"$tmp/theirs"
		cp "$tmp/ours" "$tmp/want"
		name="$case: tokens of ccusage $v"
		case $case/$v in
		no_request/*)
			by_rule . "$dir" >"$tmp/want"
			name="no request ids: ccusage $v counts every line" ;;
		last_row/17)
			by_rule 'group_by(.key) | map(first)' "$dir" \
			    >"$tmp/want"
			name="first line: ccusage 17 counts no other" ;;
		midnight/*)
			by_rule 'group_by(.key) | map(first)' "$dir" \
			    >"$tmp/want"
			name="midnight: ccusage $v takes the day of the line" ;;
		synthetic/*)
			grep -v ',,0,0,0,0$' "$tmp/ours" >"$tmp/want"
			name="failed: ccusage $v has no row for no tokens" ;;
		esac
		same_file "$tmp/theirs" "$tmp/want" "$name"
		[ "$name" = "$case: tokens of ccusage $v" ] && continue
		cmp -s "$tmp/theirs" "$tmp/ours"
		is $? 1 "which is not what aitrace counts"
	done
done
ours "$tmp/case/midnight/projects" >"$tmp/ours"
is "$(cut -d, -f1,6 "$tmp/ours" | tr '\n' ' ')" \
    "2026-11-21,15 2026-11-22,5 " \
    "midnight: aitrace takes the day on which a call began"

# edited NAME JQ: a session of the captures with its lines changed so
edited() {
	mkdir -p "$tmp/edited/$1/projects/p"
	find "$tmp/alone/basic-http-json" -name '*.jsonl' -exec jq -c "$2" {} + \
	    >"$tmp/edited/$1/projects/p/edited.jsonl"
	ours "$tmp/edited/$1/projects" >"$tmp/ours"
	theirs 20 "$tmp/edited/$1" >"$tmp/20"
	theirs 17 "$tmp/edited/$1" >"$tmp/17"
}
edited parts 'if .message.usage? then
    .message.usage.cache_creation.ephemeral_1h_input_tokens = 0 else . end'
same_file "$tmp/17" "$tmp/ours" "parts: ccusage 17 counts what is written"
by_rule 'group_by(.key) | map(last)' "$tmp/edited/parts" >"$tmp/want"
same_file "$tmp/ours" "$tmp/want" "as aitrace does"
find "$tmp/edited/parts" -name '*.jsonl' -exec jq -c 'if .message.usage? then
    .message.usage |= (.cache_creation_input_tokens =
    (.cache_creation | add)) else . end' {} + >"$tmp/parts.jsonl"
mkdir "$tmp/parts"
mv "$tmp/parts.jsonl" "$tmp/parts"
by_rule 'group_by(.key) | map(last)' "$tmp/parts" >"$tmp/want"
same_file "$tmp/20" "$tmp/want" "parts: ccusage 20 counts their sum"

edited fast 'if .message.usage? then .message.usage.speed = "fast" else . end'
same_file "$tmp/17" "$tmp/ours" "fast: tokens of ccusage 17"
sed 's/,/-fast,/2' "$tmp/ours" >"$tmp/want"
same_file "$tmp/20" "$tmp/want" "fast: ccusage 20 has it in the model's name"

# Codex, which version 20 knows.
for d in "$captures"/codex/*/transcript; do
	run=$(basename "${d%/transcript}")
	mkdir -p "$tmp/codex/$run/sessions"
	cp -R "$d/." "$tmp/codex/$run/sessions"
	chmod -R u+w "$tmp/codex"
	ours "$tmp/codex/$run/sessions" >"$tmp/ours"
	CODEX_HOME=$tmp/codex/$run daily 20 codex >"$tmp/theirs"
	if [ "$run" != subagent-two ]; then
		same_file "$tmp/theirs" "$tmp/ours" \
		    "Codex, $run: tokens of ccusage 20"
		continue
	fi
	cp "$tmp/ours" "$tmp/whole"
	cp "$tmp/theirs" "$tmp/part"
done

# The agents of the capture answer within a second; with their counts in
# seconds of their own, they are counted.
run=$tmp/codex/subagent-two/sessions
find "$run" -name '*.jsonl' -exec sh -c 'for f; do
	head -n 1 "$f" | grep -q thread_spawn || cat "$f"; done' sh {} + |
    jq -sr 'map(select(.type == "token_usage_record").payload.usage |
    [.input_tokens - .cached_input_tokens, .cached_input_tokens,
    .cache_write_input_tokens, .output_tokens]) |
    ["2026-11-21", "gpt-5.4", (transpose[] | add)] | join(",")' >"$tmp/main"
same_file "$tmp/part" "$tmp/main" \
    "burst: ccusage 20 counts the main thread alone"
find "$run" -name '*.jsonl' >"$tmp/files"
while IFS= read -r f; do
	head -n 1 "$f" | grep -q thread_spawn || continue
	jq -c 'if .payload.type == "token_count" then
	    .timestamp = "2026-11-21T00:42:\(10 + .ordinal).000Z"
	    else . end' "$f" >"$tmp/slow" && cp "$tmp/slow" "$f"
done <"$tmp/files"
CODEX_HOME=$tmp/codex/subagent-two daily 20 codex >"$tmp/theirs"
same_file "$tmp/theirs" "$tmp/whole" \
    "burst: and all of it where the agents take their time"

# Gemini CLI: what is left of our output without the reasoning.
for d in "$captures"/gemini-cli/*/transcript; do
	run=$(basename "${d%/transcript}")
	ours "$d" ,reasoning_tokens,total_tokens | awk -F, -v OFS=, \
	    '{ print $1, $2, $3, $4, $5, $6 - $7; print $8 }' >"$tmp/ours"
	mkdir -p "$tmp/gemini/$run/tmp"
	cp -R "$d/." "$tmp/gemini/$run/tmp"
	export GEMINI_DATA_DIR=$tmp/gemini/$run
	daily 20 gemini >"$tmp/theirs"
	"$tmp/npm20/node_modules/.bin/ccusage" gemini daily --offline --json \
	    2>"$tmp/err" | jq -r '.daily[].totalTokens' >>"$tmp/theirs"
	unset GEMINI_DATA_DIR
	same_file "$tmp/theirs" "$tmp/ours" "thoughts: Gemini CLI, $run:\
 in the total alone of ccusage 20"
done

# opencode
for d in "$captures"/opencode/*/transcript; do
	run=$(basename "${d%/transcript}")
	mkdir -p "$tmp/opencode/$run"
	cp -R "$d/." "$tmp/opencode/$run"
	chmod -R u+w "$tmp/opencode"
	ours "$tmp/opencode/$run" >"$tmp/ours"
	OPENCODE_DATA_DIR=$tmp/opencode/$run daily 20 opencode >"$tmp/theirs"
	same_file "$tmp/theirs" "$tmp/ours" \
	    "opencode, $run: tokens of ccusage 20"
done

# Ten thousand sessions on seven days and of three models, with repeated
# blocks, a thousand forks and a hundred sub-agents.
history=$tmp/history/projects
python3 -B "$made" history "$history" 10000
is "$(find "$history" -name '*.jsonl' | wc -l | tr -d ' ')" 11100 \
    "10,000 sessions, 1,000 forks and 100 sub-agents of them"
ours "$history" >"$tmp/ours"
is "$(wc -l <"$tmp/ours" | tr -d ' ')" 21 "seven days, three models"
is "$(awk -F, '{ n += $3; r += $4; w += $5; o += $6 }
    END { print n, r, w, o }' "$tmp/ours")" "92200 737600 368800 461000" \
    "their sum: nine calls a session, two more in a fork and an agent"
for v in 20 17; do
	theirs "$v" "$tmp/history" >"$tmp/theirs"
	same_file "$tmp/theirs" "$tmp/ours" \
	    "10,000 sessions: tokens of ccusage $v"
done
export TZ=Asia/Tokyo
ours "$history" >"$tmp/ours"
is "$(wc -l <"$tmp/ours" | tr -d ' ')" 24 "eight days in another time zone"
for v in 20 17; do
	theirs "$v" "$tmp/history" >"$tmp/theirs"
	same_file "$tmp/theirs" "$tmp/ours" "and in those of ccusage $v"
done
export TZ=UTC

# No client writes spaces between the members of an object.
mkdir -p "$tmp/spaced/projects/p"
python3 -B - "$history" >"$tmp/spaced/projects/p/s00000.jsonl" <<'P'
import json, sys
for line in open(sys.argv[1] + '/-home-me-p0/s00000.jsonl'):
    print(json.dumps(json.loads(line)))
P
ours "$tmp/spaced/projects" >"$tmp/ours"
is "$(cut -d, -f3 "$tmp/ours")" 9 "spaces: aitrace counts what is the same JSON"
theirs 17 "$tmp/spaced" >"$tmp/theirs"
same_file "$tmp/theirs" "$tmp/ours" "spaces: so does ccusage 17"
theirs 20 "$tmp/spaced" >"$tmp/theirs"
is "$(cat "$tmp/theirs")" "" "spaces: ccusage 20 sees nothing"

# Captures of four clients, cases made by hand, and what was edited.
is "$(($(grep -c . "$tmp/places") >= 50))" 1 "fifty places at least"
if [ -s "$tmp/unequal" ]; then
	not_ok "--transcripts gives the same rows for each of them"
	note_file "$tmp/unequal"
else
	ok "--transcripts gives the same rows for each of them"
fi
done_testing
