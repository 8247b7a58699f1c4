# aitrace-ship --spool: a spool is delivered, and forgotten no sooner than it
# was accepted.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv aitrace-ship
need python3

tap_from "ship" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_spool.py"
done_testing
