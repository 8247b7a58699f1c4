# aitrace-ship: replay of much, and numbers that add up.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship
need python3

tap_from "ship" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_replay.py"
done_testing
