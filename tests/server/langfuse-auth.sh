# langfuse-auth: every form, every place for keys, a server that says yes, no
# and nothing, and that the secret is seen nowhere.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built langfuse-auth
need python3

tap_from "auth" env PYTHONPATH="$top/tests/server" PYTHONDONTWRITEBYTECODE=1 \
    LANGFUSE_AUTH="$build/langfuse-auth" \
    python3 "$top/tests/server/langfuse_auth.py"
done_testing
