# Runs of Claude Code that arrive mixed stay apart. (Orders within one run:
# tests/pipeline/orders.sh.)
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
