# Shapes of Codex runs that no capture holds; captures that come with pauses.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich
tap_from "by hand" python3 "$top/tests/pipeline/codex_shapes.py"

# One after the other, as a client that goes on would send them.
paused() {
	_title=$1
	shift
	rm -rf "$tmp/parts" && mkdir "$tmp/parts"
	i=0
	for _run; do
		requests "$captures/codex/$_run" traces logs
	done >"$tmp/list"
	while IFS= read -r file; do
		i=$((i + 1))
		aitrace-recv "$file" >"$tmp/parts/$(printf %03d $i)"
	done <"$tmp/list"
	tap_from "$_title, with pauses" python3 \
	    "$top/tests/pipeline/codex_paused.py" "$tmp/parts"/*
}
paused "a sub-agent" subagent-two
paused "a refused attempt" err429
paused "a conversation and its resumption" resume-turn1 resume-turn2
done_testing
