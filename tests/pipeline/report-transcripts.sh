# aitrace-report --transcripts: the figures, messages and exit codes of
# aitrace-import --content none | aitrace-price -q | aitrace-report, byte by
# byte, for every client, for what they print, and for files that
# cannot be read.
# AITRACE_STRIDE=5: in a few views, where programs start slowly.
stride=${AITRACE_STRIDE:-1}
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price aitrace-report
. "$top/tests/pipeline/same-figures.sh"

printed=$top/tests/fixtures/printed

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
interrupted "$(find "$captures/claude-code/multiturn/transcript" \
    -name '*.jsonl')" aitrace-report -T --by model -f csv --columns calls -
is "$rc" 75 "interrupted: exit 75"
like "$(cat "$tmp/err")" 'interrupted: not all was read' "and it is told"
is "$(tail -n 1 "$tmp/out" | tr -d '\r' | sed 's/,.*//')" claude-opus-5-5 \
    "and what was read counts"

done_testing
