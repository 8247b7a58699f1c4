# make install puts everything where Debian looks for it, and nothing elsewhere.
. "${srcdir:-.}/tests/lib.sh"
: "${programs:?programs to look at}"
[ -f "$build/Makefile" ] || skip_all "not in a build directory"
unset MAKEFLAGS MFLAGS MAKELEVEL TESTS

cd "$build" || exit 1
prefix=$(sed -n 's/^prefix = //p' Makefile)
runs "make install" 0 make install DESTDIR="$tmp/root"
(cd "$tmp/root" && find . -type f | sed 's|^\.||' | sort) >"$tmp/got"
{
	for p in $programs; do
		echo "$prefix/bin/$p"
		echo "$prefix/share/bash-completion/completions/$p"
		echo "$prefix/share/fish/vendor_completions.d/$p.fish"
		echo "$prefix/share/zsh/vendor-completions/_$p"
	done
	for page in "$top"/man/*.[1-9]; do
		echo "$prefix/share/man/man${page##*.}/${page##*/}"
	done
	echo "$prefix/share/aitrace/prices.json"
	echo "$prefix/share/aitrace/redact.json"
} | sort >"$tmp/want"
same_file "$tmp/got" "$tmp/want" "everything in its place"
is "$(find "$tmp/root" -type f -perm /0022)" "" "nothing others can write"
is "$(find "$tmp/root$prefix/share" -type f -perm /0111)" "" \
    "nothing in share is a program"
for p in $programs; do
	env -i "$tmp/root$prefix/bin/$p" --version >"$tmp/out" 2>&1
	is $? 0 "$p runs where it is installed"
done
runs "make uninstall" 0 make uninstall DESTDIR="$tmp/root"
is "$(find "$tmp/root" -type f)" "" "leaves nothing"
done_testing
