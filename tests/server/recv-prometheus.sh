# Prometheus itself reads /metrics.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3 prometheus

tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" \
    python3 "$top/tests/server/recv_prometheus.py"
done_testing
