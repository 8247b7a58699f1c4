# aitrace-filter: whole traces, samples, rates, in bounded memory.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-filter
need jq python3
data=$top/tests/fixtures/tree/turn.ndjson

# 300 traces of six spans in a mixed order; each third has the failed call,
# each fifth calls no tool.
python3 - "$data" >"$tmp/all" <<'P'
import hashlib, json, random, sys
spans = [json.loads(l) for l in open(sys.argv[1])]
out = []
for t in range(300):
    tid = hashlib.md5(b'%d' % t).hexdigest()
    for s in spans:
        s = json.loads(json.dumps(s))
        s['trace_id'] = tid
        if s['span_id'].endswith('f1') and t % 3:
            s.pop('status')
            s['attributes'].pop('langfuse.observation.level')
        if s['span_id'].endswith('c1') and t % 5 == 0:
            s['attributes'].pop('gen_ai.tool.name')
        out.append(json.dumps(s, ensure_ascii=False))
random.Random(3).shuffle(out)
print('\n'.join(out))
P

# same_set GOT WANT NAME: the same lines, in whatever order
same_set() {
	sort "$1" >"$tmp/got"
	sort "$2" >"$tmp/want"
	same_file "$tmp/got" "$tmp/want" "$3"
}

# with JQ-CONDITION: the lines of the traces in which a span fulfils it
with() {
	jq -r "select($1) | .trace_id" "$tmp/all" | sort -u >"$tmp/ids"
	grep -F -f "$tmp/ids" "$tmp/all"
}

for o in --trace -t; do
	aitrace-filter $o error "$tmp/all" >"$tmp/out"
	with '.attributes."langfuse.observation.level" == "ERROR"' >"$tmp/exp"
	is "$(wc -l <"$tmp/exp")" 600 "a third of the traces"
	same_set "$tmp/out" "$tmp/exp" "$o: all of each of them"
done
is "$(tr -d '\n' <"$tmp/out" | tr '}' '\n' | wc -l)" \
    "$(tr -d '\n' <"$tmp/exp" | tr '}' '\n' | wc -l)" "each line once"
aitrace-filter --root 'name contains "Turn"' "$tmp/all" >"$tmp/out"
same_set "$tmp/out" "$tmp/all" "--root: the root is asked"
aitrace-filter --root 'tool == "Bash"' "$tmp/all" >"$tmp/out"
is "$(wc -l <"$tmp/out")" 0 "and nobody else"
aitrace-filter --parents 'tool == "Bash"' "$tmp/all" >"$tmp/out"
with '.attributes."gen_ai.tool.name" == "Bash"' |
    grep -E '"span_id": "00000000000000(a1|b1|c1)"' >"$tmp/exp"
is "$(wc -l <"$tmp/exp")" 720 "a tool, its call and the root"
same_set "$tmp/out" "$tmp/exp" "--parents: the spans above, and no others"
cat "$tmp/all" "$tmp/all" | aitrace-filter --trace error | sort -u >"$tmp/twice"
aitrace-filter --trace error "$tmp/all" | sort >"$tmp/once"
same_file "$tmp/twice" "$tmp/once" "a replay chooses the same"

# A tree of 100000 spans, each with two children, in any order, that is held
# until an error comes at the end. Chosen are the odd ones: all 50000, and
# above them every span that has children, of which 24999 are even.
python3 - >"$tmp/large" <<'P'
import json, random
out = []
for i in range(1, 100001):
    r = {'record': 'span', 'trace_id': '1' * 32, 'span_id': '%016x' % i,
         'name': 'n', 'attributes': {'odd': i % 2}}
    if i > 1:
        r['parent_span_id'] = '%016x' % (i // 2)
    out.append(json.dumps(r))
random.Random(1).shuffle(out)
out.append(json.dumps({'record': 'span', 'trace_id': '1' * 32,
    'span_id': 'f' * 16, 'parent_span_id': '%016x' % 1,
    'status': {'code': 'ERROR'}}))
print('\n'.join(out))
P
timeout 60 aitrace-filter --parents --sample=0 --keep-errors 'odd == 1' \
    "$tmp/large" >"$tmp/out"
is "$(wc -l <"$tmp/out") $(sort -u "$tmp/out" | wc -l)" "74999 74999" \
    "a large tree: the spans and those above them, each once"

# The sample, worked out independently.
for p in 0.1 0.25 0.5; do
	python3 - "$p" "$tmp/all" >"$tmp/exp" <<'P'
import sys
from fractions import Fraction
t = (1 - Fraction(sys.argv[1])) * 2 ** 56
for l in open(sys.argv[2]):
    i = l.index('"trace_id": "') + 13
    if int(l[i + 18:i + 32], 16) >= t:
        sys.stdout.write(l)
P
	aitrace-filter --sample=$p true "$tmp/all" >"$tmp/out"
	same_file "$tmp/out" "$tmp/exp" "--sample=$p: the traces of the rule"
	n=$(($(wc -l <"$tmp/out") / 6))
	note "$n of 300 traces"
	cp "$tmp/out" "$tmp/sample.$p"
done
aitrace-filter --sample=0.1 true "$tmp/sample.0.5" >"$tmp/out"
same_file "$tmp/out" "$tmp/sample.0.1" "a sample of a sample is the smaller"
aitrace-filter --sample=10% --keep-errors true "$tmp/all" >"$tmp/out"
{
	cat "$tmp/sample.0.1"
	# Records of an unsampled trace that came before its error, too.
	with '.attributes."langfuse.observation.level" == "ERROR"'
} | sort -u >"$tmp/exp"
same_set "$tmp/out" "$tmp/exp" "--keep-errors: and every trace that failed"
aitrace-filter --sample=0 --keep-errors 'exists(cost)' "$tmp/all" >"$tmp/out"
is "$(wc -l <"$tmp/out")" 200 "of those, what the expression chooses"
printf '%s\n' '{"record":"metric","name":"m"}' >"$tmp/in"
is "$(aitrace-filter --sample=0 true "$tmp/in")" "$(cat "$tmp/in")" \
    "what has no trace is in every sample"

# The rate: a burst of so many, whole traces, errors on top.
aitrace-filter -v --rate=5/h false "$tmp/all" >"$tmp/out"
is "$(jq -r .trace_id "$tmp/out" | sort -u | wc -l)" 1 "five an hour: one now"
aitrace-filter --rate=10/s true "$tmp/all" >"$tmp/out"
n=$(jq -r .trace_id "$tmp/out" | sort -u | wc -l)
if [ "$n" -ge 10 ] && [ "$n" -le 60 ]; then
	ok "ten a second: ten at once"
else
	not_ok "ten a second: $n"
fi
is "$(jq -r .trace_id "$tmp/out" | sort | uniq -c | awk '{ print $1 }' |
    sort -u)" 6 "and each of them whole"
aitrace-filter --rate=5/h --keep-errors error "$tmp/all" >"$tmp/out"
is "$(wc -l <"$tmp/out")" 100 "errors are not counted"

# Memory: what cannot be held is forgotten, counted and said.
runs "over the ceiling" 0 aitrace-filter --trace --max-memory=64K error \
    "$tmp/all"
like "$(cat "$tmp/err")" "more than --max-memory to hold" "is said"
if [ "$(wc -l <"$tmp/out")" -ge 100 ]; then
	ok "what was decided goes on"
else
	not_ok "what was decided goes on"
fi
is "$(aitrace-filter -c error "$tmp/out")" 100 "no record that matches is lost"

# Live: a trace that matches goes on at once.
mkfifo "$tmp/fifo"
aitrace-filter --trace 'tool == "Bash"' "$tmp/fifo" >"$tmp/live" 2>"$tmp/err" &
pid=$!
owns "$pid"
exec 3>"$tmp/fifo"
head -n 3 "$data" >&3
lines() {
	[ "$(wc -l <"$tmp/live")" -eq "$1" ]
}
wait_for 10 lines 3 && ok "when the reason comes, what waited goes on" ||
    not_ok "when the reason comes, what waited goes on"
sed -n 4,6p "$data" >&3
wait_for 10 lines 6 && ok "and the rest as it comes" ||
    not_ok "and the rest as it comes"
exec 3>&-
wait "$pid"
is $? 0 "ends well"

# A trace that is over is forgotten: a late record is judged by itself.
rm "$tmp/fifo"
mkfifo "$tmp/fifo"
aitrace-filter --trace --linger=100ms 'tool == "Bash"' "$tmp/fifo" \
    >"$tmp/live" 2>"$tmp/err" &
pid=$!
owns "$pid"
exec 3>"$tmp/fifo"
head -n 2 "$data" >&3
sleep 1			# there is nothing to see of forgetting
sed -n 3p "$data" >&3
exec 3>&-
wait "$pid"
is "$(jq -r '.span_id[-2:]' "$tmp/live" | tr '\n' ' ')" "c1 " \
    "--linger: after it, what was held is gone"
done_testing
