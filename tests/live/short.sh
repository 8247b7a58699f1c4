# One live run of a real Claude Code, where it can be had; all of them:
# make check-live.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
. "$top/tests/live/lib.sh"
need python3 node npm
built aitrace-recv aitrace-enrich aitrace-price
live_check parallel http/protobuf
done_testing
