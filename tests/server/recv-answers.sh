# Every answer of aitrace-recv that the OTLP specification and HTTP ask for.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3 zstd

tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" python3 "$top/tests/server/recv_answers.py"
done_testing
