# A real opencode on fake models, into a running pipeline, against the truth
# that the fake models wrote down. Part of make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
cli=opencode
. "$top/tests/live/lib.sh"
need python3 node npm
built aitrace-recv aitrace-enrich aitrace-price

for scenario in ${LIVE_SCENARIOS:-basic parallel long unicode denied subagent \
    mcp toolfail err429 basic--interactive}; do
	how=
	case $scenario in
	*--interactive)
		scenario=${scenario%--interactive} how=--interactive ;;
	esac
	live_run "$scenario" http/json $how
	case $? in
	2)
		skip "$scenario" "opencode cannot be had here" ;;
	0)
		# Its fake model has no price: the price stage says so.
		is "$(cat "$tmp/recv.err" "$tmp/enrich.err")" "" \
		    "$scenario: no stage complains"
		tap_from "$scenario" "$truth/check_truth.py" \
		    --live "$tmp/truth.jsonl" --scenario "$scenario" \
		    --prompt "$(live_prompt "$scenario")" "$tmp/live"
		tap_from "$scenario" "$truth/invariants.py" "$tmp/live" ;;
	*)
		not_ok "$scenario: client and receiver end well"
		note_file "$tmp/cli.out"
		note_file "$tmp/recv.err" ;;
	esac
done
done_testing
