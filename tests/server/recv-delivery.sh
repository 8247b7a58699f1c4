# Whole, once, or not at all: slow and gone readers, full disks, kill -9.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3

tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" python3 "$top/tests/server/recv_delivery.py"
done_testing
