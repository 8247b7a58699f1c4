# The recorded run of opencode against what really happened. Its last batch of
# spans was lost: what came is a tree, and says that it is not whole.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

dir=$captures/opencode/basic
received "$dir" >"$tmp/records"
aitrace-enrich "$tmp/records" >"$tmp/enriched" 2>"$tmp/err"
is "$(cat "$tmp/err")" "" "nothing to complain of"
aitrace-price --quiet "$tmp/enriched" >"$tmp/basic"
tap_from basic "$truth/check_truth.py" --capture "$dir" "$tmp/basic"
tap_from basic "$truth/invariants.py" "$tmp/basic"

aitrace-enrich "$tmp/enriched" >"$tmp/twice"
same_file "$tmp/twice" "$tmp/enriched" "enriched twice is once"
is "$(grep '"record":"span"' "$tmp/enriched" |
    grep -vc '"aitrace.agent"')" 0 "hundreds of its own spans are left out"
aitrace-enrich --keep-native "$tmp/records" >"$tmp/kept"
is "$(grep '"record":"span"' "$tmp/kept" | grep -c '"name":"sql.execute"')" \
    "$(grep -c '"name":"sql.execute"' "$tmp/records")" \
    "--keep-native keeps them"
finished "$tmp/kept" >"$tmp/a"
finished "$tmp/enriched" >"$tmp/b"
same_file "$tmp/a" "$tmp/b" "and changes nothing else"

requests "$dir" traces >"$tmp/all"
total=$(wc -l <"$tmp/all")
i=1
while [ "$i" -lt "$total" ]; do
	head -n "$i" "$tmp/all" >"$tmp/some"
	mapfile -t files <"$tmp/some"
	aitrace-recv "${files[@]}" | aitrace-enrich |
	    aitrace-price --quiet >"$tmp/cut"
	tap_from "cut after request $i" "$truth/invariants.py" "$tmp/cut"
	i=$((i + 1))
done
done_testing
