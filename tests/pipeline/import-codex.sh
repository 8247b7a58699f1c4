# Rollouts of Codex CLI: the captured ones against what really happened; what
# other tools count many times over; damaged files. import-ids.sh compares them
# with the same runs from telemetry.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq zstd
built aitrace-import aitrace-price

made=$top/tests/pipeline/rollouts.py

# used: calls and tokens of the spans on stdin
used() {
	jq -r '.attributes | select(.["langfuse.observation.type"] ==
	    "generation") | [.["gen_ai.usage.input_tokens"],
	    .["gen_ai.usage.output_tokens"], .["llm.token_count.total"]] |
	    @tsv' | awk '{ n++; i += $1; o += $2; t += $3 }
	    END { printf "calls=%d input=%d output=%d total=%d\n", n, i, o, t }'
}

# ---- what really happened

for dir in "$captures"/codex/*/; do
	dir=${dir%/}
	name=${dir##*/}
	runs "$name is read" 0 aitrace-import "$dir/transcript"
	aitrace-price <"$tmp/out" >"$tmp/$name" 2>"$tmp/err"
	is "$(cat "$tmp/err")" "" "$name: and priced"
	if [ "$name" != resume-turn2 ]; then
		tap_from "$name" "$truth/check_truth.py" --capture "$dir" \
		    --transcript "$tmp/$name"
	fi
	tap_from "$name" "$truth/invariants.py" "$tmp/$name"
done

# The file of the second run holds the first one, too.
jq -r .trace_id "$tmp/resume-turn1" | sort -u >"$tmp/first"
grep -F -f "$tmp/first" "$tmp/resume-turn2" | sort >"$tmp/b"
sort "$tmp/resume-turn1" >"$tmp/a"
same_file "$tmp/b" "$tmp/a" "a resumed thread repeats its first turn exactly"
is "$(used <"$tmp/resume-turn2")" "calls=4 input=20400 output=290 total=20690" \
    "and adds the second"

# A sub-agent's file does not tell which call began it.
dir=$captures/codex/subagent-two/transcript
find "$dir" -name '*.jsonl' | sort -r >"$tmp/files"
mapfile -t files <"$tmp/files"
runs "sub-agents before their parent" 0 aitrace-import "${files[@]}"
sort "$tmp/out" >"$tmp/a"
aitrace-import "$dir" | sort >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "are the same spans as behind it"

# Versions that tell the model nothing of the thread.
mkdir "$tmp/mute"
for file in "${files[@]}"; do
	sed 's/"output":"{\\"agent_id\\"[^}]*}"/"output":"started"/' "$file" \
	    >"$tmp/mute/${file##*/}"
done
is "$(cat "$tmp/mute"/* | grep -c '"output":"started"')" 2 "nothing is told"
runs "sub-agents that only the items name" 0 aitrace-import "$tmp/mute"
ids='[.trace_id, .span_id, .parent_span_id] | @tsv'
is "$(jq -r "$ids" "$tmp/out" | sort)" "$(jq -r "$ids" "$tmp/b" | sort)" \
    "are in the same place"

# ---- counted once

for case in $(python3 "$made"); do
	want=$(python3 "$made" "$case" "$tmp/case-$case")
	runs "$case is read" 0 aitrace-import "$tmp/case-$case"
	is "$(used <"$tmp/out")" "$want" "$case: every call once"
	is "$(jq -r 'select(.attributes["langfuse.observation.type"] ==
	    "chain") | .attributes["aitrace.incomplete"] // empty' \
	    "$tmp/out")" "" "$case: and all turns are whole"
done

# Codex moves a rollout into an archive; people copy whole folders.
mkdir -p "$tmp/kept/sessions" "$tmp/kept/archived_sessions"
cp -r "$captures/codex/basic-json/transcript/." "$tmp/kept/sessions"
cp -r "$captures/codex/basic-json/transcript/." "$tmp/kept/archived_sessions"
runs "a folder and its copy" 0 aitrace-import "$tmp/kept"
aitrace-price <"$tmp/out" >"$tmp/a"
same_file "$tmp/a" "$tmp/basic-json" "say everything once"

# From cron, while the thread goes on: only what is new, and all of it.
grown=$tmp/grown.jsonl
whole=$(find "$captures/codex/resume-turn2/transcript" -name '*.jsonl')
: >"$tmp/pieces"
for lines in 5 16 26 40 50; do
	head -n "$lines" "$whole" >"$grown"
	aitrace-import --state="$tmp/known" --settle=1h "$grown" \
	    >>"$tmp/pieces" 2>"$tmp/err"
	is "$?$(cat "$tmp/err")" 0 "a thread of $lines lines is read"
done
aitrace-price <"$tmp/pieces" | sort >"$tmp/a"
sort "$tmp/resume-turn2" >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "and its spans are written once, when they are whole"

# ---- code mode: a script that the model wrote calls the tools

python3 - "$made" "$tmp/code.jsonl" <<'EOF'
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location('rollouts', sys.argv[1])
r = importlib.util.module_from_spec(spec)
spec.loader.exec_module(r)
t = r.Thread(r.T0, 1)
t.begin('how big?')
t.line('response_item', {'type': 'custom_tool_call', 'call_id': 'call_1',
                         'name': 'exec', 'input': 'await sh("wc -c a")'}, 100)
for n, code in (('a', 0), ('b', 3)):
    t.event('item_completed', started_at_ms=t.now, completed_at_ms=t.now + 1,
            item={'type': 'CommandExecution', 'id': 'exec-' + n,
                  'command': ['bash', '-lc', 'wc -c ' + n],
                  'aggregated_output': n, 'exit_code': code,
                  'duration': {'secs': 0, 'nanos': 20000000}})
t.call(100, 0, 10, 0, 'looking')
t.line('response_item', {'type': 'custom_tool_call_output',
                         'call_id': 'call_1', 'output': 'a b'})
t.call(200, 0, 20, 0, 'done')
t.done('done')
with open(sys.argv[2], 'w') as f:
    f.write(''.join(json.dumps(line) + '\n' for line in t.lines))
EOF
runs "a rollout of code mode" 0 aitrace-import "$tmp/code.jsonl"
jq -s -r '(map({key: .span_id, value: .}) | from_entries) as $by | .[] |
    [.name, ($by[.parent_span_id // ""].name // "-"),
    (.attributes["langfuse.observation.level"] // "DEFAULT"),
    (.attributes["aitrace.tool.exit_code"] // "-")] | join("|")' "$tmp/out" |
    sort >"$tmp/a"
cat >"$tmp/b" <<'EOF'
LLM Call: gpt-5.4|Turn: how big?|DEFAULT|-
LLM Call: gpt-5.4|Turn: how big?|DEFAULT|-
Turn: how big?|-|DEFAULT|-
exec_command|exec|DEFAULT|0
exec_command|exec|WARNING|3
exec|LLM Call: gpt-5.4|DEFAULT|-
EOF
same_file "$tmp/a" "$tmp/b" "what a script calls stands under it"

# ---- compressed, as Codex keeps what is a week old

cp -r "$captures/codex/basic-json/transcript" "$tmp/week"
find "$tmp/week" -name '*.jsonl' -exec zstd -q --rm {} +
runs "a compressed rollout" 0 aitrace-import "$tmp/week"
aitrace-price <"$tmp/out" >"$tmp/a"
same_file "$tmp/a" "$tmp/basic-json" "is the same spans"

# ---- a turn that does not fit

python3 - "$made" "$tmp/large.jsonl" <<'EOF'
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location('rollouts', sys.argv[1])
r = importlib.util.module_from_spec(spec)
spec.loader.exec_module(r)
t = r.Thread(r.T0, 1)
t.begin('print much')
for i in range(40):
    t.line('response_item', {'type': 'function_call', 'name': 'exec_command',
                             'call_id': 'call_%d' % i,
                             'arguments': '{"cmd":"cat %s"}' % ('x' * 50000)})
    t.call(100 + i, 0, 10, 0, 'looking')
    t.line('response_item', {'type': 'function_call_output',
                             'call_id': 'call_%d' % i, 'output': 'y' * 100000})
t.call(500, 0, 20, 0, 'done')
t.done('done')
with open(sys.argv[2], 'w') as f:
    f.write(''.join(json.dumps(line) + '\n' for line in t.lines))
EOF
runs "a turn of more than --max-memory" 0 \
    aitrace-import --max-memory=1M "$tmp/large.jsonl"
is "$(used <"$tmp/out")" "calls=41 input=5280 output=420 total=5700" \
    "all its calls count"
is "$(jq -s '[.[] | select(.name == "exec_command" and
    .attributes["langfuse.observation.level"] == null)] | length' "$tmp/out")" \
    40 "all its tools are there"
is "$(($(wc -c <"$tmp/out") < 8000000))" 1 "without their texts"

# ---- damage

rollout=$(find "$captures/codex/basic-json/transcript" -name '*.jsonl')
size=$(wc -c <"$rollout")
head -c "$((size - 40))" "$rollout" >"$tmp/torn.jsonl"
runs "a torn last line is told" 65 aitrace-import "$tmp/torn.jsonl"
is "$(used <"$tmp/out")" "calls=2 input=10200 output=145 total=10345" \
    "what stands before it counts"
is "$(jq -r 'select(.name | startswith("Turn")) |
    .attributes["aitrace.incomplete"]' "$tmp/out")" true \
    "and its turn is marked as not whole"

{ sed 1d "$rollout"; } >"$tmp/headless.jsonl"
runs "without its first line" 0 aitrace-import "$tmp/headless.jsonl"
is "$(used <"$tmp/out")" "calls=2 input=10200 output=145 total=10345" \
    "a rollout still tells its tokens"

python3 - "$rollout" "$tmp/odd.jsonl" <<'EOF'
import json, sys
# Every value of every line in turn is of a type that nobody expects.
lines = [json.loads(l) for l in open(sys.argv[1])]
odd = [None, True, -1, 9223372036854775807, 1e300, '', '\ud83d', [], {}, [[]]]
with open(sys.argv[2], 'w') as f:
    for i, line in enumerate(lines):
        for j, key in enumerate(list(line['payload'])):
            broken = dict(line, payload=dict(line['payload']))
            broken['payload'][key] = odd[(i + j) % len(odd)]
            f.write(json.dumps(broken) + '\n')
        for value in odd:
            f.write(json.dumps(dict(line, payload=value)) + '\n')
EOF
runs "values of any type are no reason to stop" 0 \
    aitrace-import "$tmp/odd.jsonl"
runs "and what comes of it is sound" 0 jq -c .record "$tmp/out"

done_testing
