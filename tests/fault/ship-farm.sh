# aitrace-ship killed, on full disks, before servers that fail: nothing is
# lost. AITRACE_KILLS and AITRACE_SEED make it another run; see make fault.
# shellcheck shell=bash
kills=${AITRACE_KILLS:-20} seed=${AITRACE_SEED:-1}
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship
need python3

tap_from "fault" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_SHIP="$build/aitrace-ship" \
    python3 "$top/tests/fault/farm.py" "$kills" "$seed"
done_testing
