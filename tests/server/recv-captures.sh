# What was recorded of every client, sent over HTTP, equals the same offline.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3

tap_from "captures" env PYTHONPATH="$top/tests/server" \
    PYTHONDONTWRITEBYTECODE=1 AITRACE_RECV="$build/aitrace-recv" \
    python3 "$top/tests/server/recv_captures.py" "$captures"
done_testing
