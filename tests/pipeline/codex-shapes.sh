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

# A client that ends after a fatal error may do so before it has sent its last
# logs; the events of its spans repeat them, and name the same attempts.
# Only the clock is read a little later, and resources are another exporter's.
attempt='^{"record":"log".*"event.name":"codex.api_request".*"error.message"'
said() {
	aitrace-enrich --drop-used >"$tmp/out"
	finished "$tmp/out" | sed 's/"start_time.*"scope"/"scope"/
	    s/"langfuse.observation.[a-z_]*_time":"[^"]*"//g'
}
received "$captures/codex/err429" >"$tmp/whole"
rm -rf "$tmp/late" && mkdir "$tmp/late"
grep -v "$attempt" "$tmp/whole" >"$tmp/late/1"
grep "$attempt" "$tmp/whole" >"$tmp/late/2"
is "$(wc -l <"$tmp/late/2")" 1 "a refused attempt has one log"
said <"$tmp/whole" >"$tmp/want"
is "$(grep -c '"http.response.status_code":429' "$tmp/want")" 1 \
    "and is one call"
said <"$tmp/late/1" >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "without it, too: its span tells the same"
cat "$tmp/late/1" "$tmp/late/2" | said >"$tmp/got"
same_file "$tmp/got" "$tmp/want" "if the log comes last, too"
tap_from "the log of a refused attempt comes late" python3 \
    "$top/tests/pipeline/codex_paused.py" "$tmp/late"/*
done_testing
