# Every recorded run of Claude Code, as recv | enrich | price shows it, against
# what really happened.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

for dir in "$captures"/claude-code/*/; do
	dir=${dir%/}
	name=${dir##*/}
	set -o pipefail
	received "$dir" | aitrace-enrich | aitrace-price \
	    >"$tmp/$name" 2>"$tmp/err"
	is $? 0 "$name: every stage succeeds"
	is "$(cat "$tmp/err")" "" "$name: and has nothing to complain of"
	tap_from "$name" "$truth/check_truth.py" --capture "$dir" "$tmp/$name"
	tap_from "$name" "$truth/invariants.py" "$tmp/$name"
done
done_testing
