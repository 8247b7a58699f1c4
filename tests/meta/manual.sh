# The manual: one page per program and format, clean, complete, and every page
# it points to is there.
. "${srcdir:-.}/tests/lib.sh"
: "${programs:?programs to look at}"
need mandoc

for page in "$top"/man/*.[1-9]; do
	name=${page##*/}
	mandoc -Tlint -W warning "$page" >"$tmp/lint" 2>&1
	is $? 0 "$name: mandoc has nothing to complain of"
	note_file "$tmp/lint"
	case $page in
	*.1) want="NAME SYNOPSIS DESCRIPTION EXIT.STATUS EXAMPLES SEE.ALSO" ;;
	*.7) want="NAME DESCRIPTION EXAMPLES SEE.ALSO" ;;
	*) want="NAME DESCRIPTION SEE.ALSO" ;;
	esac
	for section in $want; do
		grep -q "^\.Sh \"\?$section" "$page" ||
		    not_ok "$name: has $section"
	done
	grep '^\.Xr ' "$page" | while read -r _ ref section _; do
		case $ref in
		aitrace*|langfuse*)
			[ -f "$top/man/$ref.$section" ] ||
			    echo "$ref($section)" ;;
		esac
	done | sort -u >"$tmp/missing"
	is "$(cat "$tmp/missing")" "" "$name: points to pages that exist"
done
for p in $programs; do
	if [ -f "$top/man/$p.1" ]; then
		ok "$p has a page"
	else
		not_ok "$p has a page"
	fi
	like "$(grep "^\.Xr $p 1" "$top/man/aitrace.7" 2>/dev/null)" . \
	    "aitrace(7) names $p"
done
done_testing
