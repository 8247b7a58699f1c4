# Each header compiles alone, and twice.
. "${srcdir:-.}/tests/lib.sh"
: "${CC:=cc}"
# shellcheck disable=SC2086
need ${CC%% *}
flags=$(pkg-config --cflags libbsd-overlay 2>/dev/null)
cd "$top/src" || exit 1
for h in */*.h; do
	printf '#include "%s"\n#include "%s"\n' "$h" "$h" >"$tmp/alone.c"
	# shellcheck disable=SC2086
	if $CC -std=gnu11 -D_GNU_SOURCE -include "$build/config.h" \
	    -Wall -Wextra -Werror -I. $flags -fsyntax-only "$tmp/alone.c" \
	    2>"$tmp/err"
	then
		ok "$h"
	else
		not_ok "$h"
		note_file "$tmp/err"
	fi
done
done_testing
