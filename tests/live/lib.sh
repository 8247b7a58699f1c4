# A live run of a real client into a running pipeline; read after tests/lib.sh
# and tests/pipeline/lib.sh.
# shellcheck shell=bash

live=$top/tests/live
cli=${cli:-claude}		# of run-cli
live_rc=0			# how the client is to end
live_listen=			# where the receiver listens, if it matters

# The prompt given to a scenario, so that the truth is known to the checker.
live_prompt() {
	case $1 in
	unicode) printf '%s' 'Repeat: 😀 👩‍👩‍👧‍👦 🇫🇷 שלום מרحبا 𠀀 é \u0000 %00 and read naïve-😀-שלום.txt' ;;
	*) printf 'Live check of %s, please.' "$1" ;;
	esac
}

# live_start: a receiver at $address and, for gRPC, $grpc; its pipeline writes
# to $tmp/live, and what came to $tmp/received. live_stop ends it and waits for
# all of it.
live_start() {
	rm -f "$tmp/ready" "$tmp/live" "$tmp/done"
	mkfifo "$tmp/ready" 2>/dev/null || return 1
	# shellcheck disable=SC2086
	aitrace-recv ${live_listen:---listen 127.0.0.1:0 --grpc 127.0.0.1:0} \
	    --ready-fd 7 \
	    7>"$tmp/ready" 2>"$tmp/recv.err" \
	    > >(tee "$tmp/received" | aitrace-enrich 2>"$tmp/enrich.err" |
	    aitrace-price >"$tmp/live" 2>"$tmp/price.err"; : >"$tmp/done") &
	recv=$!
	owns $recv
	{
		read -r address && read -r _word grpc
	} <"$tmp/ready"
}

live_stop() {
	kill -TERM $recv
	wait $recv
	recv_rc=$?
	wait_for 20 test -e "$tmp/done"
}

# live_run SCENARIO PROTOCOL [OPTION...]: the finished stream in $tmp/live, the
# truth in $tmp/truth.jsonl. 0 when the client ended with $live_rc; 2 when it
# cannot be had here; 1 otherwise.
live_run() {
	_scenario=$1 _protocol=$2
	shift 2
	rm -f "$tmp/truth.jsonl"
	live_start || return 1
	_to=http://$address
	case $_protocol in
	grpc) _to=http://$grpc ;;
	default) _to=default _protocol=grpc ;;
	esac
	"$live/run-cli" "$cli" "$_scenario" --otlp "$_to" \
	    --protocol "$_protocol" --prompt "$(live_prompt "$_scenario")" \
	    --truth "$tmp/truth.jsonl" "$@" >"$tmp/cli.out" 2>&1
	rc=$?
	live_stop
	if grep -q 'could not install\|no program in' "$tmp/cli.out"; then
		return 2
	fi
	[ $rc -eq $live_rc ] && [ $recv_rc -eq 0 ]
}

# live_ended SCENARIO: a test of a client that does not tell all takes what it
# cannot have told out of the truth.
live_ended() {
	:
}

# live_check SCENARIO PROTOCOL [OPTION...]: the run and what must hold of it
live_check() {
	live_run "$@"
	case $? in
	2)
		skip "$1 over $2" "$cli cannot be had here" ;;
	0)
		ok "$1 over $2: client and receiver end well"
		live_ended "$1"
		is "$(cat "$tmp/recv.err" "$tmp/enrich.err" "$tmp/price.err")" \
		    "" "$1 over $2: no stage complains"
		tap_from "$1 over $2" "$truth/check_truth.py" \
		    --live "$tmp/truth.jsonl" --scenario "$1" \
		    --prompt "$(live_prompt "$1")" "$tmp/live"
		tap_from "$1 over $2" "$truth/invariants.py" "$tmp/live" ;;
	*)
		not_ok "$1 over $2: client and receiver end well"
		note_file "$tmp/cli.out"
		note_file "$tmp/recv.err" ;;
	esac
}
