# Secrets planted all over the recordings of every client: none survives, and
# nothing that is there by itself is taken for one.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
built aitrace-redact aitrace-recv aitrace-enrich
need python3
for _d in "$captures"/*/*/; do
	received "${_d%/}"
done >"$tmp/raw" 2>"$tmp/err"
aitrace-enrich "$tmp/raw" >"$tmp/records" 2>>"$tmp/err"
note "$(wc -l <"$tmp/records") records"
tap_from captures python3 "$top/tests/pipeline/redact.py" captures \
    "$tmp/records"
done_testing
