# Shapes of Codex runs that no capture holds.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-enrich
tap_from "by hand" python3 "$top/tests/pipeline/codex_shapes.py"
done_testing
