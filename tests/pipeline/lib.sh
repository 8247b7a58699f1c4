# What the pipeline tests share; read after tests/lib.sh.
# shellcheck shell=bash

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
truth=$top/tests/truth

# nobody_home: an empty home directory, so that nothing is read of the
# transcripts and the settings of whoever runs this.
nobody_home() {
	local v
	for v in $(env | sed -n 's/^\([A-Z_]*\)=.*/\1/p' |
	    grep -E '^(CLAUDE|CODEX|GEMINI|OPENCODE)_|^XDG_'); do
		unset "$v"
	done
	export HOME=$tmp/home
	mkdir -p "$HOME"
}

# interrupted FILE COMMAND...: the command gets SIGINT when it has read the file
# on a stdin that goes on. Its status is in $rc, the rest in $tmp/out, $tmp/err.
interrupted() {
	local writer reader
	mkfifo "$tmp/slow"
	{
		cat "$1"
		echo >"$tmp/said"
		exec sleep 60
	} >"$tmp/slow" &
	writer=$!
	owns $writer
	shift
	"$@" <"$tmp/slow" >"$tmp/out" 2>"$tmp/err" &
	reader=$!
	owns $reader
	wait_for 10 test -e "$tmp/said"
	sleep 0.5
	kill -INT $reader
	kill $writer
	wait $reader
	rc=$?
	rm -f "$tmp/slow" "$tmp/said"
}

# requests DIR [SIGNAL...]: the export requests of a capture in order of
# arrival, one path a line.
requests() {
	_dir=$1
	shift
	for _f in "$_dir"/[0-9][0-9][0-9]-*; do
		case $_f in
		*.headers.json|*.decoded.json)
			continue ;;
		esac
		if [ $# -eq 0 ]; then
			printf '%s\n' "$_f"
			continue
		fi
		for _s; do
			case ${_f##*/} in
			[0-9][0-9][0-9]-"$_s".*)
				printf '%s\n' "$_f" ;;
			esac
		done
	done
}

# received DIR [SIGNAL...]: its records
received() {
	requests "$@" >"$tmp/requests"
	mapfile -t _files <"$tmp/requests"
	aitrace-recv "${_files[@]}"
}

# scenario_name DIR: client/scenario
scenario_name() {
	printf '%s\n' "${1#"$captures"/}"
}

# all_captures: every scenario of every client
all_captures() {
	for _d in "$captures"/*/*/; do
		[ -f "$_d/expected.json" ] && printf '%s\n' "${_d%/}"
	done
}

# finished FILE: its finished spans, sorted
finished() {
	grep '"record":"span"' "$1" | grep '"aitrace.agent":' | sort
}
