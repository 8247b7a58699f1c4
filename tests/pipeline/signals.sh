# Spans with logs, logs alone and spans alone tell the same story.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

# made FILE DIR SIGNAL...
made() {
	out=$1
	shift
	received "$@" | aitrace-enrich | aitrace-price >"$out"
}

for dir in "$captures"/claude-code/*/; do
	dir=${dir%/}
	name=${dir##*/}
	[ -n "$(requests "$dir" traces)" ] || continue
	made "$tmp/both" "$dir"
	for signal in logs traces; do
		made "$tmp/$signal" "$dir" "$signal"
		tap_from "$name, $signal only" "$truth/check_truth.py" \
		    --capture "$dir" --subset "$tmp/$signal"
		tap_from "$name, $signal only" "$truth/invariants.py" \
		    "$tmp/$signal"
		tap_from "$name, $signal only" "$truth/agree.py" \
		    "$tmp/both" "$tmp/$signal"
	done
	made "$tmp/unmeasured" "$dir" logs traces
	finished "$tmp/both" >"$tmp/a"
	finished "$tmp/unmeasured" >"$tmp/b"
	same_file "$tmp/b" "$tmp/a" "$name: metrics add nothing to the tree"
done
done_testing
