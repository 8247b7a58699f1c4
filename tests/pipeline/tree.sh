# aitrace-tree: what is drawn, letter for letter, and what must never be.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-tree
need jq
data=$top/tests/fixtures/tree

# drawn NAME FILE OPTION...: the turn equals the drawing
drawn() {
	_what=$1 _f=$2
	shift 2
	runs "$_what" 0 aitrace-tree "$@" "$data/turn.ndjson"
	same_file "$tmp/out" "$data/$_f" "$_what: as it should look"
}

drawn "80 columns" turn.80
drawn "120 columns with content" turn.120 --width=120 --content
drawn "narrow, ASCII" turn.50 --ascii --width=50
drawn "the root and the sums" turn.depth0 --depth=0

# Every line fits, whatever the width.
for w in 40 50 63 64 72 80 99 100 132 200 1000; do
	widest=$(aitrace-tree -w "$w" -c "$data/turn.ndjson" | wc -L)
	if [ "$widest" -le "$w" ] && [ "$widest" -gt 38 ]; then
		ok "no line over $w columns"
	else
		not_ok "no line over $w columns"
		note "the widest has $widest"
	fi
done
is "$(COLUMNS=64 aitrace-tree "$data/turn.ndjson" | sed -n 4p)" \
    "$(aitrace-tree -w 64 "$data/turn.ndjson" | sed -n 4p)" "COLUMNS counts"

# Colours are asked for, or not there; without them the text is the same.
esc=$(printf '\033')
unlike "$(aitrace-tree "$data/turn.ndjson")" "$esc" "no colours into a pipe"
aitrace-tree --color=always "$data/turn.ndjson" >"$tmp/coloured"
like "$(cat "$tmp/coloured")" "$esc\[1;31m" "errors are red"
like "$(cat "$tmp/coloured")" "$esc\[33m! exit code 3" "warnings are yellow"
sed "s/$esc\[[0-9;]*m//g" "$tmp/coloured" | sed 's/ *$//' >"$tmp/plain"
same_file "$tmp/plain" "$data/turn.80" "colours change no letter"
if command -v script >/dev/null 2>&1; then
	on_tty() {
		TERM=$1 NO_COLOR=$2 script -qec \
		    "stty cols 100; aitrace-tree $data/turn.ndjson" /dev/null \
		    </dev/null | tr -d '\r'
	}
	like "$(on_tty xterm "")" "$esc\[" "colours on a terminal"
	unlike "$(on_tty xterm 1)" "$esc\[" "NO_COLOR forbids them"
	unlike "$(on_tty dumb "")" "$esc\[" "so does a dumb one"
	is "$(on_tty dumb "")" "$(aitrace-tree -w 100 "$data/turn.ndjson")" \
	    "the terminal's width is used"
else
	skip "colours on a terminal" "script is not installed"
fi

# Foreign bytes only ever appear escaped.
jq -c 'walk(if type == "string" and length != 32 and length != 16 and
    (test("^[A-Z]+$|^20|^span$") | not) then "\u001b[2J\u0007\u202e\n\u009b" + .
    else . end)' "$data/turn.ndjson" >"$tmp/evil"
aitrace-tree -c "$tmp/evil" >"$tmp/out"
is "$(LC_ALL=C tr -d '\n\40-\176\200-\377' <"$tmp/out" | wc -c)" 0 \
    "no control character gets through"
unlike "$(cat "$tmp/out")" "$(printf '\302\233|\342\200\256')" \
    "nor one of C1, nor one that turns the text around"
like "$(cat "$tmp/out")" 'x1b\[2J' "they are shown as escapes"

# What has no price is not 0, what is estimated says so.
jq -c 'if .attributes."langfuse.observation.cost_details" and
    .span_id == "00000000000000e1" then .attributes |= (
    del(."langfuse.observation.cost_details") ) else . end' \
    "$data/turn.ndjson" >"$tmp/in"
aitrace-tree "$tmp/in" >"$tmp/out"
like "$(grep gemini "$tmp/out")" ' unpriced$' "a call without a price"
like "$(grep '^3 calls' "$tmp/out")" '>\$0\.016738$' "makes the sum a bound"
like "$(tail -n 1 "$tmp/out")" '1 unpriced' "and is counted"
jq -c '.attributes."cost.estimated" = true' "$data/turn.ndjson" |
    aitrace-tree >"$tmp/out"
like "$(grep gemini "$tmp/out")" ' ~\$0\.000404$' "an estimate is marked"
like "$(grep '^3 calls' "$tmp/out")" ' ~\$0\.017142$' "and so is its sum"

# Sessions, order, choice.
n=0
for s in a b a; do
	n=$((n + 1))
	jq -c --arg s "$s" --arg n "$n" '.trace_id = ($n + .trace_id[1:]) |
	    .attributes."session.id" = $s |
	    .start_time |= sub("00:03:"; "0" + $n + ":03:") |
	    .end_time |= sub("00:03:"; "0" + $n + ":03:")' "$data/turn.ndjson"
done >"$tmp/in"
is "$(aitrace-tree "$tmp/in" | grep -E '^(session|2026)' | cut -c 9-13 |
    tr '\n' ' ')" "a ·  21 01 21 03 b ·  21 02 " \
    "the traces of a session stand together"
is "$(aitrace-tree --session=b "$tmp/in" | grep -c '^2026')" 1 \
    "one session is shown alone"
like "$(aitrace-tree "$tmp/in" | tail -n 2 | head -n 1)" \
    '^3 traces, 9 calls, 3 tools, 3 agents .* 31227  24726   306  \$0.051427$' \
    "all is summed up"
jq -c 'if .trace_id[0:1] == "2" then .attributes |= with_entries(
    if .key == "langfuse.observation.cost_details" then
    .value = "{\"total\":1}" else . end) else . end' "$tmp/in" >"$tmp/dear"
is "$(aitrace-tree --sort=cost --depth=0 "$tmp/dear" | grep -E '^2026' |
    cut -c 12-13 | tr '\n' ' ')" "02 01 03 " "the dearest first"
cat "$tmp/in" "$tmp/in" | aitrace-tree >"$tmp/out"
aitrace-tree "$tmp/in" >"$tmp/out1"
same_file "$tmp/out" "$tmp/out1" "a replay changes nothing"
shuf --random-source="$tmp/in" "$tmp/in" | aitrace-tree >"$tmp/out"
same_file "$tmp/out" "$tmp/out1" "nor does another order"

# What is no span or no record.
printf '%s\n' 'no json' '{"record":"log","body":"x"}' >"$tmp/in"
runs "a bad line and a log" 65 aitrace-tree "$tmp/in"
is "$(cat "$tmp/out")" "" "show nothing"
like "$(cat "$tmp/err")" ':1: .*; left out$' "the bad line is named"
like "$(cat "$tmp/err")" 'no spans among 1 records' "and enrich is thought of"
runs "nothing" 0 aitrace-tree /dev/null
is "$(cat "$tmp/out")$(cat "$tmp/err")" "" "says nothing"
runs "a missing file" 74 aitrace-tree "$tmp/missing" "$data/turn.ndjson"
like "$(cat "$tmp/out")" 'Turn #1' "the other file is shown"
runs "a width that is none" 64 aitrace-tree --width=39
if [ -e /dev/full ]; then
	aitrace-tree "$data/turn.ndjson" >/dev/full 2>"$tmp/err"
	is $? 74 "a full disk is an error"
fi
done_testing
