# The spool: durable before the answer, whole after any crash, bounded.
# shellcheck shell=bash
crashes=${AITRACE_CRASHES:-25}	# 200: make nightly
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3

tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" AITRACE_CRASHES="$crashes" \
    python3 "$top/tests/server/recv_spool.py"
done_testing
