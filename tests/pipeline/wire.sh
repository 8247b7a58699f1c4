# How a request was encoded, and over what it came, leaves no trace: the same
# request as JSON, as protobuf and over gRPC gives the same bytes; three runs of
# a client over its three protocols differ in nothing but what every run makes
# anew.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 curl
built aitrace-recv aitrace-enrich aitrace-price otlp-convert

# converted DIR FORM: its spans and logs in $tmp/FORM/, every request in FORM;
# their paths in $tmp/FORM.list
converted() {
	rm -rf "${tmp:?}/$2"
	mkdir "$tmp/$2"
	requests "$1" traces logs >"$tmp/list"
	while IFS= read -r file; do
		_name=${file##*/}
		_signal=${_name#*-}
		_signal=${_signal%%.*}
		otlp-convert "$_signal" "${file##*.}" "$2" <"$file" \
		    >"$tmp/$2/${_name%.*}.$2" 2>/dev/null ||
		    not_ok "$file as $2"
		printf '%s\n' "$tmp/$2/${_name%.*}.$2"
	done <"$tmp/list" >"$tmp/$2.list"
}

for dir in "$captures"/claude-code/*/ "$captures"/codex/*/ \
    "$captures"/gemini-cli/*/ "$captures"/opencode/*/; do
	dir=${dir%/}
	name=$(scenario_name "$dir")
	received "$dir" traces logs | aitrace-enrich | aitrace-price -q \
	    >"$tmp/want"
	[ -s "$tmp/want" ] || not_ok "$name: has records"
	for form in json pb; do
		converted "$dir" $form
		mapfile -t files <"$tmp/$form.list"
		aitrace-recv "${files[@]}" | aitrace-enrich |
		    aitrace-price -q >"$tmp/got"
		same_file "$tmp/got" "$tmp/want" "$name: the same bytes as $form"
	done
done

# sent FORM LIST: the requests to a running receiver, one after the other; what
# comes out of the pipeline is $tmp/live
sent() {
	rm -f "$tmp/ready" "$tmp/live" "$tmp/done"
	mkfifo "$tmp/ready"
	aitrace-recv --listen 127.0.0.1:0 --grpc 127.0.0.1:0 --ready-fd 7 \
	    7>"$tmp/ready" 2>"$tmp/recv.err" \
	    > >(aitrace-enrich --settle=1h --linger=1h --idle=1h |
	    aitrace-price -q >"$tmp/live"; : >"$tmp/done") &
	recv=$!
	owns $recv
	{
		read -r address && read -r _word grpc
	} <"$tmp/ready"
	while IFS= read -r file; do
		_name=${file##*/}
		_signal=${_name#*-}
		_signal=${_signal%%.*}
		case $1 in
		json)
			curl -sf -H 'content-type: application/json' \
			    --data-binary "@$file" \
			    "http://$address/v1/$_signal" ;;
		pb)
			curl -sf -H 'content-type: application/x-protobuf' \
			    --data-binary "@$file" \
			    "http://$address/v1/$_signal" ;;
		grpc)
			case $_signal in
			traces) _service=trace.v1.TraceService ;;
			logs) _service=logs.v1.LogsService ;;
			esac
			python3 -c 'import struct, sys
b = sys.stdin.buffer.read()
sys.stdout.buffer.write(struct.pack(">BI", 0, len(b)) + b)' \
			    <"$file" >"$tmp/frame"
			curl -sf --http2-prior-knowledge \
			    -H 'content-type: application/grpc' \
			    -H 'te: trailers' --data-binary "@$tmp/frame" \
			    "http://$grpc/opentelemetry.proto.collector.$_service/Export" ;;
		esac >/dev/null || not_ok "${file##*/} is taken as $1"
	done <"$2"
	kill -TERM $recv
	wait $recv
	wait_for 30 test -e "$tmp/done"
}

for name in claude-code/basic-http-json codex/basic-json gemini-cli/basic-http
do
	dir=$captures/$name
	received "$dir" traces logs | aitrace-enrich | aitrace-price -q \
	    >"$tmp/want"
	converted "$dir" json
	converted "$dir" pb
	sent json "$tmp/json.list"
	same_file "$tmp/live" "$tmp/want" "$name: the same bytes over HTTP, JSON"
	sent pb "$tmp/pb.list"
	same_file "$tmp/live" "$tmp/want" \
	    "$name: the same bytes over HTTP, protobuf"
	if curl -V | grep -q HTTP2; then
		sent grpc "$tmp/pb.list"
		same_file "$tmp/live" "$tmp/want" \
		    "$name: the same bytes over gRPC"
	fi
done

# as_run NAME [OPTION]: the run, without what is new in every run
as_run() {
	received "$captures/$1" traces logs | aitrace-enrich |
	    aitrace-price -q >"$tmp/one"
	"$truth/same_run.py" ${2:+"$2"} "$tmp/one"
}

# same_runs WANT GOT [OPTION]
same_runs() {
	as_run "$1" "${3-}" >"$tmp/want"
	as_run "$2" "${3-}" >"$tmp/got"
	[ -s "$tmp/want" ] || not_ok "$1: has spans"
	same_file "$tmp/got" "$tmp/want" "$2 is the run of $1"
}
same_runs claude-code/basic-http-protobuf claude-code/basic-grpc
# The JSON run also recorded raw API bodies, which tell more.
same_runs claude-code/basic-http-protobuf claude-code/basic-http-json \
    --raw-bodies
same_runs codex/basic-json codex/basic-binary
same_runs codex/basic-json codex/basic-grpc
same_runs gemini-cli/basic-http gemini-cli/basic-grpc
done_testing
