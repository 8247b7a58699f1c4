# The stage that newcomers copy: what it changes, and what it must not.
. "${srcdir:-.}/tests/lib.sh"
built example-stage

cat >"$tmp/in" <<'X'
{"record":"span","attributes":{"a":9007199254740993,"b":3.0,"c":"x\u0000y"},"zz":[1, 2]}
{"record":"log","body":"hi"}
{"record":"something","attributes":{}}
no record
{"record":"metric", "attributes" : { "example.mark" : "old" , "k":1e2 } }
X
cat >"$tmp/want" <<'X'
{"record":"span","attributes":{"a":9007199254740993,"b":3.0,"c":"x\u0000y","example.mark":"seen"},"zz":[1, 2]}
{"record":"log","body":"hi","attributes":{"example.mark":"seen"}}
{"record":"something","attributes":{}}
no record
{"record":"metric", "attributes" : { "example.mark" : "seen" , "k":1e2 } }
X
example-stage <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
is $? 65 "a line that is no record makes the exit status 65"
is "$(cat "$tmp/out")" "$(cat "$tmp/want")" "only the mark is changed"
is "$(cat "$tmp/err")" \
    "example-stage: warning: stdin:4: not a JSON object; passed on as it is" \
    "the first bad line is told with its number"
example-stage <"$tmp/want" 2>/dev/null | cmp -s - "$tmp/want"
is $? 0 "twice is once"
example-stage --strict <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
is $? 65 "--strict: the same status"
is "$(wc -l <"$tmp/out")" 3 "and nothing behind the bad line"
example-stage --mark=x --spans-only "$tmp/in" 2>/dev/null |
    jq -rR 'fromjson? | .attributes["example.mark"] // "-"' >"$tmp/out"
is "$(paste -sd' ' "$tmp/out")" "x - - old" "options, and a file to read"
example-stage "$tmp/none" "$tmp/want" >"$tmp/out" 2>"$tmp/err"
is $? 74 "a file that is not there"
is "$(cat "$tmp/err" | head -n 1)" \
    "example-stage: error: $tmp/none: No such file or directory" \
    "is named with the cause"
is "$(wc -l <"$tmp/out")" 5 "and the others are read"
example-stage <"$tmp/want" >/dev/full 2>"$tmp/err"
is $? 74 "a full disk"
is "$(cat "$tmp/err" | tail -n 1)" \
    "example-stage: error: stdout: No space left on device" "is told"
printf '%s' '{"record":"log"}' | example-stage >"$tmp/out"
is "$(cat "$tmp/out")" '{"record":"log","attributes":{"example.mark":"seen"}}' \
    "a last line without its newline"
head -c 3000 /dev/zero | tr '\0' x >"$tmp/long"
{ printf '{"a":"'; cat "$tmp/long"; printf '"}\n{"record":"log"}\n'; } \
    >"$tmp/in"
example-stage --max-line=1k <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
is $? 65 "a line over --max-line is a bad one"
is "$(head -n 1 "$tmp/out")" "$(head -n 1 "$tmp/in")" "but goes on whole"
is "$(tail -n 1 "$tmp/out")" \
    '{"record":"log","attributes":{"example.mark":"seen"}}' \
    "and the next one is read"
mkfifo "$tmp/fifo"
example-stage -v <"$tmp/fifo" >"$tmp/live" 2>"$tmp/live.err" &
pid=$!
exec 9>"$tmp/fifo"
printf '{"record":"log"}\n' >&9
n=0
while [ ! -s "$tmp/live" ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
is "$(wc -l <"$tmp/live")" 1 "a pause of the input flushes the output"
printf '{"record":"log"}\n{"half' >&9
kill -TERM $pid
wait $pid
is $? 0 "SIGTERM ends it well"
exec 9>&-
is "$(tail -n 1 "$tmp/live.err")" "example-stage: info: in=$(wc -l <"$tmp/live") bad=0 marked=$(wc -l <"$tmp/live")" \
    "and -v sums up"
done_testing
