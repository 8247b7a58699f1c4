# The tree itself: shell that parses, files that are dist'ed, no trace of the
# machine it was made on.
. "${srcdir:-.}/tests/lib.sh"

cd "$top" || exit 1
if [ -e .git ] && command -v git >/dev/null 2>&1; then
	git ls-files >"$tmp/files"
else
	find . -type f | sed 's|^\./||' >"$tmp/files"
fi
scripts=$(while IFS= read -r f; do
	case $f in
	build-aux/*|configure*|aclocal*|*.m4|tests/fixtures/*) continue ;;
	*.sh) echo "$f" ;;
	*)
		case $(head -c 64 "$f" 2>/dev/null | head -n 1 | tr -d '\0') in
		'#!/bin/sh'*|'#!/usr/bin/env bash'*|'#!/bin/bash'*)
			echo "$f" ;;
		esac ;;
	esac
done <"$tmp/files")
for f in $scripts; do
	bash -n "$f" 2>"$tmp/err" || {
		not_ok "$f: bash can read it"
		note_file "$tmp/err"
	}
done
like "$scripts" 'contrib/check' "there are scripts, and bash can read them"
if command -v shellcheck >/dev/null 2>&1; then
	# shellcheck disable=SC2086
	shellcheck -x -S warning -e SC1091,SC2154,SC2034 -s bash $scripts \
	    >"$tmp/out"
	is $? 0 "shellcheck has no warning"
	note_file "$tmp/out"
else
	skip "shellcheck has no warning" "shellcheck is not installed"
fi

# Paths of machines. /home/me is the stand-in of the captures.
grep -v -e '^tests/fixtures/' -e '^build' -e '^autom4te' -e '^tests/meta/tree.sh' -e '^src/redact/' "$tmp/files" >"$tmp/ours"
xargs -d '\n' grep -nIE '(^|[^a-z.])/(root|Users|work|builds|workspace)/|/home/[a-z]' \
    <"$tmp/ours" 2>/dev/null |
    grep -v -e '/home/me\b' -e '/home/runner' >"$tmp/out"
is "$(cat "$tmp/out")" "" "no path of the machine it was made on"

# Generated things are not kept.
grep -E '\.(o|a|log|trs|pyc)$|^(configure|Makefile\.in|Makefile)$|__pycache__|node_modules' \
    "$tmp/files" >"$tmp/out"
if [ -e .git ]; then
	is "$(cat "$tmp/out")" "" "nothing generated is kept"
else
	skip "nothing generated is kept" "not a repository"
fi
done_testing
