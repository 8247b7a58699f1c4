# Codex CLI: requests that do not come to their end give spans none of which is
# counted twice, and runs that come mixed stay apart.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

for dir in "$captures"/codex/*/; do
	dir=${dir%/}
	name=${dir##*/}
	mkdir -p "$tmp/$name"
	i=0
	requests "$dir" traces logs >"$tmp/list"
	while IFS= read -r file; do
		i=$((i + 1))
		aitrace-recv "$file" >"$tmp/$name/$(printf %03d $i)"
	done <"$tmp/list"
	cat "$tmp/$name"/* | aitrace-enrich >"$tmp/out"
	finished "$tmp/out" >"$tmp/want"
	[ -s "$tmp/want" ] || not_ok "$name: has spans"

	# Killed after any request: a valid tree, and what was said of a span
	# then is said of the same span in the end.
	: >"$tmp/part"
	for file in "$tmp/$name"/*; do
		cat "$file" >>"$tmp/part"
		aitrace-enrich <"$tmp/part" | aitrace-price >"$tmp/priced"
		grep -q '"aitrace.agent":' "$tmp/priced" || continue
		tap_from "$name, up to request ${file##*/}" \
		    "$truth/invariants.py" "$tmp/priced"
		python3 - "$tmp/priced" "$tmp/want" >"$tmp/orphans" <<'EOF'
import json, sys
part, whole = [[json.loads(l) for l in open(f) if '"aitrace.agent"' in l and
                '"record":"span"' in l] for f in sys.argv[1:3]]
there = {s['span_id'] for s in whole}
for s in part:
    if 'langfuse.observation.usage_details' in s['attributes'] and \
            s['span_id'] not in there:
        print('counted twice:', s['name'], s['span_id'])
EOF
		is "$(cat "$tmp/orphans")" "" \
		    "$name, up to request ${file##*/}: nothing counts twice"
	done
done

# All conversations at once, the two halves of a resumed one among them.
: >"$tmp/all"
: >"$tmp/each"
for dir in "$captures"/codex/*/; do
	name=$(basename "$dir")
	cat "$tmp/$name"/* >>"$tmp/all"
	cat "$tmp/$name"/* | aitrace-enrich >>"$tmp/each"
done
finished "$tmp/each" >"$tmp/want"
aitrace-enrich <"$tmp/all" >"$tmp/out"
finished "$tmp/out" >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "all runs at once stay apart"
done_testing
