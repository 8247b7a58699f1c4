# When a live pipeline shows what: tests/pipeline/live.py plays records into
# aitrace-enrich as they would come, and notes when its spans appear.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich

received "$captures/claude-code/toolfail" >"$tmp/both"
received "$captures/claude-code/logs-only-defaults" >"$tmp/logs"
received "$captures/claude-code/interactive" >"$tmp/two"
tap_from live "$top/tests/pipeline/live.py" "$tmp/both" "$tmp/logs" "$tmp/two"

for name in codex/basic-json codex/subagent-two gemini-cli/basic-http \
    opencode/basic; do
	received "$captures/$name" traces logs >"$tmp/run"
	tap_from "$name" "$top/tests/pipeline/live_clients.py" "$name" \
	    "$tmp/run"
done
done_testing
