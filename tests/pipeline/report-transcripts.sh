# aitrace-report --transcripts: the figures, messages and exit codes of
# aitrace-import --content none | aitrace-price -q | aitrace-report, byte by
# byte, for every client and for transcripts in every form that
# transcript_forms.py, transcript_values.py and transcript_mixtures.py make.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price aitrace-report

here=$top/tests/pipeline
printed=$top/tests/fixtures/printed
# Nothing of whoever runs this is read.
for v in $(env | sed -n 's/^\([A-Z_]*\)=.*/\1/p' |
    grep -E '^(CODEX|GEMINI|OPENCODE)_|^XDG_'); do
	unset "$v"
done
export HOME=$tmp/home
mkdir -p "$HOME"
now=2026-11-25T00:00:00Z

# Figures of calls: those that tables of calls alone have.
of_calls=$(aitrace-report --by model -f csv /dev/null 2>/dev/null | head -n 1 |
    tr -d '\r' | cut -d, -f2-)
like "$of_calls" '^cost_usd,.*,calls,.*,total_tokens,.*latency_max_seconds' \
    "there are figures of calls"

# ---- one run beside the other

stdin=/dev/null		# what both have on it
also=			# options of the readers

# records OPERAND...: what the pipeline reports on, for all that follows
records() {
	operands=("$@")
	# shellcheck disable=SC2086
	aitrace-import --content none $also "$@" <"$stdin" >"$tmp/read" \
	    2>"$tmp/read.err"
	read_rc=$?
	aitrace-price -q "$tmp/read" >"$tmp/priced" 2>>"$tmp/read.err"
	aitrace-price "$tmp/read" 2>&1 >/dev/null | anonymous >"$tmp/prices.err"
}

# Of a usage that is no count either may name another bucket first.
anonymous() {
	sed 's/^aitrace-[a-z]*: //; s/(first: [a-z_0-9]*)/(first)/' "$@"
}

# Messages without the program's name, and without those that only one of them
# can have: of records that aitrace-enrich would make calls of, of spans that
# are no calls, of nothing to read.
words() {
	anonymous "$@" |
	    grep -v -e '^warning: no calls among' \
	    -e '^warning: no file to read was found' \
	    -e 'outside of --since and --until$' | sort
}

# Lines are those of records, which one program has none of.
plain_json() {
	jq -S 'del(.generated, .input.lines, .input.bad_lines)'
}

# Who reads calls alone knows of no turns, and must not say that there are none.
no_turns() {
	sed -E 's/, [1-9][0-9]* turns$//; /[0-9]+ runs? ended abruptly$/d' \
	    "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$1.t"
	mv "$1.t" "$1"
}

# view KIND OPTION...: appends to $tmp/why what differs. Kinds: all (the same
# options, the same bytes), calls (without --columns there are figures of calls
# alone), text (without words of turns), hidden (only what is counted is
# compared), json (without lines).
view() {
	_kind=$1 _more=()
	shift
	[ "$_kind" = calls ] && _more=(--columns "$of_calls")
	aitrace-report --now "$now" "$@" "${_more[@]}" "$tmp/priced" \
	    >"$tmp/want" 2>"$tmp/want.err"
	_want=$?
	[ "$_want" -ne 0 ] || _want=$read_rc
	# shellcheck disable=SC2086
	aitrace-report --transcripts --now "$now" $also "$@" "${operands[@]}" \
	    <"$stdin" >"$tmp/got" 2>"$tmp/got.err"
	_got=$?
	case $_kind in
	json)
		for _f in want got; do
			plain_json <"$tmp/$_f" >"$tmp/$_f.json"
			mv "$tmp/$_f.json" "$tmp/$_f"
		done ;;
	text)
		no_turns "$tmp/want"
		no_turns "$tmp/got" ;;
	esac
	_asked="$*"
	set -- "${_asked/"$of_calls"/CALLS}"
	if ! cmp -s "$tmp/got" "$tmp/want"; then
		echo "$* differs (- pipeline, + --transcripts)"
		diff "$tmp/want" "$tmp/got" | sed -n 's/^</-/p; s/^>/+/p' |
		    head -n 6
	fi >>"$tmp/why"
	# Who passes over a text need not see what is wrong in it.
	[ "$_kind" = hidden ] && [ "$_got" -eq 0 ] && return
	[ "$_got" -eq "$_want" ] ||
	    echo "$*: exit status $_got, the pipeline's $_want" >>"$tmp/why"
	[ -s "$tmp/want.err" ] || [ -s "$tmp/read.err" ] ||
	    [ -s "$tmp/got.err" ] || return
	words "$tmp/want.err" "$tmp/read.err" >"$tmp/want.words"
	words "$tmp/got.err" | grep -vxFf "$tmp/prices.err" >"$tmp/got.words"
	if ! cmp -s "$tmp/got.words" "$tmp/want.words"; then
		echo "$*: says (- pipeline, + --transcripts)"
		diff "$tmp/want.words" "$tmp/got.words" |
		    sed -n 's/^</-/p; s/^>/+/p' | head -n 4
	fi >>"$tmp/why"
}

# told NAME: one point for all views since the last
told() {
	if [ -s "$tmp/why" ]; then
		not_ok "$1"
		note_file "$tmp/why"
	else
		ok "$1"
	fi
	: >"$tmp/why"
}
: >"$tmp/why"

counts=calls,input_tokens,cache_read_tokens,cache_write_tokens,\
cache_write_5m_tokens,cache_write_1h_tokens,output_tokens,cost_usd

# few: what every form has to pass
few() {
	view calls -f csv --by hour,model,session,project,branch,version
	view all -f csv --by session,day \
	    --columns runs,turns,calls,cost_usd,tool_calls
}

# middle PART: a time by which so much of the spans, in tenths, have begun
middle() {
	grep -o '"start_time":"[^"]*"' "$tmp/priced" | cut -d'"' -f4 | sort |
	    awk -v part="$1" '{ t[NR] = $0 } END { k = int(NR * part / 10)
	    print NR == 0 ? "2026-11-21T00:00:00Z" : t[k < 1 ? 1 : k] }'
}

# Where programs start slowly: every so-manyth form, and what every form has to
# pass for the rest.
stride=${AITRACE_STRIDE:-1}

# many: all of them
many() {
	few
	[ "$stride" -eq 1 ] || return
	view calls -f csv --by day,model
	view all -f csv --by session --columns "$of_calls"
	view calls -f csv --by hour,project,branch,version,agent,provider
	view all -f csv --by tool
	view calls -f csv --by hour
	view calls -f csv --by session
	view calls -f csv --by week,model --by month
	view calls -f csv --by year
	view all -f csv --by model --columns "$of_calls"
	view all -f csv --by model
	view all -f csv --by server
	view all -f csv --by purpose,error --columns "$counts"
	view all -f csv --by error
	view all -f csv --by run --columns "$of_calls"
	view all -f csv --by user,host,environment,team,repository \
	    --columns "$counts"
	view all -f csv --by service.name,aitrace.agent --columns "$counts"
	_at=$(middle 5)
	view calls -f csv --by model,session --since "$_at"
	view calls -f csv --by model,session --until "$_at"
	view calls -f csv --by day --since "$(middle 3)" --until "$(middle 8)"
	view all -f csv --by tool --since "$_at"
	view calls -f csv --by day --since 2026-11-21 --until 2026-11-21
	view calls -f csv --by day --since 30d
	for _zone in Asia/Kolkata America/New_York Pacific/Kiritimati; do
		view calls -f csv --by day --tz "$_zone"
		view calls -f csv --by hour,model --tz "$_zone"
	done
	view calls -f csv --by hour --sort total_tokens --reverse
	view calls -f csv --by session,model --limit 1 --sort calls
	view all -f csv --by session --sort tool_calls --columns "$counts"
	view text -f markdown --by day,model --columns "$counts"
	view text -f table --width 1000 --by day --by model --by session \
	    --columns "$counts"
	view all -f table --width 80 --by project --columns \
	    calls,turns,cost_usd
	view json -f json --by day,model --by session --by hour
	view json -f json --by day,model --by session --by tool --columns \
	    runs,turns,calls,tool_calls
	view calls -f csv --by session --budget 0.01 --per session
	view calls -f csv --by session --budget 0.01 --per day --warn-at 1%
	view all -f csv --by tool --budget 0.01 --per session
	view calls -f csv --by month --budget 1000 --warn-at 1%
}

# same NAME FEW|MANY OPERAND...
same() {
	_name=$1 _views=$2
	shift 2
	records "$@"
	"$_views"
	told "$_name"
}

# ---- captures of every client, and all of one client together

for d in "$captures"/*/*/transcript; do
	_run=$(scenario_name "${d%/transcript}")
	case $_run in
	claude-code/*|codex/subagent-two|gemini-cli/toolfail|opencode/*)
		same "$_run" many "$d" ;;
	*)
		same "$_run" few "$d" ;;
	esac
done
for client in claude-code codex gemini-cli; do
	mkdir -p "$tmp/all/$client"
	for d in "$captures/$client"/*/transcript; do
		_run=$(basename "${d%/transcript}")
		cp -R "$d" "$tmp/all/$client/$_run"
	done
	same "all captures of $client" many "$tmp/all/$client"
done
chmod -R u+w "$tmp/all"
same "all clients in one folder, and an operand of each" many \
    "$tmp/all" "$captures/opencode/basic/transcript"
find "$captures/claude-code/subagent/transcript" -name '*.jsonl' |
    sort -r >"$tmp/files"
mapfile -t files <"$tmp/files"
same "files as operands, a sub-agent's first" many "${files[@]}"
same "a file twice, and its folder" few "${files[1]}" "${files[1]}" \
    "$captures/claude-code/subagent"
same "a file, and one that is not there" few "$tmp/nothing.jsonl" \
    "${files[@]}"
same "a folder without any" few "$tmp/home"
cat "${files[@]}" >"$tmp/in"
stdin=$tmp/in
same "on stdin" many -
same "on stdin and as a file" few - "${files[0]}"
stdin=$captures/codex/basic-json/transcript
stdin=$(find "$stdin" -name '*.jsonl')
same "a rollout on stdin, a transcript as a file" few "${files[1]}" -
stdin=/dev/null

# ---- where the clients keep them

mkdir -p "$tmp/places/claude/projects" "$tmp/places/codex/sessions" \
    "$tmp/places/gemini/.gemini/tmp" "$tmp/places/data/opencode"
(cd "$tmp/places" && cp -R "$tmp/all/claude-code/subagent/." claude/projects &&
    cp -R "$tmp/all/codex/basic-json/." codex/sessions &&
    cp -R "$tmp/all/gemini-cli/toolfail/." gemini/.gemini/tmp &&
    cp "$captures/opencode/basic/transcript/opencode.db" data/opencode)
export CLAUDE_CONFIG_DIR="$tmp/places/claude,$tmp/nowhere" \
    CODEX_HOME="$tmp/places/codex" GEMINI_CLI_HOME="$tmp/places/gemini" \
    XDG_DATA_HOME="$tmp/places/data" XDG_CONFIG_HOME="$tmp/nowhere"
same "without operands: the places of all clients" many
is "$(sed -n 's/.*"aitrace.agent":"\([^"]*\)".*/\1/p' "$tmp/priced" |
    sort -u | tr '\n' ' ')" "claude-code codex gemini-cli opencode " \
    "which are four"
unset CLAUDE_CONFIG_DIR CODEX_HOME GEMINI_CLI_HOME XDG_DATA_HOME \
    XDG_CONFIG_HOME
same "without operands: none in an empty home" few
mkdir -p "$HOME/.claude/projects"
cp -R "$tmp/all/claude-code/multiturn/." "$HOME/.claude/projects"
same "without operands: ~/.claude" few

# ---- what the environment says

tree=$tmp/all/claude-code/subagent
export LANGFUSE_SESSION_ID=mine LANGFUSE_USER_ID=me LANGFUSE_RELEASE=r1 \
    LANGFUSE_TRACING_ENVIRONMENT=ci LANGFUSE_TAGS=a,b
records "$tree"
view calls -f csv --by session,version
view all -f csv --by session,user,environment --columns "$counts"
view all -f csv --by langfuse.release --columns "$counts"
told "LANGFUSE_SESSION_ID and others are put on the calls"
unset LANGFUSE_SESSION_ID LANGFUSE_USER_ID LANGFUSE_RELEASE \
    LANGFUSE_TRACING_ENVIRONMENT LANGFUSE_TAGS
records "$tree"
TZ=America/New_York
view calls -f csv --by day
view calls -f csv --by hour --since '2026-11-20T19:04'
TZ=UTC
told "TZ is the zone"
cat >"$tmp/own.json" <<'EOF'
{"aitrace_prices":1,"models":{"claude-opus-5-5":[
 {"from":"2026-10-01","input":"3.5","output":"17.5","cache_read":"0.175",
  "cache_write_5m":"4.375","cache_write_1h":"7","source":"test"}]}}
EOF
AITRACE_PRICES=$tmp/own.json
export AITRACE_PRICES
records "$tree"
_own=$(aitrace-report -f csv --by model --columns cost_usd "$tmp/priced")
view calls -f csv --by day,model
told "AITRACE_PRICES has prices that count before the book"
unset AITRACE_PRICES
records "$tree"
unlike "$(aitrace-report -f csv --by model --columns cost_usd \
    "$tmp/priced")" "^$(printf '%s\n' "$_own" | tail -n 1 | tr -d '\r')" \
    "which are others"

# ---- what CLIs print, and logs of CI services

for f in "$printed"/*-*; do
	same "printed: ${f##*/}" few "$f"
	stdin=$f
	same "printed, on stdin: ${f##*/}" few -
	stdin=/dev/null
done
same "printed: all of them" many "$printed"
{
	echo '2026-11-21T05:55:29.1234567Z ##[group]Run claude -p "$PROMPT"'
	sed 's/^/2026-11-21T05:55:31.1234567Z /' \
	    "$printed/claude-stream-json-basic"
	sed 's/^/2026-11-21T05:56:31.1234567Z /' "$printed/codex-exec-basic"
	jq . "$printed/gemini-json-basic" |
	    sed 's/^/2026-11-21T05:57:31.1234567Z /'
	echo '2026-11-21T05:58:33.1234567Z ##[error]Process completed: {"code" : 1'
} >"$tmp/actions.log"
sed 's/^/build\tRun claude\t/' "$tmp/actions.log" >"$tmp/downloaded.log"
{
	printf 'section_start:1795240529:step_script\r\033[0K\033[0;m\n'
	sed 's/^/\x1b[1m/; s/$/\x1b[0m\r/' "$printed/claude-stream-json-basic"
} >"$tmp/gitlab.log"
sed 's/^\(.\{300\}\)\(..*\)$/\1\n+\2/' "$printed/claude-stream-json-partial" |
    awk '/^\+/ { print "2026-11-21T05:55:31.123456Z 01O+" substr($0, 2); next }
    { print "2026-11-21T05:55:31.123456Z 01O " $0 }' >"$tmp/broken.log"
# A transcript of Claude Code, too, may have been printed.
sed 's/^/[2026-11-21T05:55:31.123Z] /' "${files[1]}" >"$tmp/jenkins.log"
sed 's/^/app-1  | /' "${files[1]}" >"$tmp/compose.log"
head -c -400 "$tmp/actions.log" | head -n 9 | head -c -400 >"$tmp/ends.log"
for log in actions downloaded gitlab broken jenkins compose ends; do
	same "CI log: $log" few "$tmp/$log.log"
	stdin=$tmp/$log.log
	same "CI log, on stdin: $log" few -
	stdin=/dev/null
done

# ---- what other tools count many times over

for case in $(python3 "$here/transcripts.py"); do
	python3 "$here/transcripts.py" "$case" "$tmp/case/$case" >"$tmp/sum"
	# No file is older than what is in it, nor a fork than its original.
	find "$tmp/case/$case" -type f -exec touch -d 2026-12-31 {} +
	find "$tmp/case/$case" -name 'a-original*' -exec touch -d 2026-12-30 \
	    {} +
	same "$case" many "$tmp/case/$case"
	# Its sum is known.
	aitrace-report --transcripts -f csv --by agent --columns \
	    calls,errors,output_tokens,total_tokens "$tmp/case/$case" 2>&1 |
	    tr -d '\r' | awk -F, 'NR > 1 { printf "calls=%d input=%d output=%d \
total=%d\n", $2 - $3, $5 - $4, $4, $5 }' >"$tmp/got"
	same_file "$tmp/got" "$tmp/sum" "$case: and the sum is right"
done
python3 "$here/transcripts.py" history "$tmp/history" 200
find "$tmp/history" -type f -exec touch -d 2026-12-31 {} +
same "two hundred sessions" many "$tmp/history"

# ---- forms, and random mixtures

# each COUNT: a line NAME<TAB>MARK for each folder below $tmp/forms
each() {
	is "$(($(grep -c . "$tmp/names") >= $1))" 1 "$1 of them at least"
	sed -n "0~${stride}p" "$tmp/names" >"$tmp/some"
	while IFS='	' read -r _form _mark; do
		records "$tmp/forms/$_form"
		case $_mark in
		hidden)
			view hidden -f csv --by day,model --columns "$counts" ;;
		*)
			few
			view calls -f csv --by model,session \
			    --since "$(middle 5)" ;;
		esac
		told "$_form"
		rm -rf "${tmp:?}/forms/$_form"
	done <"$tmp/some"
}
for v in "forms 90" "values 90" "mixtures 60"; do
	# shellcheck disable=SC2086
	set -- $v
	python3 "$here/transcript_$1.py" "$top/tests/fixtures/captures" \
	    "$tmp/forms" >"$tmp/names"
	each "$2"
done
random=${AITRACE_MIXTURES:-50}
python3 "$here/transcript_mixtures.py" "$captures" "$tmp/forms" "$random" \
    >"$tmp/names"
each "$random"

# ---- limits

also='--max-line 1k'
same "--max-line 1k" few "$tree"
also='--max-line 2k'
same "--max-line 2k, on two files" few "$tree" "$tmp/all/claude-code/err429"
also=
{
	head -n 12 "${files[1]}"
	printf '{"type":"user","message":{"role":"user","content":"'
	head -c 200000000 /dev/zero | tr '\0' x
	printf '"}}\n'
	tail -n +13 "${files[1]}"
} >"$tmp/long.jsonl"
records "$tmp/long.jsonl"
view calls -f csv --by day,model
told "a line of 200 MB"
rm "$tmp/long.jsonl"

# ---- files that cannot be read, or change

mkdir "$tmp/shut"
cp "${files[1]}" "$tmp/shut/open.jsonl"
cp "$tmp/all/claude-code/err429"/*/*.jsonl "$tmp/shut/shut.jsonl"
chmod 0 "$tmp/shut/shut.jsonl"
if [ ! -r "$tmp/shut/shut.jsonl" ]; then
	same "no permission" few "$tmp/shut"
elif command -v setpriv >/dev/null 2>&1; then
	# Who may read everything becomes somebody who may not.
	chmod 711 "$tmp"
	chmod 755 "$tmp/shut"
	chmod 644 "$tmp/shut/open.jsonl"
	mkdir "$tmp/bin"
	for p in import price report; do
		cp "$build/aitrace-$p" "$tmp/bin"
		eval "aitrace-$p() {
			setpriv --reuid=65534 --regid=65534 --clear-groups \
			    '$tmp/bin/aitrace-$p' \"\$@\"
		}"
	done
	cp "$AITRACE_DATADIR/prices.json" "$tmp/bin"
	chmod -R a+rX "$tmp/bin"
	(
		AITRACE_DATADIR=$tmp/bin
		records "$tmp/shut"
		few
	)
	unset -f aitrace-import aitrace-price aitrace-report
	grep -q 'shut.jsonl: Permission denied' "$tmp/read.err" ||
	    echo "import could read it" >>"$tmp/why"
	told "no permission"
else
	skip "no permission" "this user may read everything"
fi

# It shrinks while it is read: the reader has much to do before the end.
is_reading() {
	for _f in "/proc/$pid/fd/"*; do
		[ "$(readlink "$_f")" = "$tmp/shrinks.jsonl" ] &&
		    { grep -qs '^pos:	[1-9]' \
		    "/proc/$pid/fdinfo/${_f##*/}" ||
		    grep -qs 'shrinks\.jsonl' "/proc/$pid/maps"; } &&
		    return 0
	done
	grep -qs 'shrinks\.jsonl' "/proc/$pid/maps"
}
python3 - "${files[1]}" >"$tmp/filler" <<'EOF'
import json
import sys
with open(sys.argv[1]) as f:
    lines = [json.loads(line) for line in f]
v = next(v for v in lines if 'toolUseResult' in v)
v['toolUseResult'] = [dict(a=i, b=['"\\' * 9]) for i in range(300)]
print(json.dumps(v, separators=(',', ':')))
EOF
# shrunk NAME COMMAND...: its output, when it was caught, is in $tmp/out
shrunk() {
	for _try in 1 2 3 4 5 6 7 8; do
		{
			cat "${files[1]}"
			yes "$(cat "$tmp/filler")" | head -c 100000000
		} >"$tmp/shrinks.jsonl"
		"$@" "$tmp/shrinks.jsonl" >"$tmp/out" 2>"$tmp/err" &
		pid=$!
		owns "$pid"
		until is_reading || ! kill -0 "$pid" 2>/dev/null; do :; done
		if kill -STOP "$pid" 2>/dev/null; then
			: >"$tmp/shrinks.jsonl"
			kill -CONT "$pid" 2>/dev/null
		fi
		wait "$pid"
		rc=$?
		grep -q shrank "$tmp/err" && return 0
		[ "$rc" -ne 0 ] && return 0
	done
	return 1
}
if shrunk aitrace-report --transcripts -f csv --by model --columns "$counts"
then
	is "$rc" 65 "a file that shrinks while it is read: exit 65"
	like "$(cat "$tmp/err")" \
	    'shrinks\.jsonl: it shrank while it was read' "and it is told"
	aitrace-import --content none "${files[1]}" | aitrace-price -q |
	    aitrace-report -f csv --by model --columns "$counts" >"$tmp/want"
	same_file "$tmp/out" "$tmp/want" "and what was read counts"
else
	skip "a file that shrinks" "it was always read before it did"
fi
rm -f "$tmp/shrinks.jsonl"

# ---- usage

runs "-T is short for it" 0 aitrace-report -T -f csv --by model "$tree"
cp "$tmp/out" "$tmp/a"
aitrace-report --transcripts -f csv --by model "$tree" >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "and the same"
runs "an unknown figure" 64 aitrace-report -T --columns nothing "$tree"
runs "a table of nothing" 64 aitrace-report -T --by nothing "$tree"
runs "a time that is none" 64 aitrace-report -T --since never "$tree"
runs "two tables in CSV" 64 aitrace-report -T -f csv --by day --by model \
    "$tree"
AITRACE_PRICES=$tmp/none.json runs "prices that are not there" 78 \
    aitrace-report -T "$tree"
aitrace-report -T --now "$now" -f csv "$tree" >"$tmp/a"
is "$(head -n 1 "$tmp/a" | tr -d '\r')" "day,$of_calls" \
    "without --columns: figures of calls alone, by day"
# Interrupted: what was read counts, and that it is not all is told.
mkfifo "$tmp/slow"
{
	find "$captures/claude-code/multiturn/transcript" -name '*.jsonl' \
	    -exec cat {} +
	echo >"$tmp/said"
	exec sleep 60
} >"$tmp/slow" &
writer=$!
owns $writer
aitrace-report -T --by model -f csv --columns calls - <"$tmp/slow" \
    >"$tmp/out" 2>"$tmp/err" &
reader=$!
owns $reader
wait_for 10 test -e "$tmp/said"
sleep 0.5
kill -INT $reader
kill $writer
wait $reader
is $? 75 "interrupted: exit 75"
like "$(cat "$tmp/err")" 'interrupted: not all was read' "and it is told"
is "$(tail -n 1 "$tmp/out" | tr -d '\r' | sed 's/,.*//')" claude-opus-5-5 \
    "and what was read counts"

done_testing
