# The shipped price book against both public tables it was made from, and every
# spelling of a model they contain.
. "${srcdir:-.}/tests/lib.sh"
need python3
built aitrace-price
t=$top/tests/price
book=$top/src/price/prices.json
lite=$t/sources/litellm.json.xz lang=$t/sources/langfuse.json.xz
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

tap_from book "$t/check_book.py" "$book" "$lite" "$lang" "$t/differences.tsv"

"$t/spellings.py" make "$lite" "$lang" >"$tmp/names"
aitrace-price "$tmp/names" >"$tmp/priced" 2>"$tmp/err"
is $? 0 "every spelling is priced"
is "$(cat "$tmp/err")" "" "without a word"
"$t/spellings.py" check <"$tmp/priced" >"$tmp/checked"
tap_from names cat "$tmp/checked"

# Vectors: model, date, options, tokens, total worked out by hand, rule.
while IFS='	' read -r model at opts tokens want rule; do
	case $model in
	''|'#'*)
		continue ;;
	esac
	[ "$opts" = - ] && opts=
	# shellcheck disable=SC2086
	got=$(aitrace-price --explain "$model" --at "$at" $opts \
	    --tokens "$tokens" | sed -n 's/^total  *\(.*\) USD$/\1/p')
	is "$got" "$want" "$model: $rule"
done <"$t/vectors.tsv"
done_testing
