# What every program does alike: help, version, bad options, a full disk, a
# reader that has gone.
. "${srcdir:-.}/tests/lib.sh"
: "${programs:?programs to look at}"
version=$(sed -n 's/^AC_INIT(\[aitrace\], \[\([^]]*\)\].*/\1/p' \
    "$top/configure.ac")

for p in $programs; do
	built "$p"
	runs "$p: --help" 0 "$p" --help
	is "$(cat "$tmp/err")" "" "$p: help goes to stdout"
	like "$(head -n 1 "$tmp/out")" "^usage: $p" "$p: help begins with usage"
	runs "$p: --version" 0 "$p" --version
	is "$(cat "$tmp/out")" "$p $version" "$p: says its version"
	runs "$p: --no-such-option" 64 "$p" --no-such-option
	is "$(cat "$tmp/out")" "" "$p: and nothing on stdout"
	like "$(cat "$tmp/err")" "^$p: error: .*no-such-option" \
	    "$p: and names it"
	if [ -e /dev/full ]; then
		"$p" --help >/dev/full 2>"$tmp/err"
		rc=$?
		[ $rc -ne 0 ]
		is $? 0 "$p: help to a full disk is an error"
		like "$(cat "$tmp/err")" "^$p: error: .*No space" \
		    "$p: and says why"
	fi
done

# The filters: an empty stream, bytes as they came, bad lines, ends of pipes.
line='{"record":"x","n":9007199254740993,"d":3.0,"u":"a\u0000b"}'
for p in $programs; do
	case $p in
	aitrace-enrich|aitrace-price|aitrace-redact) set -- "$p" ;;
	aitrace-filter) set -- "$p" true ;;
	*) continue ;;
	esac
	runs "$p: an empty stream" 0 "$@" /dev/null
	is "$(cat "$tmp/out")" "" "$p: makes nothing of nothing"
	printf '%s\n' "$line" >"$tmp/in"
	runs "$p: a record of another kind" 0 "$@" "$tmp/in"
	same_file "$tmp/out" "$tmp/in" "$p: passes as it came"
	printf '%s\nno json\n%s\n' "$line" "$line" >"$tmp/in"
	runs "$p: a bad line" 65 "$@" "$tmp/in"
	# What cannot be looked at must not pass where secrets are hidden.
	[ "$p" != aitrace-redact ] || sed -i 2d "$tmp/in"
	same_file "$tmp/out" "$tmp/in" "$p: passes too, or goes nowhere"
	like "$(cat "$tmp/err")" "^$p: warning: .*:2: " "$p: with its number"
	printf '%s\nno json\n%s\n' "$line" "$line" >"$tmp/in"
	runs "$p: --strict" 65 "$@" --strict "$tmp/in"
	is "$(grep -c record "$tmp/out")" 1 "$p: stops at it"
	runs "$p: a file that is not there" 74 "$@" "$tmp/not there"
	like "$(cat "$tmp/err")" "not there: No such file" "$p: is named"
	yes "$line" | head -n 100000 >"$tmp/in"
	{ "$@" "$tmp/in"; echo $? >"$tmp/rc"; } 2>"$tmp/err" | head -n 1 >/dev/null
	like "$(cat "$tmp/rc")" '^(141|0)$' "$p: a reader that leaves"
	is "$(cat "$tmp/err")" "" "$p: is no news"
	if [ -e /dev/full ]; then
		"$@" "$tmp/in" >/dev/full 2>"$tmp/err"
		is $? 74 "$p: a full disk"
	fi
done
done_testing
