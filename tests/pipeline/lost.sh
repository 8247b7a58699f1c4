# Any request or record may be lost: what is left are still trees, counted once.
# AITRACE_LOST=0: every single record of every run (make nightly).
records=${AITRACE_LOST:-8}
. "${srcdir:-.}/tests/lib.sh"
need python3
built aitrace-recv aitrace-enrich

tap_from "lost" "$top/tests/pipeline/lost.py" "$captures" "$records"
done_testing
