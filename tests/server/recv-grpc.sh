# OTLP/gRPC: answers, recorded calls, back-pressure, shutdown, enemies.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need node

tap_from "gRPC" timeout 120 node "$top/tests/server/recv_grpc.js" \
    "$build/aitrace-recv" "$captures"
done_testing
