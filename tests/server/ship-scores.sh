# aitrace-ship: scores go to Langfuse, once in effect, and nowhere else.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship
need python3

tap_from "scores" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_scores.py"
done_testing
