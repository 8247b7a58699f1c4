# Chats of Gemini CLI: the captured ones against what really happened, in all
# the forms they are kept in; messages written again; sub-agents; damage.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price

used() {
	jq -r '.attributes | select(.["langfuse.observation.type"] ==
	    "generation") | [.["gen_ai.usage.input_tokens"],
	    .["gen_ai.usage.output_tokens"], .["llm.token_count.total"]] |
	    @tsv' | awk '{ n++; i += $1; o += $2; t += $3 }
	    END { printf "calls=%d input=%d output=%d total=%d\n", n, i, o, t }'
}

for dir in "$captures"/gemini-cli/*/; do
	dir=${dir%/}
	name=${dir##*/}
	runs "$name is read" 0 aitrace-import "$dir/transcript"
	aitrace-price <"$tmp/out" >"$tmp/$name" 2>"$tmp/err"
	is "$(cat "$tmp/err")" "" "$name: and priced"
	tap_from "$name" "$truth/check_truth.py" --capture "$dir" \
	    --transcript "$tmp/$name"
	tap_from "$name" "$truth/invariants.py" "$tmp/$name"
done

# ---- the same chat in other forms

kept=$(find "$captures/gemini-cli/basic-http/transcript" -name 'session-*')
runs "a chat where it is kept" 0 aitrace-import "$kept"
is "$(jq -r '.attributes["project.name"]' "$tmp/out" | sort -u)" demo-gemini \
    "is of the project that its folder is called after"
chat=$tmp/chat.jsonl
cp "$kept" "$chat"
aitrace-import "$chat" >"$tmp/want"
is "$(used <"$tmp/want")" "calls=2 input=18107 output=128 total=18235" \
    "input with the prompts of tools, output with thoughts"

# form NAME: the chat as one document, as older versions kept it, and as lines
# that say everything again and again.
form() {
	python3 - "$chat" "$1" <<'EOF'
import json, sys
def text(v):
    return json.dumps(v, ensure_ascii=False, separators=(',', ':'))
lines = [json.loads(l) for l in open(sys.argv[1])]
head, messages = lines[0], {}
for line in lines[1:]:
    for m in line.get('$set', {}).get('messages', [line]):
        if 'id' in m:
            messages[m['id']] = m
if sys.argv[2] == 'document':
    print(json.dumps(
        dict(head, messages=list(messages.values())), ensure_ascii=False,
        indent=2))
elif sys.argv[2] == 'line':
    print(text(dict(head, messages=list(messages.values()))))
elif sys.argv[2] == 'again':
    # Each message grows: without its tokens, then with them, many times over.
    print(text(head))
    for m in messages.values():
        for n in range(len(m) + 1):
            part = dict(list(m.items())[:n])
            if {'id', 'timestamp', 'type', 'content'} <= set(part):
                print(text(part))
        for _ in range(9):
            print(text(m))
            print(text({'$set': {'lastUpdated': m['timestamp']}}))
elif sys.argv[2] == 'set':
    # All of them in every patch.
    print(text(head))
    for n in range(len(messages)):
        print(text({'$set': {'messages':
                                   list(messages.values())[:n + 1]}}))
elif sys.argv[2] == 'emptied':
    # What a failed request or a compression takes out was still paid for.
    for line in lines:
        print(text(line))
    print(text({'$set': {'messages': list(messages.values())[:1]}}))
EOF
}

for name in document line again set emptied; do
	form "$name" >"$tmp/form-$name"
	runs "as '$name'" 0 aitrace-import "$tmp/form-$name"
	same_file "$tmp/out" "$tmp/want" "is the same spans"
done

# ---- a sub-agent has a file of its own, which comes first by name

mkdir -p "$tmp/chats/5a1b2c3d"
python3 - "$tmp/chats" <<'EOF'
import json, sys
T = '2026-11-21T10:00:%02d.000Z'
AGENT = 'e0000000-0000-4000-8000-00000000000a'
def tokens(i, o):
    return {'input': i, 'output': o, 'cached': 0, 'thoughts': 0, 'tool': 0,
            'total': i + o}
def head(id, kind):
    return {'sessionId': id, 'projectHash': '00', 'startTime': T % 0,
            'lastUpdated': T % 0, 'kind': kind}
def user(id, at, text):
    return {'id': id, 'timestamp': T % at, 'type': 'user',
            'content': [{'text': text}]}
def model(id, at, text, i, o, **more):
    return dict({'id': id, 'timestamp': T % at, 'type': 'gemini',
                 'content': text, 'thoughts': [], 'tokens': tokens(i, o),
                 'model': 'gemini-2.5-pro'}, **more)
def call(id, name, at, args, response, **more):
    return dict({'id': id, 'name': name, 'args': args, 'status': 'success',
                 'timestamp': T % at, 'result': [{'functionResponse': {
                     'id': id, 'name': name, 'response': response}}]}, **more)
main = [head('5a1b2c3d', 'main'), user('m1', 1, 'ask somebody'),
        model('m2', 3, 'I delegate.', 100, 10, toolCalls=[
            call('invoke_1', 'invoke_agent', 9, {'agent_name': 'scout',
                 'prompt': 'look'}, {'output': 'found it'},
                 agentId=AGENT)]),
        model('m3', 12, 'It was found.', 200, 20)]
sub = [head(AGENT, 'subagent'), user('s1', 4, 'look'),
       model('s2', 6, 'looking', 30, 3, toolCalls=[
           call('ls_1', 'run_shell_command', 7, {'command': 'ls; exit 2'},
                {'output': 'Output: x\nExit Code: 2\n'})]),
       model('s3', 8, 'here', 40, 4)]
def write(name, lines):
    with open(sys.argv[1] + name, 'w') as f:
        f.write(''.join(json.dumps(l) + '\n' for l in lines))
write('/session-2026-11-21T10-00-5a1b2c3d.jsonl', main)
write('/5a1b2c3d/%s.jsonl' % AGENT, sub)
EOF
runs "a chat and its sub-agent" 0 aitrace-import "$tmp/chats"
is "$(used <"$tmp/out")" "calls=4 input=370 output=37 total=407" \
    "every call of both once"
is "$(jq -r .trace_id "$tmp/out" | sort -u | wc -l)" 1 "are one trace"
jq -s -r '(map({key: .span_id, value: .}) | from_entries) as $by |
    .[] | select(.name != null) | [.name,
    ($by[.parent_span_id // ""].name // "-"),
    (.attributes["langfuse.observation.level"] // "DEFAULT")] | join("|")' \
    "$tmp/out" | sort >"$tmp/tree"
cat >"$tmp/want-tree" <<'EOF'
Agent: scout|LLM Call: gemini-2.5-pro|DEFAULT
LLM Call: gemini-2.5-pro|Agent: scout|DEFAULT
LLM Call: gemini-2.5-pro|Agent: scout|DEFAULT
LLM Call: gemini-2.5-pro|Turn: ask somebody|DEFAULT
LLM Call: gemini-2.5-pro|Turn: ask somebody|DEFAULT
Turn: ask somebody|-|DEFAULT
run_shell_command|LLM Call: gemini-2.5-pro|WARNING
EOF
same_file "$tmp/tree" "$tmp/want-tree" "the sub-agent under the call that began it"
# Seen from cron while it works: the call that began it is written at its end.
mkdir -p "$tmp/cron/chats/5a1b2c3d"
main=$tmp/cron/chats/session-2026-11-21T10-00-5a1b2c3d.jsonl
sort "$tmp/out" >"$tmp/whole"
cp "$tmp"/chats/5a1b2c3d/* "$tmp/cron/chats/5a1b2c3d"
head -n 2 "$tmp"/chats/session-* >"$main"
runs "cron, while the sub-agent works" 0 \
    aitrace-import --state="$tmp/known" --settle=1h "$tmp/cron"
is "$(grep -c generation "$tmp/out")" 0 "its calls wait for their place"
cat "$tmp"/chats/session-* >"$main"
runs "cron, when it is done" 0 \
    aitrace-import --state="$tmp/known" --settle=1h "$tmp/cron"
is "$(jq -r '[.trace_id, .span_id, .parent_span_id] | @tsv' "$tmp/out" | sort)" \
    "$(jq -r '[.trace_id, .span_id, .parent_span_id] | @tsv' "$tmp/whole" |
    sort)" "all of them, each in its place"
runs "cron once more" 0 \
    aitrace-import --state="$tmp/known" --settle=1h "$tmp/cron"
is "$(wc -c <"$tmp/out")" 0 "has nothing to add"

rm "$tmp/chats"/session-*
runs "without the chat that began it" 0 aitrace-import "$tmp/chats"
is "$(used <"$tmp/out")" "calls=2 input=70 output=7 total=77" \
    "the sub-agent's calls count all the same"

# ---- damage

head -c "$(($(wc -c <"$chat") - 200))" "$chat" | grep -v '^{"\$set"' \
    >"$tmp/torn"
head -c -30 "$tmp/torn" >"$tmp/torn.jsonl"
runs "a torn last line is told" 65 aitrace-import "$tmp/torn.jsonl"
is "$(used <"$tmp/out")" "calls=1 input=9007 output=100 total=9107" \
    "what stands before it counts"

python3 - "$chat" "$tmp/odd.jsonl" <<'EOF'
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
odd = [None, True, -1, 9223372036854775807, 1e300, '', [], {}, [[]]]
with open(sys.argv[2], 'w') as f:
    for i, line in enumerate(lines):
        for j, key in enumerate(list(line)):
            f.write(json.dumps(dict(line, **{key: odd[(i + j) % 9]})) + '\n')
EOF
runs "values of any type are no reason to stop" 0 \
    aitrace-import "$tmp/odd.jsonl"

done_testing
