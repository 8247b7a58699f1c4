# Every command that the README and the manual show is run: in a folder with
# the files they name, a block as one script, against stand-ins for what lives elsewhere. A server runs
# until it has answered one request.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 curl jq
built aitrace-recv aitrace-enrich aitrace-price aitrace-tree

box=$tmp/box
mkdir -p "$box/stand-ins" "$box/home" "$box/spool"
cd "$box" || exit 1
run=$captures/claude-code/subagent
requests "$run" >"$tmp/list"
mapfile -t files <"$tmp/list"
cp "${files[@]}" .
cp "$captures/claude-code/basic-http-protobuf"/*.pb .
set -- *-traces.json
cp "$1" 001-traces.json
aitrace-recv "${files[@]}" >telemetry.ndjson
cp telemetry.ndjson records.ndjson
aitrace-enrich telemetry.ndjson >enriched.ndjson
aitrace-price enriched.ndjson >traces.ndjson
cp traces.ndjson trace.ndjson
cp traces.ndjson left.ndjson
cp traces.ndjson spool/0001.ndjson
mkdir -p home/.claude/projects
cp -r "$run"/transcript/* home/.claude/projects
cp "$top/tests/fixtures/printed/claude-stream-json-basic" build.log
ln -s "$top/contrib" contrib
ln -s "$top/src" src
mkdir build
for p in $programs; do
	ln -s "$build/$p" "build/$p"
done

exec 8> >(exec "$truth/../meta/fake_backend.py" >"$tmp/port")
wait_for 10 test -s "$tmp/port" || { not_ok "stand-in backend"; done_testing; }
backend=http://127.0.0.1:$(cat "$tmp/port")

# A receiver of its own for each command: the usual port may be taken.
cat >stand-ins/aitrace-recv <<STAND_IN
#!/bin/bash
for a; do
	case \$a in
	--ready-fd*) exec "$build/aitrace-recv" "\$@" --listen 127.0.0.1:0 ;;
	-|*.json|*.pb|*.ndjson) exec "$build/aitrace-recv" "\$@" ;;
	esac
done
ready=\$(mktemp -u "$tmp/ready.XXXXXX")
mkfifo "\$ready"
"$build/aitrace-recv" "\$@" --listen 127.0.0.1:0 --ready-fd 7 7>"\$ready" &
pid=\$!
read -r address <"\$ready"
PATH=${PATH#*:} /usr/bin/env curl -sS -o /dev/null -H 'Content-Type: application/json' \\
    --data-binary @$run/001-logs.json "http://\$address/v1/logs" || :
kill -TERM \$pid
wait \$pid
STAND_IN
cat >stand-ins/curl <<STAND_IN
#!/bin/bash
ready=\$(mktemp -u "$tmp/ready.XXXXXX")
mkfifo "\$ready"
"$build/aitrace-recv" --listen 127.0.0.1:0 --ready-fd 7 7>"\$ready" >/dev/null &
pid=\$!
read -r address <"\$ready"
for a; do
	shift
	set -- "\$@" "\${a//127.0.0.1:4318/\$address}"
done
$(command -v curl) -sS -f "\$@"
rc=\$?
kill -TERM \$pid
wait \$pid
exit \$rc
STAND_IN
# Password stores.
for c in op pass az secret-tool; do
	cat >"stand-ins/$c" <<'STAND_IN'
#!/bin/sh
case "$*" in
*langfuse/data)
	echo pk-lf-00000000-0000-4000-8000-000000000000
	echo sk-lf-00000000-0000-4000-8000-000000000000 ;;
*[pP][uU][bB]*) echo pk-lf-00000000-0000-4000-8000-000000000000 ;;
*) echo sk-lf-00000000-0000-4000-8000-000000000000 ;;
esac
STAND_IN
done
for c in claude codex gemini; do
	printf '#!/bin/sh\n[ -n "$OTEL_EXPORTER_OTLP_ENDPOINT$CI" ]\n' >"stand-ins/$c"
done
chmod +x stand-ins/*

# The route file of the manual, with the keys it speaks of.
sed -n '/^# The keys of/,/^\.Ed/p' "$top/man/aitrace-route.5" |
    sed -E -e '/^\.Ed/d' -e 's/\\e/\\/g' -e "s#/etc/aitrace/#$box/#" \
    -e "s#https?://[a-z][a-z0-9.-]*(:[0-9]+)?#$backend#" >route.conf
(umask 077 && echo pk-lf-rest >rest.pub && echo sk-lf-rest >rest.key)
export WEB_PUBLIC_KEY=pk-lf-web WEB_SECRET_KEY=sk-lf-web
is "$(grep -c ^destination route.conf)" 4 "aitrace-route(5) has an example"

python3 "$top/tests/meta/examples.py" "$top/README" "$top"/man/*.[1-9] \
    >"$tmp/examples"
like "$(cut -f1 "$tmp/examples" | sort -u | tr '\n' ' ')" \
    'README.*aitrace-recv.1.*aitrace.7' "there are examples"
while IFS="$(printf '\t')" read -r file line command; do
	name="$file:$line: $(printf '%s' "${command%%\\n*}" | tr '#' ' ')"
	command=$(printf '%b' "$command")
	case $command in
	contrib/check*|contrib/quickstart*|"sudo apt"*|*"make "*|"git clone"*)
		script=${command%% *}
		if [ "${script#contrib/}" = "$script" ] || [ -x "$top/$script" ]
		then
			skip "$name" "run by contrib/check and CI"
		else
			not_ok "$name"
		fi
		continue ;;
	duckdb*|*"| duckdb"*)
		command -v duckdb >/dev/null 2>&1 || {
			skip "$name" "duckdb is not installed"
			continue
		} ;;
	esac
	missing=
	for word in $(printf '%s\n' "$command" |
	    grep -oE '\b(aitrace-[a-z]+|langfuse-auth)\b'); do
		[ -f "$top/src/cmd/$word.c" ] && [ ! -x "$build/$word" ] &&
		    missing=$word
	done
	[ -z "$missing" ] || { skip "$name" "$missing is not built"; continue; }
	# Hosts elsewhere become the stand-in; so do keys with dots for digits.
	here=$(printf '%s\n' "$command" | sed -E \
	    -e "s#https?://[a-z][a-z0-9.-]*(:[0-9]+)?#$backend#g" \
	    -e "s#/var/spool/aitrace#$box/spool#g" \
	    -e 's#(pk|sk)-lf-\.\.\.#\1-lf-00000000-0000-4000-8000-000000000000#g')
	env PATH="$box/stand-ins:$PATH" HOME="$box/home" \
	    XDG_CACHE_HOME='' XDG_STATE_HOME='' \
	    LANGFUSE_BASE_URL="$backend" LANGFUSE_PUBLIC_KEY=pk-lf-00000000-0000-4000-8000-000000000000 \
	    LANGFUSE_SECRET_KEY=sk-lf-00000000-0000-4000-8000-000000000000 \
	    timeout 30 bash -e -c "$here" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	# 1 is the answer "no" to a question.
	case $rc:$command in 1:*--silent*) rc=0 ;; esac
	if [ $rc -eq 0 ] && ! grep -q ': error: ' "$tmp/err"; then
		ok "$name"
	else
		not_ok "$name"
		note "exit status $rc"
		note_file "$tmp/err"
	fi
done <"$tmp/examples"

# What the README shows as settings of Claude Code is what contrib has.
sed -n '/^        {$/,/^        }/p' "$top/README" >"$tmp/settings.json"
runs "the settings are JSON" 0 jq -r \
    '.env | to_entries[] | "\(.key)=\(.value)"' "$tmp/settings.json"
sort "$tmp/out" >"$tmp/got"
sed -n 's/^export //p' "$top/contrib/claude-code.env" | sort >"$tmp/want"
same_file "$tmp/got" "$tmp/want" "and say the same as contrib/claude-code.env"
exec 8>&-
# And what it shows of other tools can be read as what it is.
sed -n '/^        { /p' "$top/README" >"$tmp/others.json"
is "$(jq -c 'keys[0]' "$tmp/others.json" | tr '\n' ' ')" \
    '"telemetry" "experimental" ' "the settings of Gemini CLI and opencode"
sed -n '/^        \[otel\]/,/^$/p' "$top/README" >"$tmp/config.toml"
is "$(python3 -c 'import sys, tomllib
o = tomllib.load(open(sys.argv[1], "rb"))["otel"]
print(*[o[k]["otlp-http"]["endpoint"] for k in ("exporter",
                                                "trace_exporter")])' \
    "$tmp/config.toml")" \
    "http://127.0.0.1:4318/v1/logs http://127.0.0.1:4318/v1/traces" \
    "the settings of Codex CLI"

done_testing
