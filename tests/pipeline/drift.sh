# A newer version of a CLI sends events and attributes that the tables do not
# have: each name is said once and counted, the record goes on, and what is
# still known makes a tree.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

# renamed DIR EVENT ATTRIBUTE: its records with the event and the attribute
# called otherwise
renamed() {
	received "$1" logs traces >"$tmp/known"
	sed -e "s/\"event.name\":\"$2\"/\"event.name\":\"new_event\"/" \
	    -e "s/\"$3\":/\"new.attribute\":/" "$tmp/known"
}

while read -r dir agent event attribute; do
	renamed "$captures/$dir" "$event" "$attribute" >"$tmp/in"
	aitrace-enrich -v <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
	is $? 0 "$dir: a new version is no error"
	is "$(grep -c "warning: $agent: unknown attribute 'new.attribute'" \
	    "$tmp/err")" 1 "$dir: the attribute is named once"
	many=$(sed -n "s/.*unknown attribute 'new.attribute': //p" "$tmp/err")
	is "$([ "${many:-0}" -gt 1 ] && echo many)" many \
	    "$dir: and counted ($many)"
	if [ "$event" != - ]; then
		is "$(grep -c "warning: $agent: unknown event 'new_event'" \
		    "$tmp/err")" 1 "$dir: the event is named once"
		is "$(sed -n "s/.*unknown event 'new_event': //p" "$tmp/err")" \
		    "$(grep -c "\"event.name\":\"new_event\"" "$tmp/in")" \
		    "$dir: and every one of them counted"
		is "$(grep -c '"event.name":"new_event"' "$tmp/out")" \
		    "$(grep -c '"event.name":"new_event"' "$tmp/in")" \
		    "$dir: and passed on"
	fi
	aitrace-price -q "$tmp/out" >"$tmp/priced"
	tap_from "$dir" "$truth/invariants.py" "$tmp/priced"

	# Every client's version that was recorded is known by heart.
	aitrace-enrich <"$tmp/known" 2>"$tmp/err" >/dev/null
	is "$(cat "$tmp/err")" "" "$dir: nothing of it is unknown"

	aitrace-enrich <"$tmp/known" | grep '"record":"span"' |
	    sed 's/.*"span_id":"\([0-9a-f]*\)","p.*/\1/;
	    s/.*"span_id":"\([0-9a-f]*\)".*/\1/' | sort >"$tmp/want"
	aitrace-enrich --explain <"$tmp/known" >"$tmp/text"
	grep -Eo '^[0-9a-f]{16}' "$tmp/text" | sort >"$tmp/got"
	same_file "$tmp/got" "$tmp/want" "$dir: --explain knows every span"
	is "$(grep -c '"record"' "$tmp/text")" 0 "$dir: and nothing else"
	like "$(cat "$tmp/text")" '^    (from|rule|parent)' "$dir: and why"
done <<P
claude-code/basic-http-json claude-code tool_decision ttft_ms
codex/basic-json codex codex.tool_decision ttft_ms
gemini-cli/basic-http gemini-cli gemini_cli.tool_call role
opencode/basic opencode - ai.response.text
P
# What the user adds to the resource stands on records, too.
received "$captures/claude-code/basic-http-json" logs | sed \
    -e 's/"resource":{/"resource":{"team":"x",/' \
    -e 's/"attributes":{"user.id"/"attributes":{"team":"x","user.id"/' \
    >"$tmp/in"
is "$([ "$(grep -c '"attributes":{"team"' "$tmp/in")" -gt 1 ] && echo set)" \
    set "the user's own attribute is there"
aitrace-enrich <"$tmp/in" 2>"$tmp/err" >/dev/null
is "$(cat "$tmp/err")" "" "and is no surprise"
done_testing
