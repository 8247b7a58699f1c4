# Four coding CLIs at once, over three protocols, into one pipeline: each tree is
# what its own model answered, and none holds anything of another. Part of make
# check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
. "$top/tests/live/lib.sh"
need python3 node npm
built aitrace-recv aitrace-enrich aitrace-price

# CLI, scenario, protocol, and the service its records name.
crowd='claude parallel http/protobuf claude-code
codex parallel http/json codex_exec
gemini parallel grpc gemini-cli
opencode parallel http/json opencode
claude subagent http/json claude-code
gemini basic http/json gemini-cli'

live_start || {
	not_ok "the receiver starts"
	done_testing
	exit
}
n=0
while read -r client scenario protocol _; do
	n=$((n + 1))
	to=$address
	[ "$protocol" != grpc ] || to=$grpc
	"$live/run-cli" "$client" "$scenario" --otlp "http://$to" \
	    --protocol "$protocol" --prompt "Number $n, please." \
	    --truth "$tmp/truth.$n" >"$tmp/cli.$n" 2>&1 </dev/null &
	started="${started-} $!"
done <<P
$crowd
P
for p in $started; do
	wait "$p"
done
live_stop
if grep -q 'could not install\|no program in' "$tmp"/cli.?; then
	skip "four CLIs" "not all of them can be had here"
	done_testing
	exit
fi
is "$recv_rc" 0 "the receiver ends well"
is "$(cat "$tmp/recv.err" "$tmp/enrich.err")" "" "no stage complains"

# Each run is told by its prompt, which stands on the root of its turn.
n=0
while read -r client scenario protocol service; do
	n=$((n + 1))
	name="$n: $client, $scenario over $protocol"
	like "$(cat "$tmp/cli.$n")" "exit code 0" "$name: the client ends well"
	python3 - "$tmp/live" "Number $n, please." "$tmp/one.$n" <<'P'
import json, sys
records = [json.loads(line) for line in open(sys.argv[1])]
def told(r):
    return json.dumps(r.get('attributes', {}).get(
        'langfuse.observation.input', ''))
mine = {r['attributes']['session.id'] for r in records
        if r['record'] == 'span' and 'parent_span_id' not in r
        and sys.argv[2] in told(r)}
with open(sys.argv[3], 'w') as f:
    for r in records:
        if r.get('attributes', {}).get('session.id') in mine:
            f.write(json.dumps(r) + '\n')
P
	is "$(jq -r 'select(.record == "span") | .attributes."session.id"' \
	    "$tmp/one.$n" | sort -u | wc -l)" 1 "$name: one session"
	is "$(jq -r '.resource."service.name"' "$tmp/one.$n" | sort -u)" \
	    "$service" "$name: nothing of another client"
	tap_from "$name" "$truth/check_truth.py" --live "$tmp/truth.$n" \
	    --scenario "$scenario" --prompt "Number $n, please." "$tmp/one.$n"
	tap_from "$name" "$truth/invariants.py" "$tmp/one.$n"
done <<P
$crowd
P
tap_from "all of them" "$truth/invariants.py" "$tmp/live"
is "$(jq -r 'select(.record == "span") | [.trace_id,
    .resource."service.name"] | @tsv' "$tmp/live" | sort -u | cut -f 1 |
    uniq -d)" "" "no trace has spans of two clients"
done_testing
