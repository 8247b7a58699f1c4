# Damaged transcripts and odd places: told once, the rest counted, exit 65.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import

made=$top/tests/pipeline/transcripts.py

# tokens: calls and tokens of the spans on stdin
tokens() {
	jq -s -r '[.[] | .attributes["llm.token_count.total"] // empty] |
	    "\(length) \(add)"'
}

# damaged NAME WHY WANT PATH...: what it is said to be, and what still counts
damaged() {
	_what=$1 _why=$2 _tokens=$3
	shift 3
	runs "$_what: exit 65" 65 aitrace-import "$@"
	like "$(cat "$tmp/err")" "$_why" "$_what: says so"
	is "$(grep -c . "$tmp/err")" 1 "$_what: once"
	is "$(tokens <"$tmp/out")" "$_tokens" "$_what: the rest counts"
}

python3 "$made" blocks "$tmp" >"$tmp/want"
file=$tmp/blocks.jsonl	# two calls, 36 tokens
is "$(aitrace-import "$file" | tokens)" "2 36" "a whole one"

head -c -100 "$file" >"$tmp/torn.jsonl"
damaged "torn last line" 'torn\.jsonl:6: ' "1 18" "$tmp/torn.jsonl"

sed '2s/looking/look\xffing/; 3s/looking/look\xffing/' "$file" \
    >"$tmp/utf.jsonl"
damaged "invalid UTF-8" 'utf\.jsonl:3: invalid UTF-8' "2 36" "$tmp/utf.jsonl"
like "$(cat "$tmp/out")" 'look�ing' "invalid UTF-8: replaced"

python3 - "$file" "$tmp" <<'EOF'
import sys
with open(sys.argv[1], 'rb') as f:
    lines = f.read().split(b'\n')
# Half a line, and another writer's behind it.
with open(sys.argv[2] + '/spliced.jsonl', 'wb') as f:
    f.write(b'\n'.join(lines[:2] + [lines[2][:200] + lines[5]] + lines[3:5]))
with open(sys.argv[2] + '/nul.jsonl', 'wb') as f:
    f.write(b'\n'.join(lines[:3] + [b'\0' * 4096 + b'{"type":\0'] +
                       lines[3:]))
with open(sys.argv[2] + '/deep.jsonl', 'wb') as f:
    f.write(b'\n'.join(lines[:3] + [b'{"a":' + b'[' * 100000] + lines[3:]))
EOF
damaged "interleaved writers" 'spliced\.jsonl:3: ' "2 36" "$tmp/spliced.jsonl"
damaged "nesting without end" 'deep\.jsonl:4: ' "2 36" "$tmp/deep.jsonl"
runs "a hole of zeros" 0 aitrace-import "$tmp/nul.jsonl"
is "$(tokens <"$tmp/out")" "2 36" "a hole of zeros: the rest counts"

# No damage, and nothing is left out: many objects on a line, white space in
# odd places, more tokens than there can be.
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		printf '{"x":1}'
	done
	tr -d '\n' <"$file"
} >"$tmp/joined.jsonl"
runs "objects on a line" 0 aitrace-import "$tmp/joined.jsonl"
is "$(tokens <"$tmp/out")" "2 36" "objects on a line: however many"
sed 's/{"/{ "/g' "$file" >"$tmp/spaced.jsonl"
runs "a space behind a brace" 0 aitrace-import "$tmp/spaced.jsonl"
is "$(tokens <"$tmp/out")" "2 36" "a space behind a brace: all counts"
jq -c 'if .message.usage? then .message.usage |=
    (.input_tokens = "9223372036854775807" |
    .output_tokens = "9223372036854775807") else . end' "$file" \
    >"$tmp/many.jsonl"
runs "tokens without end" 0 aitrace-import "$tmp/many.jsonl"
is "$(grep -o '"llm.token_count.total":[-0-9]*' "$tmp/out" | sort -u)" \
    '"llm.token_count.total":9223372036854775807' \
    "tokens without end: none is owed"

# A line of 200 MB, which no memory is wasted on.
{
	sed -n 1,3p "$file"
	printf '{"type":"user","message":{"role":"user","content":"'
	head -c 200000000 /dev/zero | tr '\0' x
	printf '"}}\n'
	sed -n '4,$p' "$file"
} >"$tmp/long.jsonl"
damaged "a line of 200 MB" 'long\.jsonl:4: line longer' "2 36" \
    "$tmp/long.jsonl"
rm "$tmp/long.jsonl"

mkdir -p "$tmp/loop/a"
ln -s .. "$tmp/loop/a/up"
cp "$file" "$tmp/loop/a"
damaged "a circle of folders" 'a/up: the folder leads back' "2 36" "$tmp/loop"

mkdir "$tmp/shut"
cp "$file" "$tmp/shut/open.jsonl"
damaged "no such file" 'nothing: No such file' "2 36" "$tmp/nothing" \
    "$tmp/shut"
cp "$file" "$tmp/shut/shut.jsonl"
chmod 0 "$tmp/shut/shut.jsonl"
# Who may read everything becomes somebody who may not.
if [ ! -r "$tmp/shut/shut.jsonl" ]; then
	as_somebody() {
		"$@"
	}
elif command -v setpriv >/dev/null 2>&1; then
	chmod 711 "$tmp"
	chmod 755 "$tmp/shut"
	chmod 644 "$tmp/shut/open.jsonl"
	cp "$(command -v aitrace-import)" "$tmp/import"
	chmod 755 "$tmp/import"
	as_somebody() {
		shift
		setpriv --reuid=65534 --regid=65534 --clear-groups \
		    "$tmp/import" "$@"
	}
else
	as_somebody() {
		false
	}
fi
if as_somebody aitrace-import --version >/dev/null 2>&1; then
	runs "no permission: exit 65" 65 as_somebody aitrace-import \
	    "$tmp/shut"
	like "$(cat "$tmp/err")" 'shut\.jsonl: Permission denied' \
	    "no permission: says so"
	is "$(grep -c . "$tmp/err")" 1 "no permission: once"
	is "$(tokens <"$tmp/out")" "2 36" "no permission: the rest counts"
else
	skip "no permission" "this user may read everything"
fi

# It shrinks while it is read: the reader has much to do before the end.
{
	cat "$file"
	yes '{"a":[{"b":1},{"b":2},{"b":3}]}' | head -c 64000000
} >"$tmp/shrinks.jsonl"
aitrace-import "$tmp/shrinks.jsonl" >"$tmp/out" 2>"$tmp/err" &
pid=$!
owns "$pid"
reading() {
	for _f in "/proc/$pid/fd/"*; do
		[ "$(readlink "$_f")" = "$tmp/shrinks.jsonl" ] &&
		    grep -qs '^pos:	[1-9]' "/proc/$pid/fdinfo/${_f##*/}" &&
		    return 0
	done
	! kill -0 "$pid" 2>/dev/null
}
until reading; do :; done
kill -STOP "$pid"
: >"$tmp/shrinks.jsonl"
kill -CONT "$pid"
wait "$pid"
is $? 65 "a file that shrinks while it is read: exit 65"
like "$(cat "$tmp/err")" 'shrinks\.jsonl: it shrank while it was read' \
    "and says so"
is "$(tokens <"$tmp/out")" "2 36" "what was read counts"

# Somebody else's files in a folder are nobody's business.
mkdir "$tmp/others"
cp "$file" "$tmp/others"
printf '{"a":\n{"type":"nonsense","b":[}\n' >"$tmp/others/broken.json"
head -c 100000 /dev/urandom >"$tmp/others/picture.png"
runs "other files in the folder" 0 aitrace-import "$tmp/others"
is "$(cat "$tmp/err")" "" "not a word of them"
is "$(tokens <"$tmp/out")" "2 36" "and ours count"

# What another program wrote out in UTF-16, as PowerShell does behind a ">".
for form in LE BE; do
	case $form in
	LE) printf '\xff\xfe' ;;
	BE) printf '\xfe\xff' ;;
	esac >"$tmp/utf16.jsonl"
	iconv -f UTF-8 -t "UTF-16$form" "$file" >>"$tmp/utf16.jsonl"
	damaged "UTF-16$form" 'utf16\.jsonl: UTF-16, not UTF-8' "2 36" \
	    "$tmp/utf16.jsonl" "$file"
	runs "UTF-16$form on stdin: exit 65" 65 sh -c \
	    "aitrace-import - <'$tmp/utf16.jsonl'"
	like "$(cat "$tmp/err")" 'stdin: UTF-16, not UTF-8' "and told"
	yes "$(cat "$file")" | head -c 1000000 |
	    iconv -f UTF-8 -t "UTF-16$form" >>"$tmp/utf16.jsonl"
	damaged "UTF-16$form, large" 'utf16\.jsonl: UTF-16' "2 36" \
	    "$tmp/utf16.jsonl" "$file"
done

# A database with damage, and one that ends early.
cp "$captures/opencode/basic/transcript/opencode.db" "$tmp/whole.db"
python3 - "$tmp" <<'EOF'
import sys
with open(sys.argv[1] + '/whole.db', 'rb') as f:
    whole = bytearray(f.read())
with open(sys.argv[1] + '/cut.db', 'wb') as f:
    f.write(whole[:5000])
for i in range(4096, len(whole), 997):
    whole[i] ^= 0x5a
with open(sys.argv[1] + '/hurt.db', 'wb') as f:
    f.write(whole)
EOF
damaged "a database with damage" \
    '^aitrace-import: warning: [^:]*hurt\.db: [^:]*malformed' "2 36" \
    "$tmp/hurt.db" "$file"
damaged "a database that ends early" \
    '^aitrace-import: warning: [^:]*cut\.db: [^:]*malformed' "2 36" \
    "$tmp/cut.db" "$file"

mkdir -p "$tmp/data/opencode"
cp "$tmp/hurt.db" "$tmp/data/opencode/opencode.db"
runs "where opencode keeps it: exit 65" 65 env HOME="$tmp/data" \
    XDG_DATA_HOME="$tmp/data" aitrace-import
like "$(cat "$tmp/err")" 'opencode/opencode\.db: .*malformed' "and told"
runs "a database, and nothing of it damaged" 0 aitrace-import "$tmp/whole.db"
is "$(cat "$tmp/err")" "" "has a run in it"

# A file somebody names, and nothing of ours in it: not an error, but told.
echo 'make: *** [all] Error 2' >"$tmp/make.log"
runs "a log without a run" 0 aitrace-import "$tmp/make.log"
is "$(cat "$tmp/err")" "aitrace-import: warning: nothing that a coding CLI \
wrote was found in what was read" "it is told that nothing was found"
runs "and a run" 0 aitrace-import "$tmp/make.log" "$file"
is "$(cat "$tmp/err")" "" "but not beside a run"
mkdir "$tmp/empty"
runs "an empty folder" 0 aitrace-import "$tmp/empty"
is "$(cat "$tmp/err")" "aitrace-import: warning: no file to read was found" \
    "it is told that there is no file"
runs "an empty folder, with --state" 0 aitrace-import --state "$tmp/known" \
    "$tmp/empty"
is "$(cat "$tmp/err")" "" "but not to who asks for what is new"

# Interrupted: what was read goes out, and that it is not all is told.
interrupted "$file" aitrace-import -
is "$rc" 75 "interrupted: exit 75"
like "$(cat "$tmp/err")" 'interrupted: not all was read' "and it is told"
is "$(tokens <"$tmp/out")" "2 36" "and what was read goes out"

# Texts are the first to go where memory is short.
sed "s/looking/$(head -c 3000 /dev/zero | tr '\0' x)/" "$file" \
    >"$tmp/talks.jsonl"
damaged "--max-memory" 'more than --max-memory' "2 36" --max-memory 1k \
    "$tmp/talks.jsonl"
is "$(grep -c xxxx "$tmp/out")" 0 "--max-memory: without its texts"

runs "--strict ends it" 65 aitrace-import --strict "$tmp/torn.jsonl" "$file"

done_testing
