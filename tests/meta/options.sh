# The option table of a program is the only truth: its help, manual page and
# completions say the same.
. "${srcdir:-.}/tests/lib.sh"
: "${programs:?programs to look at}"

for p in $programs; do
	built "$p"
	runs "$p: --dump-options" 0 "$p" --dump-options
	cp "$tmp/out" "$tmp/table"
	is "$(awk -F '\t' 'NF != 6' "$tmp/table")" "" "$p: six columns a row"
	cut -f1 "$tmp/table" | sort >"$tmp/names"
	is "$(uniq -d "$tmp/names")" "" "$p: no name stands twice"
	is "$(cut -f2 "$tmp/table" | grep -v -x -e - | sort | uniq -d)" "" \
	    "$p: no letter stands twice"
	is "$(awk -F '\t' '$6 == "-" || $6 == "" { print $1 }' "$tmp/table")" \
	    "" "$p: every option is explained"

	"$p" --help >"$tmp/help"
	grep -o -- '^ *\(-., \)\?--[a-z0-9-]*' "$tmp/help" |
	    sed 's/.*--//' | sort >"$tmp/got"
	same_file "$tmp/got" "$tmp/names" "$p: --help has every option"

	page=$top/man/$p.1
	if [ -f "$page" ]; then
		# Rows like the table's from .It Fl -name, .It Fl l , -name
		# and Ns = Ns Ar arg.
		awk '/^\.It Fl/ {
			letter = name = arg = "-"
			for (i = 3; i <= NF; i++)
				if ($i ~ /^-[a-z]/)
					name = substr($i, 2)
				else if ($i ~ /^[A-Za-z0-9]$/ && arg == "-" &&
				    ($(i - 1) == "Fl"))
					letter = $i
				else if ($i == "Ar")
					arg = "argument"
			print name "\t" letter "\t" arg
		}' "$page" | sort >"$tmp/got"
		awk -F '\t' '{
			print $1 "\t" $2 "\t" ($4 == "-" ? "-" : "argument")
		}' "$tmp/table" | sort >"$tmp/want"
		same_file "$tmp/got" "$tmp/want" \
		    "$p: the manual lists every option as it is"
	else
		not_ok "$p: has a manual page"
	fi

	for shell in bash zsh fish; do
		case $shell in
		bash) file=completions/bash/$p ;;
		zsh) file=completions/zsh/_$p ;;
		fish) file=completions/fish/$p.fish ;;
		esac
		"$top/completions/generate" $shell "$build/$p" >"$tmp/want"
		if [ -f "$top/$file" ]; then
			same_file "$top/$file" "$tmp/want" \
			    "$p: $shell completion is up to date (make completions)"
		else
			not_ok "$p: has a $shell completion (make completions)"
		fi
		if command -v $shell >/dev/null 2>&1; then
			runs "$p: $shell can read it" 0 $shell -n "$tmp/want"
		else
			skip "$p: $shell can read it" "$shell is not installed"
		fi
	done
done

# What bash offers, by asking it.
offered() {
	(
		# shellcheck disable=SC1090
		. "$top/completions/bash/$1" 2>/dev/null || exit
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		COMPREPLY=()
		"_$(printf %s "$1" | tr - _)"
		printf '%s\n' "${COMPREPLY[@]}"
	)
}
is "$(offered aitrace-price --ver | sort | tr '\n' ' ')" \
    "--verbose --version " "bash completes a name"
is "$(offered aitrace-price --unknown s)" skip "bash completes a choice"
is "$(offered aitrace-price --unknown = s)" skip "and after an equals sign"
touch "$tmp/a file"
is "$(cd "$tmp" && offered aitrace-price a)" "a file" \
    "bash completes a file with a space in its name"
done_testing
