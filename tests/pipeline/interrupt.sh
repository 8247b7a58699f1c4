# Control-C ends a live pipeline without losing what it has taken.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-recv aitrace-enrich aitrace-price aitrace-filter

tap_from "Control-C" "$top/tests/pipeline/interrupt.py" \
    "$captures/claude-code/basic-http-json"
done_testing
