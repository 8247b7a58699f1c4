# One run in three encodings gives one result. And where a client was recorded
# in several with the same settings, in runs of their own, the trees differ in
# what the client itself made up: ids, times.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 curl
built aitrace-recv aitrace-enrich

if curl --version | grep -q HTTP2; then
	tap_from "encodings" "$top/tests/pipeline/encodings.py" "$captures"
else
	skip "encodings" "curl has no HTTP/2"
fi

# shape CLIENT SCENARIO FILE: without the names of projects
shape() {
	received "$captures/$1/$2" | aitrace-enrich >"$tmp/stream"
	"$truth/shape.py" "$tmp/stream" |
	    sed 's/Chunk ID: [0-9a-f]*/Chunk ID: #/g' >"$3"
}
for runs in "claude-code basic-http-protobuf basic-grpc" \
    "codex basic-json basic-binary basic-grpc"; do
	# shellcheck disable=SC2086
	set -- $runs
	shape "$1" "$2" "$tmp/want"
	[ -s "$tmp/want" ] || not_ok "$1 has a shape"
	client=$1 first=$2
	shift 2
	for other; do
		shape "$client" "$other" "$tmp/got"
		same_file "$tmp/got" "$tmp/want" \
		    "$client: $other has the tree of $first"
	done
done
done_testing
