# Ten coding CLIs at once over gRPC into a spool, and the receiver killed in the
# middle: what it had acknowledged is there and whole, and what comes after it
# was started again makes trees with it. Part of make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
. "$top/tests/live/lib.sh"
need python3 node npm jq
built aitrace-recv aitrace-enrich aitrace-price

mkfifo "$tmp/ready"
# start ADDRESS: a receiver with its spool, at $grpc
start() {
	aitrace-recv --grpc "$1" --spool "$tmp/spool" --ready-fd 7 \
	    7>"$tmp/ready" 2>>"$tmp/recv.err" &
	recv=$!
	owns $recv
	grpc=
	while read -r what where; do
		[ "$what" != grpc ] || grpc=$where
	done <"$tmp/ready"
	[ -n "$grpc" ]
}

start 127.0.0.1:0 || {
	not_ok "the receiver starts"
	note_file "$tmp/recv.err"
	done_testing
	exit
}
ok "the receiver starts"
n=0
for client in claude codex gemini claude codex gemini claude codex gemini \
    claude; do
	n=$((n + 1))
	"$live/run-cli" $client long --otlp "http://$grpc" --protocol grpc \
	    --prompt "Number $n of ten, please." --truth "$tmp/truth.$n" \
	    >"$tmp/cli.$n" 2>&1 </dev/null &
	started="${started-} $!"
done
# In the middle: some are at work, none has ended.
spooled() {
	[ "$(cat "$tmp"/spool/*.ndjson* 2>/dev/null | wc -l)" -gt 60 ]
}
wait_for 120 spooled
kill -9 "$recv"
wait "$recv" 2>/dev/null
cat "$tmp"/spool/*.ndjson >"$tmp/before"
start "$grpc"
is $? 0 "it starts again at the same place"
for p in $started; do
	wait "$p"
done
kill -TERM "$recv"
wait "$recv"
is $? 0 "and ends well"
if grep -q 'could not install\|no program in' "$tmp"/cli.*; then
	skip "ten CLIs" "not all of them can be had here"
	done_testing
	exit
fi
n=0
while [ $((n += 1)) -le 10 ]; do
	like "$(cat "$tmp/cli.$n")" "exit code 0" "client $n ends well"
done

cat "$tmp"/spool/*.ndjson >"$tmp/spooled"
jq -c . "$tmp/spooled" >/dev/null 2>"$tmp/err"
is $? 0 "every line of the spool is JSON"
note_file "$tmp/err"
# The last line may have been cut off: it had not been acknowledged.
is "$(sed '$d' "$tmp/before" | sort >"$tmp/a"; sort "$tmp/spooled" >"$tmp/b"
    comm -23 "$tmp/a" "$tmp/b" | wc -l)" 0 "nothing that was there is gone"
is "$(jq -r 'select(.record == "span") | .span_id' "$tmp/spooled" | sort |
    uniq -d | wc -l)" 0 "no span is there twice"
aitrace-enrich "$tmp/spooled" 2>"$tmp/err" | aitrace-price >"$tmp/live"
is "$(cat "$tmp/err")" "" "aitrace-enrich makes trees of it"
tap_from "the trees" "$truth/invariants.py" "$tmp/live"
n=0
while [ $((n += 1)) -le 10 ]; do
	jq -r 'select(.record == "span") | .attributes |
	    select(."langfuse.observation.type" == "chain") |
	    ."langfuse.observation.input"' "$tmp/live" |
	    grep -c "Number $n of ten" >"$tmp/count"
	is "$(cat "$tmp/count")" 1 "run $n is one turn"
done
done_testing
