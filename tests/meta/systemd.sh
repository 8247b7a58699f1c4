# The units: known to systemd, exposing little, with options that exist.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-recv

aitrace-recv --dump-options | cut -f 1 >"$tmp/options"
for flavour in system user; do
	unit=$top/contrib/systemd/$flavour/aitrace-recv.service
	missing=
	for option in $(sed -n 's/^ExecStart=//p' "$unit" | tr ' ' '\n' |
	    sed -n 's/^--\([^=]*\).*/\1/p'); do
		grep -qxe "$option" "$tmp/options" || missing="$missing $option"
	done
	is "$missing" "" "$flavour: all options of ExecStart exist"
	is "$(sed -n 's/^ListenStream=//p' "${unit%service}socket" | tr '\n' ' ')" \
	    "127.0.0.1:4318 127.0.0.1:4317 " "$flavour: HTTP, then gRPC"
	if ! command -v systemd-analyze >/dev/null 2>&1 ||
	    ! systemd-analyze security --help | grep -q -- --offline; then
		skip "$flavour: exposure" "no systemd-analyze that can do it"
		continue
	fi
	# In tenths; systemd complains of what it does not know on stderr.
	if systemd-analyze security --no-pager --offline=yes --threshold=20 \
	    "$unit" >"$tmp/out" 2>"$tmp/err"; then
		ok "$flavour: exposure is 2.0 or less"
	else
		not_ok "$flavour: exposure is 2.0 or less"
		tail -n 1 "$tmp/out" | sed 's/^/# /'
	fi
	is "$(cat "$tmp/err")" "" "$flavour: systemd knows all of it"
done
done_testing
