# Test Anything Protocol for shell tests. A test starts with
#
#	. "${srcdir:-.}/tests/lib.sh"
#
# and ends with done_testing. Programs of the build are on PATH; $tmp is a
# fresh directory, removed at exit; $top is the source tree. Nothing of the
# caller's environment that could change a program's behaviour reaches it.
# shellcheck shell=bash

top=${abs_top_srcdir:-$(cd "${srcdir:-.}" && pwd)}
build=${abs_top_builddir:-$PWD}
captures=$top/tests/fixtures/captures
PATH=${TEST_WRAPPERS:+$TEST_WRAPPERS:}$build:$PATH
for _v in $(env | sed -n 's/^\([A-Z_]*\)=.*/\1/p' |
    grep -E '^(OTEL_|LANGFUSE_|GITHUB_|LANGSMITH_|CLAUDE_|ANTHROPIC_|AITRACE_|TRACE(PARENT|STATE)$|NO_COLOR$|CLICOLOR|COLUMNS$|https?_proxy$|HTTPS?_PROXY$|ALL_PROXY$)')
do
	unset "$_v"
done
AITRACE_DATADIR=$top/src/price	# the price book, not installed yet
AITRACE_RULES=$top/src/redact/redact.json
LC_ALL=C.UTF-8 TZ=UTC
export PATH AITRACE_DATADIR AITRACE_RULES LC_ALL TZ

_n=0 _failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/aitrace-test.XXXXXX") || exit 99
_pids=
_cleanup() {
	_rc=$?
	for _p in $_pids; do
		kill "$_p" 2>/dev/null && wait "$_p" 2>/dev/null
	done
	rm -rf "$tmp"
	exit "$_rc"
}
trap _cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Marks a process as ours, to be ended with the test.
owns() {
	_pids="$_pids $1"
}

ok() {
	_n=$((_n + 1))
	printf 'ok %d - %s\n' "$_n" "$1"
}

not_ok() {
	_n=$((_n + 1)) _failed=$((_failed + 1))
	printf 'not ok %d - %s\n' "$_n" "$1"
}

# Explains, on lines that count for nothing.
note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# note, for what a command printed: at most 40 lines of a file or stdin.
note_file() {
	head -n 40 "${1:--}" | cut -c1-400 | sed 's/^/# /'
}

# is GOT WANT NAME
is() {
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3"
		note "got:  $1"
		note "want: $2"
	fi
}

# like TEXT EXTENDED-REGEX NAME
like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then
		ok "$3"
	else
		not_ok "$3"
		note "got:    $1"
		note "wanted: $2"
	fi
}

# unlike TEXT EXTENDED-REGEX NAME
unlike() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then
		not_ok "$3"
		note "got:      $1"
		note "unwanted: $2"
	else
		ok "$3"
	fi
}

# same_file GOT WANT NAME: equal bytes
same_file() {
	if cmp -s "$1" "$2"; then
		ok "$3"
	else
		not_ok "$3"
		diff -u "$2" "$1" | note_file
	fi
}

# runs NAME WANTED-STATUS COMMAND...: output in $tmp/out and $tmp/err
runs() {
	_name=$1 _want=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err"
	_got=$?
	if [ "$_got" -eq "$_want" ]; then
		ok "$_name"
	else
		not_ok "$_name"
		note "exit status $_got, wanted $_want"
		note_file "$tmp/err"
	fi
}

# skip NAME WHY: one test point that could not be had here
skip() {
	_n=$((_n + 1))
	printf 'ok %d - %s # SKIP %s\n' "$_n" "$1" "$2"
}

# skip_all WHY: the whole file
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# need COMMAND...: skips the whole file where one is missing
need() {
	for _c; do
		command -v "$_c" >/dev/null 2>&1 ||
		    skip_all "$_c is not installed"
	done
}

# built PROGRAM...: skips the whole file where one of ours is not built
built() {
	for _c; do
		[ -x "$build/$_c" ] || skip_all "$_c is not built"
	done
}

# wait_for SECONDS COMMAND...: until the command succeeds; 1 when it never did
wait_for() {
	_end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$_end" ] || return 1
		sleep 0.05
	done
}

# Takes TAP without a plan from another program, e.g. a checker, as points of
# this test: tap_from NAME COMMAND... . Its exit status must agree.
tap_from() {
	_name=$1
	shift
	"$@" >"$tmp/tap" 2>"$tmp/tap.err"
	_rc=$? _bad=0
	while IFS= read -r _line; do
		case $_line in
		"not ok "*)
			_bad=1
			not_ok "$_name: ${_line#not ok *- }" ;;
		"ok "*"# SKIP "*)
			_t=${_line#ok *- }
			skip "$_name: ${_t%% # SKIP*}" "${_t#*# SKIP }" ;;
		"ok "*)
			ok "$_name: ${_line#ok *- }" ;;
		1..*) ;;
		*)
			printf '%s\n' "$_line" ;;
		esac
	done <"$tmp/tap"
	if ! grep -q '^1\.\.' "$tmp/tap"; then
		not_ok "$_name: ran to its end"
		note_file "$tmp/tap.err"
	elif [ "$_rc" -ne 0 ] && [ "$_bad" -eq 0 ]; then
		not_ok "$_name: exit status $_rc"
		note_file "$tmp/tap.err"
	fi
}

done_testing() {
	printf '1..%d\n' "$_n"
	[ "$_failed" -eq 0 ]
	exit
}
