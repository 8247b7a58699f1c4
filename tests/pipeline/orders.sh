# The order of requests, and how they are cut, changes nothing, for any client.
# AITRACE_ORDERS=1000: so many random ones (make nightly).
orders=${AITRACE_ORDERS:-20}
. "${srcdir:-.}/tests/lib.sh"
need python3
built aitrace-recv aitrace-enrich

tap_from "orders" "$top/tests/pipeline/orders.py" "$captures" "$orders"
done_testing
