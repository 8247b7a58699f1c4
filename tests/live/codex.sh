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
live_rc=1
for scenario in err500 err401; do
	# shellcheck disable=SC2086
	live_check "$scenario" http/json $soon
done
done_testing
