# aitrace-ship: every kind of destination, TLS, proxies, and what would make
# Langfuse lose a request.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship
need python3

tap_from "ship" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/server/ship_places.py"
done_testing
