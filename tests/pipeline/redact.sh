# aitrace-redact: what each rule hides and what no rule may, in every mode; and
# that nothing gets past it.
. "${srcdir:-.}/tests/lib.sh"
built aitrace-redact
need python3
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE tmp
py=$top/tests/pipeline/redact.py
tap_from cases python3 "$py" cases "$top/tests/pipeline/redact-cases.tsv"
tap_from modes python3 "$py" modes
tap_from lines python3 "$py" lines

KNOWN='tiger lily 7' aitrace-redact --canary --secret-env KNOWN >"$tmp/out"
is $? 0 "the canary: none survives"
unlike "$(cat "$tmp/out")" 'survived [1-9]' "and every rule says so"
like "$(awk '/planted/ { sub(",", "", $3); if ($3 < 100) print }' \
    "$tmp/out" | wc -l)" '^ *0$' "each in a hundred places"
KNOWN='tiger lily 7' aitrace-redact --list --secret-env KNOWN | sort >"$tmp/rules"
grep -c planted "$tmp/out" >"$tmp/n"
is "$(cat "$tmp/n")" "$(wc -l <"$tmp/rules" | tr -d ' ')" \
    "every rule has an example"
cut -f1 "$top/tests/pipeline/redact-cases.tsv" | grep -v '^[#-]' | sort -u |
    comm -23 - "$tmp/rules" >"$tmp/unknown"
is "$(cat "$tmp/unknown")" "" "the cases name rules that exist"

# A rule of one's own, and one taken away.
cat >"$tmp/own.json" <<'END'
{"rules":[{"name":"our-key","kind":"token","prefix":"ok_","alphabet":"a-z0-9",
"min":12,"example":"ok_7f2a913c48d5"},{"name":"email","off":true}],
"names":["magic word"]}
END
echo '{"a":"ok_7f2a913c48d5 a@b.example.org","magicWord":"x y"}' >"$tmp/in"
is "$(aitrace-redact --rules "$tmp/own.json" "$tmp/in")" \
    '{"a":"[REDACTED:our-key] a@b.example.org","magicWord":"[REDACTED:secret]"}' \
    "rules of one's own"
echo '{"rules":[{"name":"x","kind":"token","prefix":"x_"}]}' >"$tmp/bad.json"
runs "a rule that is none" 78 aitrace-redact --rules "$tmp/bad.json" "$tmp/in"
like "$(cat "$tmp/err")" 'bad.json: x: needs alphabet' "says what it lacks"
is "$(cat "$tmp/out")" "" "and nothing went through"
echo '{"a":"for adalovelace only"}' >"$tmp/in"
is "$(USER=adalovelace aitrace-redact "$tmp/in")" \
    '{"a":"for [REDACTED:user-name] only"}' "the user's own name"
done_testing
