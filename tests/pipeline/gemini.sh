# Every recorded run of Gemini CLI against what really happened, from all
# signals and from each alone; its two wire encodings tell the same.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price

# made FILE DIR [SIGNAL]
made() {
	_out=$1
	shift
	received "$@" | aitrace-enrich 2>"$tmp/err" | aitrace-price >"$_out"
}

for dir in "$captures"/gemini-cli/*/; do
	dir=${dir%/}
	name=${dir##*/}
	made "$tmp/$name" "$dir"
	is "$(cat "$tmp/err")" "" "$name: nothing to complain of"
	tap_from "$name" "$truth/check_truth.py" --capture "$dir" "$tmp/$name"
	tap_from "$name" "$truth/invariants.py" "$tmp/$name"
	for signal in logs traces; do
		made "$tmp/$signal" "$dir" $signal
		tap_from "$name, $signal only" "$truth/check_truth.py" \
		    --capture "$dir" --subset "$tmp/$signal"
		tap_from "$name, $signal only" "$truth/invariants.py" \
		    "$tmp/$signal"
		tap_from "$name, $signal only" "$truth/agree.py" \
		    "$tmp/$name" "$tmp/$signal"
	done
done

"$truth/shape.py" "$tmp/basic-http" >"$tmp/http"
"$truth/shape.py" "$tmp/basic-grpc" >"$tmp/grpc"
[ -s "$tmp/http" ] || not_ok "there is a shape"
sed 's/demo-gemini-[a-z]*/demo-gemini/' "$tmp/grpc" >"$tmp/grpc.same"
same_file "$tmp/grpc.same" "$tmp/http" "over HTTP and gRPC the same tree"

# The client puts the prompt of -p on its command line.
for name in privacy basic-http; do
	dir=$captures/gemini-cli/$name
	received "$dir" >"$tmp/raw"
	is "$(grep -c 'process.command_args.*DEMO-PROMPT' "$tmp/raw" |
	    sed 's/^[1-9].*/leaks/')" leaks "$name: the client leaks its prompt"
	is "$(grep -c '"process.command_args"' "$tmp/$name")" 0 \
	    "$name: no record has a command line"
done
is "$(grep -c DEMO-PROMPT "$tmp/privacy")" 0 "privacy: no prompt anywhere"
aitrace-enrich --content=none --drop-used "$tmp/raw" >"$tmp/none"
is "$(grep '"record":"span"' "$tmp/none" | grep -c 'DEMO-PROMPT\|wc -c')" 0 \
    "--content=none: nothing that was said is on a span"

# Killed at any moment: a valid tree, and no cost twice when the rest comes.
for name in err429 basic-http; do
	dir=$captures/gemini-cli/$name
	requests "$dir" >"$tmp/all"
	total=$(wc -l <"$tmp/all")
	i=1
	while [ "$i" -lt "$total" ]; do
		head -n "$i" "$tmp/all" >"$tmp/some"
		mapfile -t files <"$tmp/some"
		aitrace-recv "${files[@]}" | aitrace-enrich | aitrace-price \
		    >"$tmp/cut"
		tap_from "$name, cut after request $i" "$truth/invariants.py" \
		    "$tmp/cut"
		i=$((i + 1))
	done
done

# A run that is resumed uses the same ids: the process tells them apart.
received "$captures/gemini-cli/basic-http" >"$tmp/one"
sed 's/"process.pid":25267/"process.pid":25268/;s/T00:06:/T00:16:/g;'\
's/"\(trace_id\|span_id\|parent_span_id\)":"...../"\1":"fffff/g' \
    "$tmp/one" >"$tmp/two"
cat "$tmp/one" "$tmp/two" | aitrace-enrich >"$tmp/both"
is "$(finished "$tmp/both" | grep -c '"type":"chain"\|type":"chain"')" 2 \
    "a resumed run is a turn of its own"
is "$(finished "$tmp/both" | sed 's/.*"span_id":"\([^"]*\).*/\1/' |
    sort | uniq -d)" "" "and no span stands twice"

for dir in "$captures"/gemini-cli/*/; do
	dir=${dir%/}
	name=${dir##*/}
	received "$dir" >"$tmp/records"
	aitrace-enrich "$tmp/records" >"$tmp/out"
	aitrace-enrich "$tmp/out" >"$tmp/twice"
	same_file "$tmp/twice" "$tmp/out" "$name: enriched twice is once"
done
done_testing
