# What contrib has for cron, systemd, Kubernetes, the Collector and Alloy.
# shellcheck shell=bash
. "${srcdir:-.}/tests/lib.sh"
built aitrace-ship aitrace-recv aitrace-enrich aitrace-price
need python3

# cron: the syntax by crontab itself, then each command as cron runs it.
table=$top/contrib/cron/aitrace.crontab
if command -v crontab >/dev/null 2>&1; then
	runs "crontab takes it" 0 crontab -n "$table"
else
	skip "crontab takes it" "crontab is not installed"
fi
commands=$(sed -n 's/^[*0-9][^	]*	//p' "$table")
is "$(printf '%s\n' "$commands" | wc -l | tr -d ' ')" 2 "cron: two commands"
is "$(printf '%s\n' "$commands" | grep -c %)" 0 \
    "cron: none with %, which cron takes for itself"
mkdir -p "$tmp/home/.config/aitrace" "$tmp/home/.local/state/aitrace/spool"
(umask 077; echo pk-lf-cron >"$tmp/home/.config/aitrace/langfuse-public-key"
echo sk-lf-cron >"$tmp/home/.config/aitrace/langfuse-secret-key")
python3 "$top/tests/server/fakeserver.py" --ready "$tmp/ready" \
    --log "$tmp/log" --auth "Basic $(printf pk-lf-cron:sk-lf-cron | base64)" &
owns $!
wait_for 20 test -s "$tmp/ready"
spool=$tmp/home/.local/state/aitrace/spool
record() {
	printf '{"record":"span","trace_id":"%032d","span_id":"%016d","name":"n","start_time":"2026-11-21T00:00:00.000000000Z","end_time":"2026-11-21T00:00:01.000000000Z","attributes":{}}\n' "$1" "$1"
}
# As cron does: /bin/sh in the home directory with the table's variables.
as_cron() {
	# shellcheck disable=SC2046 # the variables are words
	(cd "$tmp/home" && env -i PATH="$build:/usr/bin:/bin" \
	    $(grep -E '^[A-Z_]+=' "$table" | grep -v BASE_URL) \
	    LANGFUSE_BASE_URL="http://$(cat "$tmp/ready")" /bin/sh -c "$1")
}
n=0
while read -r command; do
	n=$((n + 1))
	record $n >"$spool/20261121T03000$n"Z-00000$n.ndjson
	as_cron "$command" >"$tmp/out" 2>&1
	is $? 0 "cron: command $n delivers"
	is "$(cat "$tmp/out")" "" "cron: and says nothing"
	is "$(grep -c '"accepted": true' "$tmp/log")" $n "cron: it has arrived"
done <<EOF
$commands
EOF
record 9 >"$spool/20261121T030009Z-000009.ndjson"
first=$(printf '%s\n' "$commands" | head -n 1 | sed 's/--retry-for 2m/--retry-for 100ms/')
LANGFUSE=$(cat "$tmp/ready")
echo 127.0.0.1:1 >"$tmp/ready"
as_cron "$first" >"$tmp/out" 2>&1
is $? 0 "cron: a server that is away makes no mail by its status"
echo "$LANGFUSE" >"$tmp/ready"

# systemd: what it would complain of, with the programs that were built.
for flavour in system user; do
	mkdir "$tmp/$flavour"
	for unit in "$top/contrib/systemd/$flavour"/aitrace-ship.*; do
		sed "s#/usr/bin/aitrace#$build/aitrace#" "$unit" \
		    >"$tmp/$flavour/${unit##*/}"
	done
	unit=$tmp/$flavour/aitrace-ship.service
	aitrace-ship --dump-options | cut -f 1 >"$tmp/options"
	for option in $(sed -n 's/^ExecStart=//p' "$unit" | tr ' ' '\n' |
	    sed -n 's/^--\([^=]*\).*/\1/p'); do
		grep -qxe "$option" "$tmp/options" ||
		    not_ok "$flavour: there is no --$option"
	done
	like "$(sed -n 's/^SuccessExitStatus=//p' "$unit")" '^75$' \
	    "$flavour: something left is no failure"
	if ! command -v systemd-analyze >/dev/null 2>&1 ||
	    ! systemd-analyze security --help | grep -q -- --offline; then
		skip "$flavour: systemd knows all of it" \
		    "no systemd-analyze that can do it"
		continue
	fi
	for part in service timer path; do
		XDG_RUNTIME_DIR=$tmp systemd-analyze --man=no "--$flavour" \
		    verify "$tmp/$flavour/aitrace-ship.$part" >"$tmp/out" 2>&1
		is "$?:$(grep aitrace "$tmp/out")" 0: \
		    "$flavour: systemd takes the $part"
	done
	runs "$flavour: exposure is 2.0 or less" 0 systemd-analyze security \
	    --no-pager --offline=yes --threshold=20 "$unit"
	is "$(sed -n 's/^PathModified=//p' "$tmp/$flavour/aitrace-ship.path")" \
	    "$(sed -n 's/^ExecStart=.*--spool \([^ ]*\).*/\1/p' \
	    "$top/contrib/systemd/$flavour/aitrace-recv.service")" \
	    "$flavour: watches where the receiver writes"
done

if python3 -c 'import yaml' 2>/dev/null; then
	tap_from "contrib" python3 "$top/tests/meta/contrib.py" "$top" "$build"
else
	skip "Kubernetes, Collector, Alloy" "python3-yaml is not installed"
fi
done_testing
