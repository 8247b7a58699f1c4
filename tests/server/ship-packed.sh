# Packed segments of a spool are delivered like the others.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv aitrace-ship
need python3

tap_from "ship" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_packed.py"
done_testing
