# The real OpenTelemetry JavaScript exporters, HTTP with JSON and protobuf and
# gRPC, plain and gzip, against a running aitrace-recv. The registry of npm is
# asked once; the packages stay in the cache of the user.
# shellcheck shell=bash
npm_proxy=${https_proxy:-${HTTPS_PROXY:-}}
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need node npm python3

cache=${XDG_CACHE_HOME:-$HOME/.cache}/aitrace-tests/otel
want=$(cksum <"$top/tests/server/otel-packages")
if [ "$(cat "$cache/.complete" 2>/dev/null)" != "$want" ]; then
	mkdir -p "$cache" && cd "$cache" || exit 99
	[ -f package.json ] || echo '{"private":true}' >package.json
	# shellcheck disable=SC2046
	if https_proxy=$npm_proxy timeout 240 npm install --loglevel error \
	    --ignore-scripts --no-audit --no-fund --no-save \
	    $(cat "$top/tests/server/otel-packages") >"$tmp/npm" 2>&1; then
		echo "$want" >.complete
	elif https_proxy=$npm_proxy timeout 30 npm view \
	    @opentelemetry/api version >/dev/null 2>&1; then
		not_ok "the packages can be installed"
		note_file "$tmp/npm"
		done_testing
	else
		skip_all "the npm registry cannot be reached"
	fi
	cd "$tmp" || exit 99
fi

for kind in http proto grpc; do
	for compression in none gzip; do
		name="$kind, $compression"
		mkfifo "$tmp/ready"
		option=--listen
		[ $kind = grpc ] && option=--grpc
		aitrace-recv $option 127.0.0.1:0 --ready-fd 3 \
		    3>"$tmp/ready" >"$tmp/out.ndjson" 2>"$tmp/recv.err" &
		pid=$!
		owns "$pid"
		read -r addr <"$tmp/ready"
		addr=${addr#grpc }
		rm "$tmp/ready"
		got=$(timeout 60 node "$top/tests/server/otel-client.js" \
		    "$cache" "$kind" "$compression" "http://$addr" 2>&1)
		is "$got" '{"traces":"ok","logs":"ok","metrics":"ok"}' \
		    "$name: the exporters are content"
		kill "$pid"
		wait "$pid"
		is $? 0 "$name: exit 0"
		is "$(cat "$tmp/recv.err")" "" "$name: nothing to complain of"
		python3 - "$tmp/out.ndjson" >"$tmp/got" <<'PY'
import json, sys
for line in open(sys.argv[1]):
    r = json.loads(line)
    a = r.get("attributes", {})
    print(r["record"], r.get("name", r.get("body")), r.get("value", ""),
          r.get("sum", ""), json.dumps(a, ensure_ascii=False, sort_keys=True),
          json.dumps(r.get("status", "")),
          [(e["name"], e["attributes"]) for e in r.get("events", [])],
          json.dumps(r["resource"], sort_keys=True), r["scope"]["name"],
          r["scope"]["version"])
PY
		res='{"list": ["a", "b"], "n": 3, "service.name": "recv-test"} client 1.2.3'
		cat >"$tmp/want" <<WANT
span first   {"b": true, "big": 9007199254740991, "f": 1.5, "s": "héllo ✓"} "" [('event', {'n': 1})] $res
span second   {} {"code": "ERROR", "message": "went wrong"} [] $res
log one   {} "" [] $res
log two   {"k": "v"} "" [] $res
metric count 7.0  {"a": "b"} "" [] $res
metric hist  12.5 {} "" [] $res
WANT
		same_file "$tmp/got" "$tmp/want" "$name: what was sent is what came"
	done
done
done_testing
