# SIGHUP: new prices while a stream runs; a bad file leaves the old in force.
. "${srcdir:-.}/tests/lib.sh"
need jq mkfifo
built aitrace-price

own() {
	printf '{"aitrace_prices":1,"models":{"m":[{"input":"%s"}]}}' "$1" \
	    >"$tmp/new" && mv "$tmp/new" "$tmp/own.json"
}
ask() {
	printf '%s\n' '{"record":"span","attributes":{"gen_ai.operation.name":"chat","gen_ai.request.model":"m","gen_ai.usage.input_tokens":1000000}}' >&3
}
lines() {
	[ "$(wc -l <"$tmp/$1")" -ge "$2" ]
}
cost() {
	sed -n "$1p" "$tmp/out" | jq '.attributes["gen_ai.usage.cost"]'
}

own 1
mkfifo "$tmp/in"
aitrace-price -v --prices "$tmp/own.json" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
pid=$!
owns "$pid"
exec 3>"$tmp/in"
ask
wait_for 10 lines out 1
is "$(cost 1)" 1 "the price at the start"
own 2
kill -HUP "$pid"
wait_for 10 grep -q 'prices read again' "$tmp/err"
ask
wait_for 10 lines out 2
is "$(cost 2)" 2 "the new price after SIGHUP"
own x
kill -HUP "$pid"
wait_for 10 grep -q 'old prices stay in force' "$tmp/err"
like "$(cat "$tmp/err")" 'own.json:1: price is no decimal number: x' \
    "a bad file is refused with the reason"
ask
wait_for 10 lines out 3
is "$(cost 3)" 2 "the old price stays"
exec 3>&-
wait "$pid"
is $? 0 "and the run ends well"
done_testing
