# The same questions to aitrace-filter and to jq, on every capture, raw and
# enriched: the answers are equal, the unknown ones included.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-filter aitrace-recv aitrace-enrich
need jq
# shellcheck source=tests/pipeline/lib.sh
. "$top/tests/pipeline/lib.sh"

cat >"$tmp/prelude" <<'J'
def a($k): .attributes[$k];
def first_of(k): . as $r | [k | $r.attributes[.] | select(. != null)] | .[0];
def model: first_of("langfuse.observation.model.name", "gen_ai.response.model",
    "gen_ai.request.model", "llm.model_name");
def number: if type == "string" then tonumber? else . end;
def known(v; f): v as $v | if $v == null then null else ($v | f) end;
def no(v): v as $v | if $v == null then null else $v | not end;
def both(x; y): x as $x | y as $y |
    if $x == false or $y == false then false
    elif $x == null or $y == null then null else true end;
def either(x; y): no(both(no(x); no(y)));
def failed: if .record == "span" then .status.code == "ERROR" or
    a("langfuse.observation.level") == "ERROR"
    elif .record == "log" then known(.severity_number; . >= 17) else null end;
J
grep -v '^#' "$top/tests/pipeline/filter-jq.tsv" >"$tmp/questions"
n=$(wc -l <"$tmp/questions")
{
	cat "$tmp/prelude"
	printf '[\n'
	cut -f 2 "$tmp/questions" | sed 's/.*/(&),/'
	printf 'empty] | map(tostring | sub("null"; "")) | join("\\t")\n'
} >"$tmp/program"
ours=$(cut -f 1 "$tmp/questions" | sed 's/.*/(&)/' | paste -sd ,)

all_captures | while read -r dir; do
	received "$dir" 2>/dev/null
done >"$tmp/raw"
aitrace-enrich "$tmp/raw" >"$tmp/enriched" 2>/dev/null

for f in raw enriched; do
	aitrace-filter --format="tsv:$ours" true "$tmp/$f" >"$tmp/got"
	jq -r -f "$tmp/program" "$tmp/$f" >"$tmp/want"
	note "$n questions on $(wc -l <"$tmp/$f") $f records"
	is "$(wc -l <"$tmp/got")" "$(wc -l <"$tmp/$f")" "$f: one answer a record"
	i=0
	while IFS='	' read -r question _; do
		i=$((i + 1))
		cut -f $i "$tmp/got" >"$tmp/g"
		cut -f $i "$tmp/want" >"$tmp/w"
		same_file "$tmp/g" "$tmp/w" "$f: $question"
		# A question with one answer for all proves little.
		sort -u "$tmp/w" >>"$tmp/answers.$i"
	done <"$tmp/questions"
done
for i in $(seq "$n"); do
	[ "$(sort -u "$tmp/answers.$i" | wc -l)" -gt 1 ] ||
	    sed -n "${i}p" "$tmp/questions" | cut -f 1
done >"$tmp/idle"
note "questions with one answer for every record: $(wc -l <"$tmp/idle")"
note_file "$tmp/idle"

# What is chosen is what is true.
aitrace-filter 'event.name == "api_request" || error' "$tmp/raw" >"$tmp/got"
jq -c "$(cat "$tmp/prelude") select(a(\"event.name\") == \"api_request\" or failed)" \
    "$tmp/raw" >"$tmp/want"
jq -c . "$tmp/got" >"$tmp/g"
same_file "$tmp/g" "$tmp/want" "what is chosen is what is true"
done_testing
