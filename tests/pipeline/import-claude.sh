# Transcripts of Claude Code: the captured ones against what really happened and
# against the same runs from log records; what other tools count many times over.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-recv aitrace-enrich aitrace-price aitrace-report

made=$top/tests/pipeline/transcripts.py

# used: calls that were answered, and tokens, of the spans on stdin
used() {
	jq -r '.attributes | select(.["llm.token_count.total"] != null) |
	    [.["gen_ai.usage.input_tokens"], .["gen_ai.usage.output_tokens"],
	    .["llm.token_count.total"]] | @tsv' |
	    awk '{ n++; i += $1; o += $2; t += $3 }
	    END { printf "calls=%d input=%d output=%d total=%d\n", n, i, o, t }'
}

# ids FILE: what identifies the spans and where they hang, but for turns
ids() {
	jq -r 'select(.attributes["langfuse.observation.type"] != "chain") |
	    [.span_id, .attributes["langfuse.observation.type"]] |
	    @tsv' "$1" | sort
}

# ---- what really happened

for dir in "$captures"/claude-code/*/; do
	dir=${dir%/}
	name=${dir##*/}
	runs "$name is read" 0 aitrace-import "$dir/transcript"
	is "$(cat "$tmp/err")" "" "$name: without a word"
	aitrace-price <"$tmp/out" >"$tmp/$name" 2>"$tmp/err"
	is "$(cat "$tmp/err")" "" "$name: and priced"
	tap_from "$name" "$truth/check_truth.py" --capture "$dir" \
	    --transcript "$tmp/$name"
	tap_from "$name" "$truth/invariants.py" "$tmp/$name"
	received "$dir" | jq -c 'select(.record == "log")' |
	    aitrace-enrich --drop-used 2>/dev/null |
	    jq -c 'select(.record == "span")' >"$tmp/telemetry"
	ids "$tmp/telemetry" >"$tmp/a"
	ids "$tmp/$name" >"$tmp/b"
	same_file "$tmp/b" "$tmp/a" \
	    "$name: calls, tools and sub-agents have the ids of its log records"
done

# Where the client sends no spans it knows no trace ids: all are the same.
received "$captures/claude-code/logs-only-defaults" | aitrace-enrich |
    jq -c 'select(.record == "span") | [.trace_id, .span_id,
    .parent_span_id]' | sort >"$tmp/a"
jq -c '[.trace_id, .span_id, .parent_span_id]' "$tmp/logs-only-defaults" |
    sort >"$tmp/b"
same_file "$tmp/b" "$tmp/a" "logs only: the same traces, spans and parents"

# The order of the files is nothing.
dir=$captures/claude-code/subagent/transcript
find "$dir" -name '*.jsonl' | sort -r >"$tmp/files"
mapfile -t files <"$tmp/files"
runs "a sub-agent's file before its parent's" 0 aitrace-import "${files[@]}"
sort "$tmp/out" >"$tmp/a"
aitrace-import "$dir" | sort >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "the same spans"
cat "${files[@]}" | aitrace-import - | sort >"$tmp/a"
same_file "$tmp/a" "$tmp/b" "and all of it on stdin"
printf '%s\0' "${files[@]}" | aitrace-import -0 | sort >"$tmp/a"
same_file "$tmp/a" "$tmp/b" "and names on stdin"
CLAUDE_CONFIG_DIR=$tmp/conf
export CLAUDE_CONFIG_DIR CODEX_HOME="$tmp/no" GEMINI_CLI_HOME="$tmp/no" \
    XDG_DATA_HOME="$tmp/no"
mkdir -p "$tmp/conf/projects" && cp -r "$dir"/* "$tmp/conf/projects"
aitrace-import | sort >"$tmp/a"
same_file "$tmp/a" "$tmp/b" "and in the folder Claude Code is told"

# A run's own output is finished work.
aitrace-import "$dir" >"$tmp/a"
aitrace-enrich <"$tmp/a" >"$tmp/b"
same_file "$tmp/b" "$tmp/a" "enrich changes nothing"

# Without content the counts are the same and no text is told.
runs "--content none" 0 aitrace-import --content none "$dir"
is "$(used <"$tmp/out")" "$(used <"$tmp/b")" "the same counts"
is "$(grep -c 'DEMO-PROMPT\|from-subagent\|Delegating' "$tmp/out")" 0 \
    "and no text"

# ---- counted once

for case in $(python3 "$made"); do
	want=$(python3 "$made" "$case" "$tmp/case-$case")
	runs "$case is read" 0 aitrace-import "$tmp/case-$case"
	cp "$tmp/out" "$tmp/spans-$case"
	is "$(used <"$tmp/out")" "$want" "$case: every call once"
	tap_from "$case" "$truth/invariants.py" --no-price "$tmp/out"
	aitrace-import --content none "$tmp/case-$case" >"$tmp/out"
	is "$(used <"$tmp/out")" "$want" "$case: without content, too"
done
for case in subagent sidechains; do
	is "$(jq -r 'select(.attributes["langfuse.observation.type"] ==
	    "agent") | [.name, .attributes["langfuse.observation.output"]] |
	    @tsv' "$tmp/spans-$case")" "Agent: Explore	looked" \
	    "$case: the sub-agent is one span with its last words"
done
is "$(jq -r 'select(.name == "Bash") |
    .attributes["langfuse.observation.output"]' "$tmp/spans-tool_ids" |
    sort)" '{"output":"seen 0"}
{"output":"seen 1"}
{"output":"seen 2"}' "tool_ids: each call has its own result"
is "$(jq -r 'select(.attributes["langfuse.observation.level"] == "ERROR") |
    [.name, .attributes["error.type"], .attributes["aitrace.attempts"]] |
    @tsv' "$tmp/spans-synthetic" | sort)" \
    "LLM Call: unknown	rate_limit	2
Turn: again	rate_limit	" "synthetic: the failed call, and its turn"
is "$(jq -r 'select(.attributes["langfuse.observation.type"] == "chain") |
    .attributes["session.id"] + " " + .name' "$tmp/spans-fork" | sort)" \
    "a-original Turn: prompt 1
a-original Turn: prompt 2
b-fork Turn: prompt 3" "fork: what was copied stays where it was"

# ---- what is asked for

python3 "$made" history "$tmp/many" 40
all=$(aitrace-import "$tmp/many" | used)
like "$all" "calls=368 " "forty sessions, four forks"
runs "--project" 0 aitrace-import --project p3 "$tmp/many"
is "$(used <"$tmp/out")" "calls=18 input=234 output=90 total=324" \
    "two sessions of that project"
runs "--until" 0 aitrace-import --until 2026-11-21T00:13:22Z "$tmp/many"
is "$(jq -r 'select(.parent_span_id == null) | .start_time' "$tmp/out" |
    sort | sed -n '1p;$p' | cut -c1-19)" "2026-11-21T00:13:21
2026-11-21T00:13:21" "turns that began before"
runs "no such time" 64 aitrace-import --since never "$tmp/many"
is "$(aitrace-import "$tmp/many" | aitrace-price | aitrace-report --format \
    csv --by agent | cut -d, -f1-6 | grep -c claude-code)" 1 \
    "and the report reads it"

done_testing
