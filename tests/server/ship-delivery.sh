# aitrace-ship: what was delivered and told, whatever the server does.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship
need python3

tap_from "ship" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_delivery.py"
done_testing
