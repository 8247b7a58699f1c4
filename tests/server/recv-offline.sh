# Saved requests: JSON in every layout, protobuf, packed; bad files among good.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need gzip zstd

dir=$captures/claude-code/basic-http-json
pbdir=$captures/claude-code/basic-http-protobuf
traces=$(echo "$dir"/*-traces.json)
logs=$(echo "$dir"/*-logs.json)
metrics=$(echo "$dir"/*-metrics.json)
pb=$(echo "$pbdir"/*-traces.pb | cut -d ' ' -f 1)

for f in "$traces" "$logs" "$metrics" "$pb"; do
	[ -f "$f" ] || { not_ok "a capture is there: $f"; done_testing; }
done
aitrace-recv "$traces" >"$tmp/traces.want"
aitrace-recv "$logs" >"$tmp/logs.want"
aitrace-recv "$metrics" >"$tmp/metrics.want"
aitrace-recv "$pb" >"$tmp/pb.want"
cat "$tmp/traces.want" "$tmp/logs.want" "$tmp/metrics.want" >"$tmp/all.want"

# What each must hold, counted in the source.
is "$(grep -c '"record":"span"' "$tmp/traces.want")" \
    "$(grep -o '"spanId"' "$traces" | wc -l)" "every span is a line"
is "$(grep -c '"record":"log"' "$tmp/logs.want")" \
    "$(grep -o '"observedTimeUnixNano"' "$logs" | wc -l)" "every log is a line"
is "$(wc -l <"$tmp/traces.want")" \
    "$(grep -c '"record":"span"' "$tmp/traces.want")" "and nothing else"

runs "files in order" 0 aitrace-recv "$traces" "$logs" "$metrics"
same_file "$tmp/out" "$tmp/all.want" "each gives its lines"
is "$(cat "$tmp/err")" "" "and nothing on stderr"

# -- layouts of JSON ------------------------------------------------------------
for f in "$traces" "$logs" "$metrics"; do
	tr -d '\n' <"$f"
	echo
done >"$tmp/lines.json"
runs "one request a line" 0 aitrace-recv "$tmp/lines.json"
same_file "$tmp/out" "$tmp/all.want" "gives the same lines"
runs "from standard input" 0 aitrace-recv - <"$tmp/lines.json"
same_file "$tmp/out" "$tmp/all.want" "too"
cat "$traces" "$logs" "$metrics" | tr -d '\n' >"$tmp/joined.json"
runs "joined without line ends" 0 aitrace-recv "$tmp/joined.json"
same_file "$tmp/out" "$tmp/all.want" "the same"
if command -v python3 >/dev/null; then
	for f in "$traces" "$logs" "$metrics"; do
		python3 -m json.tool --indent 1 "$f"
	done >"$tmp/pretty.json"
	runs "pretty-printed" 0 aitrace-recv "$tmp/pretty.json"
	same_file "$tmp/out" "$tmp/all.want" "the same"
	sed 's/$/\r/' "$tmp/pretty.json" >"$tmp/crlf.json"
	runs "with DOS line ends" 0 aitrace-recv "$tmp/crlf.json"
	same_file "$tmp/out" "$tmp/all.want" "the same"
else
	skip "pretty-printed" "python3 is not installed"
fi
{ printf '\357\273\277'; cat "$tmp/lines.json"; } >"$tmp/bom.json"
runs "behind a byte-order mark" 0 aitrace-recv "$tmp/bom.json"
same_file "$tmp/out" "$tmp/all.want" "the same"

# -- packed -------------------------------------------------------------------------
gzip -c "$tmp/lines.json" >"$tmp/a.gz"
zstd -q -c "$tmp/lines.json" >"$tmp/a.zst"
runs "gzip, by its first bytes" 0 aitrace-recv "$tmp/a.gz"
same_file "$tmp/out" "$tmp/all.want" "the same"
runs "zstd, by its first bytes" 0 aitrace-recv "$tmp/a.zst"
same_file "$tmp/out" "$tmp/all.want" "the same"
for f in "$traces" "$logs" "$metrics"; do
	tr -d '\n' <"$f" | gzip -c
done >"$tmp/members.gz"
runs "gzip of several members" 0 aitrace-recv - <"$tmp/members.gz"
same_file "$tmp/out" "$tmp/all.want" "the same"
gzip -c "$pb" >"$tmp/traces.pb.gz"
runs "protobuf in gzip" 0 aitrace-recv "$tmp/traces.pb.gz"
same_file "$tmp/out" "$tmp/pb.want" "the same"

# -- the signal of protobuf ---------------------------------------------------------
for signal in traces logs metrics; do
	f=$(echo "$pbdir"/*-$signal.pb | cut -d ' ' -f 1)
	aitrace-recv "$f" >"$tmp/want"
	case $signal in
	traces) kind=span ;;
	logs) kind=log ;;
	metrics) kind=metric ;;
	esac
	is "$(grep -vc "\"record\":\"$kind\"" "$tmp/want")" 0 \
	    "$signal.pb: only ${kind}s, by its name"
	cp "$f" "$tmp/x.bin"
	runs "$signal without a name: told from its content" 0 \
	    aitrace-recv "$tmp/x.bin"
	same_file "$tmp/out" "$tmp/want" "the same lines"
	runs "--signal $signal" 0 aitrace-recv --signal "$signal" - <"$f"
	same_file "$tmp/out" "$tmp/want" "the same lines"
done

# -- bad input among good --------------------------------------------------------
echo 'hello' >"$tmp/text.json"
head -c 1000 "$traces" >"$tmp/half.json"
head -c 1000 "$pb" >"$tmp/half-traces.pb"
head -c 100 "$tmp/a.gz" >"$tmp/half.gz"
: >"$tmp/empty.json"
runs "an empty file is no error" 0 aitrace-recv "$tmp/empty.json"
for bad in text.json half.json half-traces.pb half.gz; do
	runs "$bad between good files" 65 aitrace-recv "$traces" "$tmp/$bad" \
	    "$logs" "$metrics"
	same_file "$tmp/out" "$tmp/all.want" "the good ones are converted"
	like "$(cat "$tmp/err")" "^aitrace-recv: error: .*/$bad(:1)?: ." \
	    "it is named, with a cause"
	is "$(wc -l <"$tmp/err")" 1 "in one line"
done
runs "a directory" 65 aitrace-recv "$tmp" "$traces"
same_file "$tmp/out" "$tmp/traces.want" "is passed over"
like "$(cat "$tmp/err")" "is a directory" "with a word"
runs "a file that is not there" 74 aitrace-recv "$tmp/none.json" "$traces"
same_file "$tmp/out" "$tmp/traces.want" "is passed over"
like "$(cat "$tmp/err")" "none.json: No such file" "with a word"
{
	tr -d '\n' <"$traces"
	printf '\n{"resourceLogs":[{"scope\n'
	tr -d '\n' <"$logs"
	printf '\n{"resourceSpans":[1]}\n[]\n'
	tr -d '\n' <"$metrics"
} >"$tmp/mixed.json"
runs "bad lines among good ones" 65 aitrace-recv "$tmp/mixed.json"
same_file "$tmp/out" "$tmp/all.want" "the good ones are converted"
is "$(grep -o 'mixed.json:[0-9]*' "$tmp/err" | tr '\n' ' ')" \
    "mixed.json:2 mixed.json:4 mixed.json:5 " "each bad one with its line"

# -- limits and ends ----------------------------------------------------------------
runs "--max-body, a document over it" 65 aitrace-recv --max-body 1k \
    "$tmp/lines.json"
like "$(cat "$tmp/err")" "lines.json:1: .*max-body" "says so"
is "$(grep -c max-body "$tmp/err")" 3 "of each document"
head -c 3000000 /dev/zero | gzip -c >"$tmp/bomb-traces.pb.gz"
runs "--max-body, after gzip" 65 aitrace-recv --max-body 1M \
    "$tmp/bomb-traces.pb.gz"
if [ -e /dev/full ]; then
	aitrace-recv "$traces" >/dev/full 2>"$tmp/err"
	is $? 74 "a full disk: exit 74"
	like "$(cat "$tmp/err")" "No space left" "with the cause"
fi
{ aitrace-recv "$traces" "$traces" "$traces"; echo $? >"$tmp/rc"; } \
    2>"$tmp/err" | head -c 1 >/dev/null
like "$(cat "$tmp/rc")" '^(0|141)$' "a reader that leaves"
is "$(cat "$tmp/err")" "" "is no news"

# Each line leaves as soon as the input pauses.
mkfifo "$tmp/in" "$tmp/outpipe"
aitrace-recv - <"$tmp/in" >"$tmp/outpipe" &
owns $!
exec 7>"$tmp/in" 8<"$tmp/outpipe"
tr -d '\n' <"$traces" >&7
echo >&7
n=0
while [ "$n" -lt "$(wc -l <"$tmp/traces.want")" ] && read -r -t 10 _ <&8; do
	n=$((n + 1))
done
is "$n" "$(wc -l <"$tmp/traces.want")" "lines leave when the input pauses"
exec 7>&-
wait $! && ok "and the end of input ends it" || not_ok "ends with 0"
exec 8<&-
done_testing
