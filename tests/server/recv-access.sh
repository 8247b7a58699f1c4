# Who may send: tokens, key pairs, TLS, Unix sockets, socket activation.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv
need python3

tap_from "recv" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    AITRACE_RECV="$build/aitrace-recv" python3 "$top/tests/server/recv_access.py"
done_testing
