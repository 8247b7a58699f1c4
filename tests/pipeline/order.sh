# Requests and records that arrive in another order give the same spans.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich

# shuffled SEED: the lines of stdin in an order that depends on SEED alone
shuffled() {
	python3 -c '
import random, sys
lines = sys.stdin.readlines()
random.Random(int(sys.argv[1])).shuffle(lines)
sys.stdout.writelines(lines)' "$1"
}

for dir in "$captures"/claude-code/*/; do
	dir=${dir%/}
	name=${dir##*/}
	received "$dir" >"$tmp/records"
	aitrace-enrich <"$tmp/records" >"$tmp/out"
	finished "$tmp/out" >"$tmp/want"
	[ -s "$tmp/want" ] || not_ok "$name: has spans"

	bad=
	for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		requests "$dir" | shuffled $seed >"$tmp/order"
		mapfile -t files <"$tmp/order"
		aitrace-recv "${files[@]}" | aitrace-enrich >"$tmp/out"
		finished "$tmp/out" >"$tmp/got"
		cmp -s "$tmp/got" "$tmp/want" || bad="$bad $seed"
	done
	is "$bad" "" "$name: 20 orders of its requests give the same spans"

	bad=
	for seed in 1 2 3 4 5; do
		shuffled $seed <"$tmp/records" | aitrace-enrich >"$tmp/out"
		finished "$tmp/out" >"$tmp/got"
		cmp -s "$tmp/got" "$tmp/want" || bad="$bad $seed"
	done
	is "$bad" "" "$name: 5 orders of its records give the same spans"
done

# All runs at once, one after the other and mixed: sessions do not touch.
: >"$tmp/all"
for dir in "$captures"/claude-code/*/; do
	received "${dir%/}" >>"$tmp/all"
done
aitrace-enrich <"$tmp/all" >"$tmp/out"
finished "$tmp/out" >"$tmp/want"
shuffled 1 <"$tmp/all" | aitrace-enrich >"$tmp/out"
finished "$tmp/out" >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "all runs mixed give the same spans"
: >"$tmp/each"
for dir in "$captures"/claude-code/*/; do
	received "${dir%/}" | aitrace-enrich >>"$tmp/each"
done
finished "$tmp/each" >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "and the same as each run by itself"
done_testing
