# What the OTLP specification asks of a server, sentence by sentence.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3 curl

if ! curl --version | grep -q HTTP2; then
	skip "conformance" "curl has no HTTP/2"
	done_testing
	exit
fi
tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" \
    python3 "$top/tests/server/recv_conformance.py"
done_testing
