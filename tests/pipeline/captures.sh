# Every capture of every client through every stage: valid records in, valid
# records out, nothing lost, and a stage that runs twice changes nothing.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

while IFS= read -r dir; do
	name=$(scenario_name "$dir")
	received "$dir" traces logs metrics api_public_ingestion \
	    >"$tmp/raw" 2>"$tmp/err"
	is $? 0 "$name: aitrace-recv"
	note_file "$tmp/err"
	tap_from "$name, raw" "$truth/invariants.py" --raw "$tmp/raw"

	aitrace-enrich <"$tmp/raw" >"$tmp/enriched" 2>"$tmp/err"
	is $? 0 "$name: aitrace-enrich"
	note_file "$tmp/err"
	aitrace-price <"$tmp/enriched" >"$tmp/priced" 2>"$tmp/err"
	is $? 0 "$name: aitrace-price"
	note_file "$tmp/err"
	tap_from "$name" "$truth/invariants.py" "$tmp/priced"
	tap_from "$name" "$truth/nothing_lost.py" "$tmp/raw" "$tmp/priced"

	aitrace-enrich <"$tmp/enriched" >"$tmp/twice" 2>"$tmp/err"
	same_file "$tmp/twice" "$tmp/enriched" "$name: enriched twice is once"
	aitrace-price <"$tmp/priced" >"$tmp/twice" 2>"$tmp/err"
	same_file "$tmp/twice" "$tmp/priced" "$name: priced twice is once"
	aitrace-enrich <"$tmp/priced" >"$tmp/twice" 2>"$tmp/err"
	same_file "$tmp/twice" "$tmp/priced" "$name: enriched after is as before"

	if [ -x "$build/aitrace-tree" ]; then
		runs "$name: aitrace-tree" 0 aitrace-tree "$tmp/priced"
	else
		skip "$name: aitrace-tree" "aitrace-tree is not built"
	fi
done < <(all_captures)
done_testing
