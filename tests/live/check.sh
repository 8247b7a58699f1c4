# Every scenario of a real Claude Code on fake models, into a running pipeline,
# against the truth that the fake models wrote down. make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
. "$top/tests/live/lib.sh"
need python3 node npm
built aitrace-recv aitrace-enrich aitrace-price

for scenario in ${LIVE_SCENARIOS:-basic parallel slow long big unicode denied \
    subagent mcp toolfail err429}; do
	for protocol in http/json http/protobuf; do
		live_check "$scenario" "$protocol"
		[ -z "${LIVE_KEEP:-}" ] || {
			mkdir -p "$LIVE_KEEP/$scenario/$protocol"
			cp "$tmp/live" "$tmp/truth.jsonl" "$tmp"/*.err \
			    "$LIVE_KEEP/$scenario/$protocol" 2>/dev/null
		}
	done
done
for scenario in ${LIVE_GRPC:-basic subagent}; do
	live_check "$scenario" grpc
done
done_testing
