# Odd streams (fixtures/streams): nothing crashes, nothing is lost, bad lines
# are told and passed on, and no foreign byte reaches the terminal raw.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-enrich aitrace-price aitrace-tree

for file in "$top"/tests/fixtures/streams/*.ndjson; do
	name=${file##*/}
	want=0
	case $name in bad.*) want=65 ;; esac
	for p in aitrace-enrich aitrace-price; do
		timeout 60 "$p" "$file" >"$tmp/out" 2>"$tmp/err"
		is $? $want "$name: $p ends with $want"
		[ $want -eq 0 ] || like "$(cat "$tmp/err")" \
		    "^$p: warning: .*$name:[0-9]+: .+" "$name: $p says where"
		unlike "$(LC_ALL=C tr -d '\n' <"$tmp/err")" \
		    "$(printf '[\001-\037]')" "$name: $p says it in plain bytes"
		case $p:$name in
		*good.usage.*|aitrace-enrich:good.claude-odd.*)
			# These are theirs to change; all lines stay.
			[ "$(wc -l <"$tmp/out")" -ge "$(wc -l <"$file")" ]
			is $? 0 "$name: $p loses no line" ;;
		*)
			{ cat "$file"; [ -z "$(tail -c 1 "$file")" ] ||
			    echo; } >"$tmp/in"
			same_file "$tmp/out" "$tmp/in" \
			    "$name: $p passes it on as it came" ;;
		esac
		"$p" "$tmp/out" >"$tmp/twice" 2>/dev/null
		same_file "$tmp/twice" "$tmp/out" "$name: $p twice is once"
	done
	aitrace-enrich "$file" 2>/dev/null | aitrace-price 2>/dev/null |
	    timeout 60 aitrace-tree >"$tmp/out" 2>"$tmp/err"
	is $? $want "$name: aitrace-tree ends with $want"
	LC_ALL=C tr -d '\n' <"$tmp/out" | LC_ALL=C grep -c '[[:cntrl:]]' \
	    >"$tmp/count"
	is "$(cat "$tmp/count")" 0 "$name: aitrace-tree shows no control"
	runs "$name: what is shown is UTF-8" 0 iconv -f UTF-8 -t UTF-8 "$tmp/out"
done

# What the odd Claude Code records must come to: two turns, whose calls and
# tools are theirs alone.
aitrace-enrich "$top/tests/fixtures/streams/good.claude-odd.ndjson" \
    2>/dev/null | aitrace-price >"$tmp/out" 2>/dev/null
tap_from "odd Claude Code" "$truth/invariants.py" "$tmp/out"
done_testing
