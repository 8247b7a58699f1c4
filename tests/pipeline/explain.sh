# --explain: every span is accounted for, with its records and its rule.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
built aitrace-recv aitrace-enrich

received "$captures/claude-code/subagent" >"$tmp/in"
aitrace-enrich <"$tmp/in" | jq -r 'select(.record == "span") | .span_id' |
    sort >"$tmp/want"
aitrace-enrich --explain <"$tmp/in" >"$tmp/text"
is $? 0 "--explain succeeds"
grep -Eo '^[0-9a-f]{16}' "$tmp/text" | sort >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "every span is explained, and no other"
is "$(grep -c '"record"' "$tmp/text")" 0 "no records beside the text"
like "$(cat "$tmp/text")" 'its spans hang below that tool' \
    "spans tell who started the sub-agent"
is "$(grep -c '    from log ' "$tmp/text")" \
    "$(aitrace-enrich <"$tmp/in" |
	jq -s '[.[] | select(.attributes["aitrace.used"])] | length')" \
    "every used log stands below a span"

received "$captures/claude-code/subagent" logs |
    aitrace-enrich --explain >"$tmp/text"
like "$(cat "$tmp/text")" 'the note that reported its end names the tool' \
    "logs alone: the completion note tells"
unlike "$(cat "$tmp/text")" "client's own span" "and every span is made"

received "$captures/claude-code/v2.1.197-basic" |
    aitrace-enrich --explain >"$tmp/text"
is "$(grep -c 'the latest call of its thread.*(inferred)' "$tmp/text")" 2 \
    "an older client: both tools are placed by time"
unlike "$(cat "$tmp/text")" 'DEMO-PROMPT|hello.txt' "no content is shown"
done_testing
