# aitrace-import from cron and live: only what is new, and nothing lost.
. "${srcdir:-.}/tests/lib.sh"
need python3 jq
built aitrace-import

made=$top/tests/pipeline/transcripts.py
state=$tmp/state

# calls: how many answered calls stand on stdin
calls() {
	jq -s '[.[] | select(.attributes["llm.token_count.total"] != null)] |
	    length'
}

python3 "$made" history "$tmp/h" 20	# 60 turns of 3, and two forks of one
find "$tmp/h" -name '*.jsonl' -exec touch -d '1 hour ago' {} +
aitrace-import "$tmp/h" | sort >"$tmp/all"
is "$(calls <"$tmp/all")" 184 "what there is"

runs "the first run" 0 aitrace-import --state "$state" "$tmp/h"
sort "$tmp/out" >"$tmp/a"
same_file "$tmp/a" "$tmp/all" "writes everything"
is "$(stat -c %a "$state")" 600 "the state is the user's alone"
cp "$state" "$tmp/before"
runs "the second" 0 aitrace-import --state "$state" "$tmp/h"
is "$(cat "$tmp/out")" "" "writes nothing"
same_file "$state" "$tmp/before" "and leaves the state alone"

# One file grows by a turn, and a file is new.
file=$(find "$tmp/h" -name s00007.jsonl)
python3 "$made" history "$tmp/more" 20
full=$(find "$tmp/more" -name s00007.jsonl)
python3 - "$full" "$file" <<'EOF'
import sys
lines = open(sys.argv[1]).read().split('\n')[:10]
text = '\n'.join(lines) + '\n'
for name in ('s00007-', 's00007_', 'ts00007'):
    text = text.replace(name, name + 'x')
with open(sys.argv[2], 'a') as f:
    f.write(text)
EOF
touch -d '30 min ago' "$file"
python3 "$made" blocks "$tmp/h" >"$tmp/want"
touch -d '30 min ago' "$tmp/h/blocks.jsonl"
runs "the third" 0 aitrace-import --state "$state" "$tmp/h"
sort "$tmp/out" >"$tmp/new"
is "$(calls <"$tmp/new")" 5 "writes the three calls and the two that are new"
is "$(comm -12 "$tmp/new" "$tmp/all")" "" "and nothing again"
aitrace-import "$tmp/h" | sort >"$tmp/a"
sort "$tmp/all" "$tmp/new" >"$tmp/b"
same_file "$tmp/b" "$tmp/a" "both together are all there is"

# A fork made later has copied what is counted.
python3 - "$file" <<'EOF'
import json, os, sys
old = [json.loads(line) for line in open(sys.argv[1])]
with open(os.path.dirname(sys.argv[1]) + '/later.jsonl', 'w') as f:
    for v in old:
        f.write(json.dumps(dict(v, sessionId='later')) + '\n')
EOF
runs "a fork" 0 aitrace-import --settle 0 --state "$state" "$tmp/h"
is "$(calls <"$tmp/out")" 0 "is not counted in a later run"

# What is being written: the answers, but no turn before its end.
mkdir "$tmp/live"
head -n 4 "$tmp/h/blocks.jsonl" >"$tmp/live/blocks.jsonl"
runs "half a turn" 0 aitrace-import --state "$tmp/s1" "$tmp/live"
is "$(jq -r .name "$tmp/out")" "LLM Call: claude-opus-5-5" \
    "only what will not change"
cp "$tmp/h/blocks.jsonl" "$tmp/live"
runs "all of it" 0 aitrace-import --state "$tmp/s1" "$tmp/live"
is "$(jq -r .name "$tmp/out" | sort)" "Bash
LLM Call: claude-opus-5-5
Turn: prompt 1" "the rest, once"

# ---- two at a time, and one that dies

exec 9>"$state.lock"
if flock -n 9 2>/dev/null; then
	runs "while another run has the state" 75 aitrace-import --state \
	    "$state" "$tmp/h"
	is "$(cat "$tmp/out")" "" "nothing is written"
else
	skip "while another run has the state" "flock"
	skip "nothing is written" "flock"
fi
exec 9>&-
rm -f "$state"
runs "no room for the output" 74 sh -c "exec aitrace-import --state '$state' \
    '$tmp/h' >/dev/full"
runs "so everything is new to the next" 0 aitrace-import --state "$state" \
    "$tmp/h"
sort "$tmp/out" >"$tmp/b"
same_file "$tmp/b" "$tmp/a" "all of it"
runs "no folder for the state" 73 aitrace-import --state "$tmp/no/state" \
    "$tmp/h"
echo '{"some":"thing"}' >"$tmp/odd"
runs "somebody else's file" 78 aitrace-import --state "$tmp/odd" "$tmp/h"
is "$(cat "$tmp/odd")" '{"some":"thing"}' "is left alone"
head -c 300 "$state" >"$tmp/cut"
runs "a state that was cut off" 78 aitrace-import --state "$tmp/cut" "$tmp/h"

# ---- killed

# Killed again and again, at any moment, until a run comes to its end: nothing
# is lost, what is written twice has the same bytes, and the state is whole.
python3 "$made" history "$tmp/many" 1500
find "$tmp/many" -name '*.jsonl' -exec touch -d '1 hour ago' {} +
aitrace-import "$tmp/many" | sort >"$tmp/all.many"
rm -f "$tmp/s3"
: >"$tmp/killed"
kills=0 rc=137 delay=20
while [ "$rc" -eq 137 ] && [ "$kills" -lt 60 ]; do
	(timeout -s KILL "$((delay / 1000)).$(printf %03d $((delay % 1000)))" \
	    aitrace-import --state "$tmp/s3" "$tmp/many" >"$tmp/part" \
	    2>"$tmp/err"; exit $?) 2>/dev/null
	rc=$?
	cat "$tmp/part" >>"$tmp/killed"
	# A line that was cut is the kill's; the next run writes it whole.
	[ -n "$(tail -c 1 "$tmp/part")" ] && echo >>"$tmp/killed"
	[ "$rc" -eq 137 ] && kills=$((kills + 1))
	delay=$((delay * 6 / 5 + 5))
done
is "$rc" 0 "killed $kills times, then to its end"
is "$((kills > 2))" 1 "more than twice"
is "$(cat "$tmp/err")" "" "the state is whole"
sort -u "$tmp/killed" >"$tmp/k"
is "$(comm -23 "$tmp/all.many" "$tmp/k" | wc -l | tr -d ' ')" 0 \
    "nothing is lost"
is "$(comm -13 "$tmp/all.many" "$tmp/k" | jq -R 'fromjson? | .span_id' |
    wc -l | tr -d ' ')" 0 "and nothing else is told"
runs "the next run" 0 aitrace-import --state "$tmp/s3" "$tmp/many"
is "$(cat "$tmp/out")" "" "has nothing to write"

# ---- live

mkdir "$tmp/follow"
head -n 4 "$tmp/h/blocks.jsonl" >"$tmp/follow/blocks.jsonl"
aitrace-import --follow --settle 1h --state "$tmp/s2" "$tmp/follow" \
    >"$tmp/out" 2>"$tmp/err" &
pid=$!
owns "$pid"
has() {
	[ "$(grep -c . "$tmp/out")" -ge "$1" ]
}
wait_for 20 has 1
is "$(jq -r .name "$tmp/out")" "LLM Call: claude-opus-5-5" \
    "--follow: what is there"
sed -n '5,$p' "$tmp/h/blocks.jsonl" >>"$tmp/follow/blocks.jsonl"
wait_for 20 has 4
is "$(jq -r .name "$tmp/out" | sort)" "Bash
LLM Call: claude-opus-5-5
LLM Call: claude-opus-5-5
Turn: prompt 1" "--follow: what comes"
mkdir "$tmp/follow/below"
cp "$file" "$tmp/follow/below"
wait_for 20 has 20
is "$(calls <"$tmp/out")" 14 "--follow: a new file in a new folder"
kill -TERM "$pid"
wait "$pid"
is $? 0 "--follow: ends when told"
is "$(cat "$tmp/err")" "" "--follow: without a word"
runs "and its state" 0 aitrace-import --settle 1h --state "$tmp/s2" \
    "$tmp/follow"
is "$(cat "$tmp/out")" "" "is that of any run"

done_testing
