# aitrace-ship --verify: what has arrived, and what has not.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship
need python3

tap_from "verify" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_verify.py"
done_testing
