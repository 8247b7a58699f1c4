# Clients that misbehave, a slow crowd, and the same for a while.
# shellcheck shell=bash
soak=${AITRACE_SOAK:-30} crowd=${AITRACE_CROWD:-400}	# more: make soak
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3

tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" AITRACE_SOAK="$soak" \
    AITRACE_CROWD="$crowd" python3 "$top/tests/server/recv_hostile.py"
done_testing
