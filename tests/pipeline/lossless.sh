# OTLP -> record -> OTLP loses nothing: every capture of every client, and
# requests made by hand that use every field OTLP has, in both encodings and
# from each into the other, against an independent reading of the messages.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built otlp-convert

for dir in "$captures"/*/*/ "$top/tests/fixtures/otlp/"; do
	requests "${dir%/}" traces logs metrics >"$tmp/requests"
	mapfile -t files <"$tmp/requests"
	[ ${#files[@]} -gt 0 ] || continue
	tap_from lossless "$top/tests/pipeline/lossless.py" \
	    "$build/otlp-convert" "${files[@]}"
done

# The text that came with a protobuf capture gives the very same records.
for text in "$captures"/*/*/*.decoded.json; do
	pb=${text%.decoded.json}.pb
	signal=${pb##*-}
	signal=${signal%.pb}
	otlp-convert "$signal" pb record <"$pb" >"$tmp/a" 2>/dev/null
	otlp-convert "$signal" json record <"$text" >"$tmp/b" 2>/dev/null
	[ -s "$tmp/a" ] || not_ok "$pb has records"
	same_file "$tmp/a" "$tmp/b" "${pb#"$captures"/}: as its text"
done
done_testing
