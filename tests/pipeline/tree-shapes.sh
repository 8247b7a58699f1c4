# aitrace-tree on shapes that break careless programs: deep, wide, random,
# cyclic. Every span is shown exactly once, in time that grows like the input.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-tree
need python3

shape() {
	python3 - "$1" "$2" <<'P'
import json, random, sys
kind, n = sys.argv[1], int(sys.argv[2])
rnd = random.Random(7)
def parent(i):
    return {'chain': i - 1, 'flat': int(i > 1), 'cycle': i - 1 or n,
            'random': rnd.randrange(0, i), 'any': rnd.randrange(1, n + 50)
            }[kind]
def time(ms):
    return '2026-11-21T00:%02d:%02d.%03d000000Z' % (ms // 60000,
        ms // 1000 % 60, ms % 1000)
out = []
for i in range(1, n + 1):
    r = {'record': 'span', 'trace_id': '1' * 32, 'span_id': '%016x' % i,
         'name': 'n%d' % i, 'start_time': time(i), 'end_time': time(i + 5)}
    if parent(i):
        r['parent_span_id'] = '%016x' % parent(i)
    out.append(json.dumps(r))
rnd.shuffle(out)
print('\n'.join(out))
P
}

# seconds COMMAND...: CPU seconds that it took, in hundredths
hundredths() {
	{ TIMEFORMAT='%U %S'; time "$@" >"$tmp/out" 2>"$tmp/err"; } 2>&1 |
	    awk '{ print int(100 * ($1 + $2)) }'
}

for kind in chain flat random any cycle; do
	shape "$kind" 10000 >"$tmp/in"
	(ulimit -s 256; aitrace-tree "$tmp/in" >"$tmp/out" 2>"$tmp/err")
	is $? 0 "$kind: 10000 spans on a small stack"
	grep -o '\<n[0-9]*\>' "$tmp/out" | sort | uniq >"$tmp/got"
	seq -f n%.0f 10000 | sort >"$tmp/want"
	same_file "$tmp/got" "$tmp/want" "$kind: every span is shown"
	is "$(wc -l <"$tmp/out")" 10002 "$kind: each once"
done
shape chain 10000 >"$tmp/small"
shape chain 100000 >"$tmp/large"
few=$(hundredths aitrace-tree "$tmp/small")
many=$(hundredths aitrace-tree "$tmp/large")
note "10000 spans: $few, 100000 spans: $many hundredths of a second"
# Ten times as much; 40 leaves room for caches and a busy machine, but a
# quadratic program would take 100 times as long.
[ "$many" -le $((40 * (few + 2))) ] && ok "time grows like the input" ||
    not_ok "time grows like the input"
done_testing
