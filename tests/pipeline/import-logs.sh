# What claude -p prints, alone and buried in the logs of CI services.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price
printed=$top/tests/fixtures/printed

# told FILE: what its spans say, sorted
told() {
	jq -s -r '(map({key: .span_id, value: .}) | from_entries) as $by |
	    .[] | [.name, ($by[.parent_span_id // ""].name // "-"),
	    ((.attributes["langfuse.observation.usage_details"] // "{}") |
	    fromjson | [.input, .input_cached_tokens,
	    .input_cache_creation_5m, .input_cache_creation_1h, .output,
	    .total] | map(. // 0) | if add == 0 then "-" else
	    map(tostring) | join(" ") end),
	    (.attributes["langfuse.observation.level"] // "DEFAULT"),
	    (.attributes["aitrace.inferred"] // "-")] | join("|")' "$1" | sort
}

# check NAME: stdin is what its spans must say
check() {
	sort >"$tmp/want"
	runs "$1 is read" 0 aitrace-import "$printed/$1"
	told "$tmp/out" >"$tmp/told"
	same_file "$tmp/told" "$tmp/want" "$1: what was used and done"
	aitrace-price -q <"$tmp/out" >"$tmp/priced"
	tap_from "$1" "$truth/invariants.py" "$tmp/priced"
}

# fresh, read, written for 5 minutes, for an hour, output, total
check claude-stream-json-partial <<'EOF'
Turn|-|-|DEFAULT|-
LLM Call: claude-opus-5-5|Turn|1001 20001 3001 4001 12002 40006|DEFAULT|start
LLM Call: claude-opus-5-5|Turn|1002 20002 3002 0 5002 29008|DEFAULT|start
Bash|LLM Call: claude-opus-5-5|-|DEFAULT|start
Read|LLM Call: claude-opus-5-5|-|DEFAULT|start
EOF
# Without partial messages each answer tells of its output only the beginning:
# what the totals say beyond that stands at the last, and all of it is marked.
check claude-stream-json-basic <<'EOF'
Turn|-|-|DEFAULT|-
LLM Call: claude-opus-5-5|Turn|1001 20001 3001 4001 1 28005|DEFAULT|output_tokens
LLM Call: claude-opus-5-5|Turn|1002 20002 3002 0 17003 41009|DEFAULT|output_tokens
Bash|LLM Call: claude-opus-5-5|-|DEFAULT|start
Read|LLM Call: claude-opus-5-5|-|DEFAULT|start
EOF
check claude-json-verbose <<'EOF'
Turn|-|-|DEFAULT|-
LLM Call: claude-opus-5-5|Turn|1001 20001 3001 4001 1 28005|DEFAULT|output_tokens
LLM Call: claude-opus-5-5|Turn|1002 20002 3002 0 17003 41009|DEFAULT|output_tokens
Bash|LLM Call: claude-opus-5-5|-|DEFAULT|start
Read|LLM Call: claude-opus-5-5|-|DEFAULT|start
EOF
# Only sums: how many calls they are of is not known.
check claude-json-basic <<'EOF'
Turn|-|-|DEFAULT|times
LLM Call: claude-opus-5-5|Turn|2003 40003 6003 4001 17004 69014|DEFAULT|calls
EOF
is "$(jq -r 'select(.name == "Turn") | .attributes |
    .["langfuse.observation.output"]' "$tmp/out")" \
    "Done: hello.txt has 12 bytes." "its answer"
is "$(jq -r 'select(.name != "Turn") | .attributes |
    .["aitrace.cost.reported"]' "$tmp/out")" "0.41811560000000003" \
    "and its cost are told"
check claude-stream-json-subagent <<'EOF'
Turn|-|-|DEFAULT|-
LLM Call: claude-opus-5-5|Turn|1001 20001 3001 4001 1 28005|DEFAULT|output_tokens
LLM Call: claude-opus-5-5|Turn|1002 20002 3002 0 1 24007|DEFAULT|output_tokens
LLM Call: claude-opus-5-5|Turn|1002 20002 3002 0 26004 50010|DEFAULT|output_tokens
Agent: general-purpose|LLM Call: claude-opus-5-5|-|DEFAULT|start
LLM Call: claude-opus-5-5|Agent: general-purpose|1501 20501 3501 4501 1 30005|DEFAULT|output_tokens
LLM Call: claude-opus-5-5|Agent: general-purpose|1502 20502 3502 0 1 25507|DEFAULT|output_tokens
Bash|LLM Call: claude-opus-5-5|-|DEFAULT|start
EOF
check claude-stream-json-err400 <<'EOF'
Turn|-|-|ERROR|-
LLM Call: claude-opus-5-5|Turn|-|ERROR|start
EOF
check claude-json-err400 <<'EOF'
Turn|-|-|ERROR|times
EOF

# ---- around it, what CI services put there

stream=$printed/claude-stream-json-basic
aitrace-import "$stream" >"$tmp/plain"

# buried NAME: the log is $tmp/log
buried() {
	runs "$1" 0 aitrace-import "$tmp/log"
	same_file "$tmp/out" "$tmp/plain" "$1: the same spans"
}

{
	echo '2026-11-21T05:55:29.1234567Z ##[group]Run claude -p "$PROMPT"'
	echo '2026-11-21T05:55:29.2234567Z shell: /usr/bin/bash -e {0}'
	sed 's/^/2026-11-21T05:55:31.1234567Z /' "$stream"
	echo '2026-11-21T05:55:33.1234567Z ##[error]Process completed: {"code" : 1'
} >"$tmp/log"
buried "GitHub Actions"
sed -i 's/^/build\tRun claude\t/' "$tmp/log"
buried "GitHub Actions, downloaded with gh"
{
	printf 'section_start:1795240529:step_script\r\033[0K\033[0;m\n'
	printf '\033[32;1m$ claude -p "$PROMPT"\033[0;m\n'
	sed 's/^/\x1b[1m/; s/$/\x1b[0m\r/' "$stream"
	printf 'section_end:1795240533:step_script\r\033[0K\n'
} >"$tmp/log"
buried "GitLab, with colours"
# GitLab breaks long lines: + says that one goes on.
sed 's/^\(.\{300\}\)\(..*\)$/\1\n+\2/; s/\x1b//g' "$stream" | awk '
    /^\+/ { print "2026-11-21T05:55:31.123456Z 01O+" substr($0, 2); next }
    { print "2026-11-21T05:55:31.123456Z 01O " $0 }' >"$tmp/log"
buried "GitLab, long lines broken"
sed 's/^/[2026-11-21T05:55:31.123Z] /' "$stream" >"$tmp/log"
buried "Jenkins, with times"
sed 's/^/[claude] /' "$stream" >"$tmp/log"
buried "Jenkins, with branches"
sed 's/^/app-1  | /' "$stream" >"$tmp/log"
buried "Docker compose"

# A document over many lines, with something before each. Its times are known
# then, and no guess.
untimed='del(.start_time, .end_time, .attributes["aitrace.inferred"])'
aitrace-import "$printed/claude-json-basic" | jq -c "$untimed" >"$tmp/plain"
jq . "$printed/claude-json-basic" | sed 's/^/2026-11-21T05:55:31.1234567Z /' \
    >"$tmp/log"
runs "a document over many lines" 0 aitrace-import "$tmp/log"
jq -c "$untimed" "$tmp/out" >"$tmp/b"
same_file "$tmp/b" "$tmp/plain" "the same spans"
is "$(jq -r .end_time "$tmp/out" | sort -u)" 2026-11-21T05:55:31.123456700Z \
    "at the time the log tells"

# A job that ran out of time: what there is counts, and the rest is missed.
head -n 6 "$stream" | sed 's/^/2026-11-21T05:55:31.1234567Z /' >"$tmp/log"
runs "half a log" 0 aitrace-import "$tmp/log"
is "$(jq -r 'select(.name == "Turn").attributes["aitrace.incomplete"]' \
    "$tmp/out")" true "its turn is not whole"
head -c -400 "$stream" | sed 's/^/2026-11-21T05:55:31.1234567Z /' >"$tmp/log"
runs "a log that breaks off" 65 aitrace-import "$tmp/log"
like "$(cat "$tmp/err")" "log:11: an object that is not whole" "says so"

# The transcript and the log of one run are one run.
mkdir "$tmp/both"
python3 - "$stream" "$tmp/both" <<'EOF'
import json, sys
rename = {'session_id': 'sessionId', 'request_id': 'requestId'}
with open(sys.argv[1]) as f, open(sys.argv[2] + '/t.jsonl', 'w') as out:
    for line in f:
        v = json.loads(line)
        if v['type'] in ('assistant', 'user'):
            v = {rename.get(k, k): x for k, x in v.items()}
            v.update(parentUuid=None, isSidechain=False)
            out.write(json.dumps(v) + '\n')
EOF
touch -d '2026-11-21 06:00' "$tmp/both/t.jsonl"
cp "$stream" "$tmp/both/z.log"
runs "transcript and log together" 0 aitrace-import "$tmp/both"
is "$(jq -s '[.[] | select(.attributes["llm.token_count.total"] != null)] |
    length' "$tmp/out")" 2 "are two calls, not four"

done_testing
