# aitrace-filter: what goes on, what is said, what is printed instead.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-filter
need jq python3
data=$top/tests/fixtures/tree/turn.ndjson

# ids EXPRESSION OPTION...: the last two digits of the chosen spans' ids
ids() {
	aitrace-filter "$@" "$data" | jq -r '.span_id[-2:]' | tr '\n' ' '
}

is "$(ids 'cost > $0.001')" "b1 " "a cost"
is "$(ids 'error')" "f1 " "an error"
is "$(ids -v 'error')" "a1 b1 c1 d1 e1 " "-v: all others"
is "$(ids 'tool == "Bash"')" "c1 " "a tool"
is "$(ids -v 'tool == "Bash"')" "a1 b1 d1 e1 f1 " \
    "-v chooses what is unknown, too"
is "$(ids '!(tool == "Bash")')" "d1 " "the opposite does not"
is "$(ids 'model =~ "^(claude|gemini)-" && !error')" "b1 e1 " "both"
is "$(ids 'type in ("tool", "agent")')" "c1 d1 " "one of"
is "$(ids 'duration >= 380ms && !root')" "d1 e1 " "longer than"
is "$(ids true)" "a1 b1 c1 d1 e1 f1 " "true chooses all"
is "$(ids false)" "" "false none"
is "$(aitrace-filter -c 'exists(model)' "$data")" 3 "-c counts"
is "$(aitrace-filter -c false "$data")" 0 "down to nothing"
is "$(ids -m 2 'exists(name)')" "a1 b1 " "-m stops"

aitrace-filter -q error "$data" >"$tmp/out"
is "$?$(cat "$tmp/out")" 0 "-q: there is one"
aitrace-filter -q 'cost > $1' "$data" >"$tmp/out"
is "$?$(cat "$tmp/out")" 1 "-q: there is none"
if yes "$(head -n 1 "$data")" | timeout 10 aitrace-filter -q root; then
	ok "-q does not read on"
else
	not_ok "-q does not read on"
fi
is "$(yes "$(head -n 1 "$data")" | timeout 10 aitrace-filter -m 3 root |
    wc -l)" 3 "nor does -m"

# Lines go on as they came.
cat >"$tmp/odd" <<'J'
 { "name" : "a\u00e9",  "record":"span","attributes":{"n":9007199254740993,"d":3.0,"d":1e2 } }
{"record":"x","u":"a\u0000b"}	
J
runs "odd lines" 0 aitrace-filter true "$tmp/odd"
same_file "$tmp/out" "$tmp/odd" "every byte stays"
is "$(aitrace-filter -c 'n == 9007199254740993 && d == 100' "$tmp/odd")" 1 \
    "the last of two names counts, and integers are exact"
printf '%s\n' "$(head -n 1 "$data")" 'no json' >"$tmp/in"
runs "a bad line" 65 aitrace-filter false "$tmp/in"
is "$(cat "$tmp/out")" "no json" "goes on"
runs "a bad line with -c" 65 aitrace-filter -c true "$tmp/in"
is "$(cat "$tmp/out")" 1 "does not get into the answer"

# What is wrong is said before the first line is read, with the place.
wrong() {
	_text=$1 _told=$2
	shift 2
	runs "refused: $_text" 64 aitrace-filter "$@" "$_text" "$tmp/missing"
	is "$(cat "$tmp/err")" "$_told" "and said why, and where"
}
wrong 'cost > "a"' 'aitrace-filter: error: expression: a number does not compare with a text
aitrace-filter:   cost > "a"
aitrace-filter:        ^'
wrong 'model =~ "a(b"' 'aitrace-filter: error: expression: missing closing parenthesis
aitrace-filter:   model =~ "a(b"
aitrace-filter:                ^'
wrong 'name == "日本" &&' 'aitrace-filter: error: expression: the expression ends too early
aitrace-filter:   name == "日本" &&
aitrace-filter:                    ^'
runs "no expression" 64 aitrace-filter
like "$(cat "$tmp/err")" "an expression is needed" "asks for one"
for o in "--trace --root" "--count --silent" "--sample=2" "--sample=x" \
    "--rate=0/s" "--rate=1/y" "--format={cost" "--format=tsv:a,," "-m 0"; do
	# shellcheck disable=SC2086
	runs "refused: $o" 64 aitrace-filter $o true "$data"
	like "$(cat "$tmp/err")" "^aitrace-filter: error: .*" "and said why"
done

# Printing fields.
f() {
	aitrace-filter --format="$1" "${2:-true}" "${3:-$data}"
}
is "$(f 'tsv:type,model,cost,duration' 'exists(cost)')" \
    "generation	claude-opus-5-5	0.0167384	0.19
generation	gemini-3.1-pro-preview	0.000404	0.38" "TSV"
is "$(f 'csv:name, tag' root)" \
    'Turn #1: how many bytes,"[""claude-code"",""project:demo""]"' "CSV"
is "$(f '{time} {name}\n{cost * 2}|{missing}' 'tokens > 10000')" \
    "2026-11-21T00:03:42.576000000Z LLM Call: claude-opus-5-5
0.0334768|" "free text, arithmetic, what is missing"
printf '%s\n' '{"attributes":{"a":"x\ty\nz\\\u001b,\"q\""}}' >"$tmp/in"
is "$(f 'tsv:a' true "$tmp/in")" 'x\ty\nz\\\x1b,"q"' "TSV escapes"
f 'csv:a,a' true "$tmp/in" >"$tmp/csv"
is "$(python3 -c 'import csv, sys
r = list(csv.reader(open(sys.argv[1], newline="")))
print(len(r), r[0][0] == r[0][1] == "x\ty\nz\\\x1b,\"q\"")' "$tmp/csv")" \
    "1 True" "a CSV reader reads the same"

# A match that would take for ever is given up, told, and unknown.
python3 -c 'print("{\"name\":\"" + "a" * 50000 + "b\"}")' >"$tmp/in"
runs "a match without end" 0 timeout 20 aitrace-filter 'name =~ "^(a+)+$"' \
    "$tmp/in"
like "$(cat "$tmp/err")" "1 matches given up" "is given up"
done_testing
