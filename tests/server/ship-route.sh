# aitrace-ship --route: every record to its own destination and to no other.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship aitrace-recv
need python3

tap_from "route" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_route.py"
done_testing
