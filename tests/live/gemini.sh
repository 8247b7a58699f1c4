# A real Gemini CLI on fake models, headless and in its terminal interface, into
# a running pipeline, against the truth that the fake models wrote down. Part
# of make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
cli=gemini
. "$top/tests/live/lib.sh"
need python3 node npm
built aitrace-recv aitrace-enrich aitrace-price

for scenario in ${LIVE_SCENARIOS:-basic parallel slow long big unicode denied \
    subagent mcp toolfail err429}; do
	live_check "$scenario" http/json
	is "$(grep -c '"process.command_args"' "$tmp/live")" 0 \
	    "$scenario: no command line leaves"
done
for scenario in ${LIVE_INTERACTIVE:-basic subagent toolfail}; do
	live_check "$scenario" http/json --interactive
done

for scenario in ${LIVE_GRPC:-basic parallel}; do
	live_check "$scenario" grpc
done

# With telemetry switched on and nothing else said, it sends to port 4317; so
# a receiver that is told nothing has to do.
if (exec 3<>/dev/tcp/127.0.0.1/4317) 2>/dev/null; then
	skip "default settings" "something listens on port 4317 already"
else
	live_listen="-q"
	live_check basic default
	live_listen=
fi

# Told not to log prompts, it says them on its command line all the same.
live_run basic http/json --no-content
case $? in
2)
	skip "without content" "gemini cannot be had here" ;;
0)
	is "$(grep -c 'Live check' "$tmp/live")" 0 "without content: no prompt"
	tap_from "without content" "$truth/invariants.py" "$tmp/live" ;;
*)
	not_ok "without content: client and receiver end well"
	note_file "$tmp/cli.out" ;;
esac
done_testing
