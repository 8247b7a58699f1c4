# Emitters that follow a convention get the other dialects' names, those that
# follow none, and Langfuse's own SDKs, pass as they are.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich

conventions=$top/tests/pipeline/conventions.py
python3 "$conventions" make >"$tmp/spans"
aitrace-enrich "$tmp/spans" >"$tmp/enriched" 2>"$tmp/err"
is "$?,$(cat "$tmp/err")" "0," "nothing to complain of"
tap_from "conventions" python3 "$conventions" check "$tmp/enriched"
aitrace-enrich "$tmp/enriched" >"$tmp/twice"
same_file "$tmp/twice" "$tmp/enriched" "enriched twice is once"

received "$captures/langfuse-js-v5/basic" traces >"$tmp/langfuse"
[ -s "$tmp/langfuse" ] || not_ok "there are spans of the Langfuse SDK"
aitrace-enrich "$tmp/langfuse" >"$tmp/out"
same_file "$tmp/out" "$tmp/langfuse" "spans of the Langfuse SDK pass as they are"
done_testing
