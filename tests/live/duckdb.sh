# The README's question to DuckDB, which Debian does not have, by way of npm:
# its answer is the one jq works out.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need npm node jq
built aitrace-recv aitrace-enrich aitrace-price

mkdir "$tmp/npm"
if ! (cd "$tmp/npm" && npm install --silent --no-fund --no-audit \
    @duckdb/node-api >"$tmp/npm.log" 2>&1); then
	skip "DuckDB" "the npm registry cannot be reached"
	done_testing
	exit
fi
mkdir "$tmp/bin"
cat >"$tmp/bin/duckdb" <<'J'
#!/usr/bin/env node
const { DuckDBInstance } = require(process.env.DUCKDB_MODULES +
    '/@duckdb/node-api');
(async () => {
	const db = await (await DuckDBInstance.create()).connect();
	const rows = await (await db.runAndReadAll(process.argv[3])).getRowsJson();
	for (const r of rows)
		console.log(r.join('\t'));
})().catch((e) => { console.error(e.message); process.exit(1); });
J
chmod +x "$tmp/bin/duckdb"
export DUCKDB_MODULES="$tmp/npm/node_modules"
PATH=$tmp/bin:$PATH

for run in basic-http-json multiturn subagent; do
	received "$captures/claude-code/$run" 2>/dev/null | aitrace-enrich |
	    aitrace-price
done >"$tmp/traces.ndjson"
grep '^    duckdb -c ' "$top/README" | sed 's/^ *//' >"$tmp/question"
is "$(wc -l <"$tmp/question")" 1 "the README asks DuckDB one question"
(cd "$tmp" && sh question) >"$tmp/answer" 2>"$tmp/err"
is $? 0 "DuckDB answers it"
note_file "$tmp/err"
jq -rn '[inputs | select(.record == "span") | .attributes |
    select(."langfuse.observation.type" == "generation")] |
    group_by(."session.id")[] | [.[0]."session.id", length,
    (map(."gen_ai.usage.input_tokens") | add),
    (map(."gen_ai.usage.cost" * 1e6 + 0.5 | floor) | add)] | @tsv' \
    "$tmp/traces.ndjson" | sort >"$tmp/want"
awk -F'\t' '{ printf "%s\t%s\t%s\t%.0f\n", $1, $2, $3, $4 * 1e6 }' \
    "$tmp/answer" | sort >"$tmp/got"
is "$(wc -l <"$tmp/want" | tr -d ' ')" 3 "three sessions"
same_file "$tmp/got" "$tmp/want" "the sessions' calls, tokens and dollars"
done_testing
