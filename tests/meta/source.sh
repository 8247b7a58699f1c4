# The rules of src/README hold in src.
. "${srcdir:-.}/tests/lib.sh"
need python3
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
tap_from source "$top/tests/meta/source.py" "$top"

# And the check can fail: a tree that breaks each rule once.
mkdir -p "$tmp/bad/src/base" "$tmp/bad/src/cmd"
cat >"$tmp/bad/src/base/util.c" <<'BAD'
#include "json/scan.h"
#include <curl/curl.h>
#define TRY(x) if (!(x)) return

void
f(char *d, const char *s)
{
	strcpy(d, s);	/* exit(1) in a comment is nothing */
	fprintf(stderr, "exit(2) in a string is nothing");
	exit(3);
}
BAD
"$top/tests/meta/source.py" "$tmp/bad" >"$tmp/out" 2>&1
for rule in "includes point downward" "one door for curl/curl.h" \
    "only programs end the process" "only base/log speaks to stderr" \
    "no banned function" "no macro hides control flow" \
    "no file named for nothing in particular" \
    "every source file says what it is"
do
	like "$(grep "^not ok .* $rule\$" "$tmp/out")" . "broken and seen: $rule"
done
is "$(grep -c 'util.c:.*exit()' "$tmp/out")" 1 \
    "comments and strings are no code"
done_testing
