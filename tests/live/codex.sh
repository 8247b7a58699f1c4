# Every scenario of a real Codex CLI on fake models, into a running pipeline,
# against the truth that the fake models wrote down. make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
cli=codex
. "$top/tests/live/lib.sh"
need python3 node npm
built aitrace-recv aitrace-enrich aitrace-price

# Fatal errors end the client before it has sent what it had.
soon="--env OTEL_BLRP_SCHEDULE_DELAY=50 --env OTEL_BSP_SCHEDULE_DELAY=50"

for scenario in ${LIVE_SCENARIOS:-basic parallel slow long unicode denied \
    subagent mcp toolfail err429}; do
	live_check "$scenario" http/json
done
live_check basic http/protobuf
live_check basic grpc
live_check subagent grpc
live_check subagent http/json --signals logs
for scenario in basic toolfail; do
	live_check "$scenario" http/json --interactive
done

# Its end waits for neither exporter: of the last attempt the log, the span or
# both are missing, also in what a recorder before the receiver saw on the wire.
# Either is enough; where nothing names the request, there is nothing to tell.
live_ended() {
	_id=$(tail -n 1 "$tmp/truth.jsonl" |
	    sed -n 's/.*"request_id":"\([^"]*\)".*/\1/p')
	if [ -n "$_id" ] && ! grep -q "\"$_id\"" "$tmp/received"; then
		note "$1: nothing of the last attempt, $_id, was sent"
		sed -i '$d' "$tmp/truth.jsonl"
	fi
}
live_rc=1
for scenario in err500 err401; do
	# shellcheck disable=SC2086
	live_check "$scenario" http/json $soon
done
done_testing
