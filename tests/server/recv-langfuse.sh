# The API of the Langfuse SDKs; the SDKs themselves where npm can be reached.
# shellcheck shell=bash
npm_proxy=${https_proxy:-${HTTPS_PROXY:-}}
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3

tap_from "ingestion" env PYTHONPATH="$top/tests/server" \
    PYTHONDONTWRITEBYTECODE=1 AITRACE_RECV="$build/aitrace-recv" \
    python3 "$top/tests/server/recv_langfuse.py" "$captures"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/aitrace-tests/langfuse
packages="langfuse@3.39.2 @langfuse/tracing@5.11.1 @langfuse/otel@5.11.1
    @langfuse/client@5.11.1 @opentelemetry/sdk-node@0.222.0
    @opentelemetry/api@1.9.1"
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
	skip "the SDKs themselves" "npm is not installed"
	done_testing
fi
if [ "$(cat "$cache/.complete" 2>/dev/null)" != "$packages" ]; then
	mkdir -p "$cache"
	[ -f "$cache/package.json" ] ||
	    echo '{"private":true}' >"$cache/package.json"
	# shellcheck disable=SC2086
	if (cd "$cache" && https_proxy=$npm_proxy timeout 240 npm install \
	    --loglevel error --ignore-scripts --no-audit --no-fund --no-save \
	    $packages) >"$tmp/npm" 2>&1; then
		echo "$packages" >"$cache/.complete"
	elif https_proxy=$npm_proxy timeout 30 npm view langfuse version \
	    >/dev/null 2>&1; then
		not_ok "the packages can be installed"
		note_file "$tmp/npm"
		done_testing
	else
		skip "the SDKs themselves" "the npm registry cannot be reached"
		done_testing
	fi
fi

# run SCRIPT: against a fresh receiver; records in $tmp/records
run() {
	mkfifo "$tmp/ready"
	aitrace-recv --listen 127.0.0.1:0 --ready-fd 3 3>"$tmp/ready" \
	    >"$tmp/records" 2>"$tmp/recv.err" &
	pid=$!
	owns "$pid"
	read -r addr <"$tmp/ready"
	rm "$tmp/ready"
	cp "$1" "$cache/"
	(cd "$cache" && timeout 60 node "${1##*/}" "http://$addr") \
	    >"$tmp/sdk" 2>&1
	is $? 0 "$2: the script ends well"
	is "$(grep -i -c error "$tmp/sdk")" 0 "$2: the SDK sees no error"
	note_file "$tmp/sdk"
	kill "$pid"
	wait "$pid"
	is $? 0 "$2: recv exits with 0"
	is "$(cat "$tmp/recv.err")" "" "$2: recv has nothing to complain of"
}

# What the scripts send stands in the captures' expected.json.
names() {
	python3 - "$tmp/records" <<'PY'
import json, sys
last = {}
for line in open(sys.argv[1]):
    r = json.loads(line)
    if r["record"] in ("span", "score"):
        last[r.get("id") or r["span_id"]] = r
print(*sorted(r["record"] + ":" + r["name"] for r in last.values()))
PY
}
truth() {
	python3 - "$1" "$2" <<'PY'
import json, sys
t = json.load(open(sys.argv[1]))["traces"]
out = []
for x in t:
    if sys.argv[2] == "3":
        out.append("span:" + x["name"])
    out += ["span:" + o["name"] for o in x["observations"]]
    out += ["score:" + s["name"] for s in x.get("scores", [])]
print(*sorted(out))
PY
}

run "$captures/langfuse-js-v3/run.js" "langfuse 3"
is "$(names)" "$(truth "$captures/langfuse-js-v3/basic/expected.json" 3)" \
    "langfuse 3: everything it sent has come"
run "$captures/langfuse-js-v5/run.mjs" "@langfuse/otel 5"
is "$(names)" "$(truth "$captures/langfuse-js-v5/basic/expected.json" 5)" \
    "@langfuse/otel 5: everything it sent has come"
done_testing
