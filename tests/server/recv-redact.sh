# aitrace-recv --redact: what must not leave is gone before a byte is written,
# whichever way it came in.
. "${srcdir:-.}/tests/lib.sh"
need curl jq
built aitrace-recv

key=sk-ant-api03-$(printf 'Zx9Qw7Lm%.0s' 1 2 3 4 5 6 7 8 9 10 11)kA-Bc12dEAA
cat >"$tmp/request.json" <<X
{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name",
"value":{"stringValue":"claude-code"}}]},"scopeLogs":[{"scope":{"name":"x"},
"logRecords":[{"timeUnixNano":"1795219422566000000",
"body":{"stringValue":"key $key"},
"attributes":[{"key":"prompt","value":{"stringValue":"use $key and hunter-2-token"}},
{"key":"event.name","value":{"stringValue":"user_prompt"}}]}]}]}]}
X
HOUSE=hunter-2-token
export HOUSE

aitrace-recv "$tmp/request.json" >"$tmp/plain"
is "$(grep -c "$key" "$tmp/plain")" 1 "without it the key goes through"
aitrace-recv --redact "$tmp/request.json" >"$tmp/files"
is $? 0 "files: --redact succeeds"
is "$(grep -c "$key" "$tmp/files")" 0 "files: the key is gone"
is "$(jq -r '.attributes["event.name"]' "$tmp/files")" user_prompt \
    "files: the rest is there"
aitrace-recv --redact-secret-env=HOUSE "$tmp/request.json" >"$tmp/env"
is "$(grep -c -e "$key" -e hunter-2 "$tmp/env")" 0 \
    "files: a known secret is gone, too"
aitrace-recv --redact-secret-env=NOT_SET_AT_ALL "$tmp/request.json" \
    >"$tmp/none" 2>"$tmp/err"
is $? 78 "a variable that is not set is an error"
like "$(cat "$tmp/err")" NOT_SET_AT_ALL "which names it"
is "$(wc -c <"$tmp/none")" 0 "and nothing is written"
printf '{ no rules' >"$tmp/rules.json"
aitrace-recv --redact-rules="$tmp/rules.json" "$tmp/request.json" \
    >"$tmp/none" 2>"$tmp/err"
is $? 78 "rules that are wrong are an error"

# serve OPTION...: a server on a free port; sets pid and url
serve() {
	mkfifo "$tmp/ready"
	aitrace-recv --listen=127.0.0.1:0 --ready-fd=9 "$@" \
	    >"$tmp/served" 2>"$tmp/err" 9>"$tmp/ready" &
	pid=$!
	read -r url <"$tmp/ready"
	rm -f "$tmp/ready"
}

serve --redact
is "$(curl -s -o "$tmp/answer" -w '%{http_code}' \
    -H 'Content-Type: application/json' --data-binary @"$tmp/request.json" \
    "http://$url/v1/logs")" 200 "server: accepted"
is "$(grep -c "$key" "$tmp/served")" 0 "server: the key is gone"
is "$(jq -r '.record' "$tmp/served")" log "server: the record is there"
kill -TERM $pid
wait $pid
is $? 0 "server: ends well"

mkdir "$tmp/spool"
serve --redact --spool="$tmp/spool"
curl -s -o "$tmp/answer" -H 'Content-Type: application/json' \
    --data-binary @"$tmp/request.json" "http://$url/v1/logs"
kill -TERM $pid
wait $pid
is "$(cat "$tmp"/spool/*.ndjson | wc -l)" 1 "spool: the record is there"
is "$(grep -rc "$key" "$tmp/spool" | grep -vc ':0$')" 0 \
    "spool: and nothing raw is on the disk"
done_testing
