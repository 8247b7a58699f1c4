# Every recorded run of Codex CLI against what really happened: all signals,
# logs alone as a client without trace exporter sends them (no ids at all),
# spans alone; one tree from the three encodings.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

# without_ids: the records of stdin as if no spans were exported
without_ids() {
	python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    for key in ("trace_id", "span_id", "flags"):
        r.pop(key, None)
    print(json.dumps(r, ensure_ascii=False, separators=(",", ":")))'
}

# checked NAME DIR FILE [OPTION...]
checked() {
	_title=$1 _dir=$2 _file=$3
	shift 3
	tap_from "$_title" "$truth/check_truth.py" --capture "$_dir" "$@" \
	    "$_file"
	tap_from "$_title" "$truth/invariants.py" "$_file"
}

set -o pipefail
for dir in "$captures"/codex/*/; do
	dir=${dir%/}
	name=${dir##*/}
	received "$dir" | aitrace-enrich 2>"$tmp/err" | aitrace-price \
	    >"$tmp/$name" 2>>"$tmp/err"
	is $? 0 "$name: every stage succeeds"
	is "$(cat "$tmp/err")" "" "$name: and has nothing to complain of"
	checked "$name" "$dir" "$tmp/$name"
	is "$(grep '"record":"span"' "$tmp/$name" |
	    grep -vc '"aitrace.agent":"codex"')" 0 \
	    "$name: no internal span is left"

	received "$dir" logs | without_ids | aitrace-enrich | aitrace-price \
	    >"$tmp/logs"
	checked "$name, logs without ids" "$dir" "$tmp/logs" --subset
	tap_from "$name, logs without ids" "$truth/agree.py" "$tmp/$name" \
	    "$tmp/logs"

	received "$dir" traces | aitrace-enrich | aitrace-price >"$tmp/spans"
	checked "$name, spans alone" "$dir" "$tmp/spans" --subset
	tap_from "$name, spans alone" "$truth/agree.py" "$tmp/$name" \
	    "$tmp/spans"
done

# What every span says, but for what differs from run to run: ids, times, and
# the output of a command, which tells how long it took.
shape() {
	python3 - "$1" <<'EOF'
import json, re, sys
spans = [json.loads(l) for l in open(sys.argv[1]) if '"aitrace.agent"' in l]
spans = [s for s in spans if s['record'] == 'span']
names = {s['span_id']: s['name'] for s in spans}
for s in sorted(spans, key=lambda s: s['start_time']):
    a = {k: v for k, v in s['attributes'].items() if not re.search(
        r'session\.id|conversation\.id|call\.id$|turn\.id|start_time|'
        r'observation\.(in|out)put', k)}
    print(json.dumps([s['name'], names.get(s.get('parent_span_id')),
                      s.get('status'), a], sort_keys=True))
EOF
}
for name in json binary grpc; do
	shape "$tmp/basic-$name" >"$tmp/shape-$name"
done
is "$(wc -l <"$tmp/shape-json")" 5 "the basic run has five spans"
same_file "$tmp/shape-binary" "$tmp/shape-json" \
    "protobuf over HTTP says what JSON says"
same_file "$tmp/shape-grpc" "$tmp/shape-json" "and so does gRPC"

# Asked for, the internal spans stay.
dir=$captures/codex/basic-json
received "$dir" traces >"$tmp/raw"
aitrace-enrich --keep-native <"$tmp/raw" >"$tmp/out"
is "$(grep '"record":"span"' "$tmp/out" | grep -vc '"aitrace.agent":')" \
    "$(wc -l <"$tmp/raw")" "--keep-native keeps every span that came"
is "$(grep -c '"aitrace.agent":' "$tmp/out")" 5 "beside those that were made"

# What is known of prompts that are not told.
is "$(grep '"record":"span"' "$tmp/privacy-defaults" | grep -c REDACTED)" 0 \
    "a redacted prompt is no content"
done_testing
