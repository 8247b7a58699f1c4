# contrib/prices-update: the shipped book is what it makes, and a newer table
# adds dated rows without taking anything away.
. "${srcdir:-.}/tests/lib.sh"
need python3 xz jq
built aitrace-price
update=$top/contrib/prices-update
for t in litellm langfuse; do
	xz -dc "$top/tests/price/sources/$t.json.xz" >"$tmp/$t.json"
done

runs "the tables of the book bring nothing new" 0 "$update" \
    --out "$tmp/same.json" "$tmp/litellm.json" "$tmp/langfuse.json"
is "$(tail -n 1 "$tmp/out")" "$(jq '.models | length' "$top/src/price/prices.json") models, 0 new or changed" \
    "and it says so"
same_file "$tmp/same.json" "$top/src/price/prices.json" \
    "the shipped book is what the tool makes"

# A newer table: one price changed, one model new, one gone.
jq '.["gpt-5"].input_cost_per_token = 1e-6 |
    .["gpt-7"] = {"mode":"chat","litellm_provider":"openai",
	"input_cost_per_token":7.5e-06,"output_cost_per_token":0.00003,
	"input_cost_per_token_above_200k_tokens":1.5e-05} |
    del(.["o3-mini"])' "$tmp/litellm.json" >"$tmp/newer.json"
runs "a newer table" 0 "$update" --from 2026-12-01 --out "$tmp/new.json" \
    "$tmp/newer.json"
like "$(cat "$tmp/out")" '^changed  gpt-5: 1\.25/10 .* -> 1/10 ' "changed"
like "$(cat "$tmp/out")" '^new      gpt-7: 7\.5/30 \+1 tiers$' "new"
like "$(cat "$tmp/out")" '^gone     o3-mini: kept as it is$' "gone"
cost() {
	aitrace-price --book "$1" --explain "$2" --at "$3" --tokens "$4" |
	    sed -n 's/^total  *\(.*\) USD$/\1/p'
}
is "$(cost "$tmp/new.json" gpt-5 2026-11-30 input=1000000)" 1.25 \
    "yesterday's tokens at yesterday's price"
is "$(cost "$tmp/new.json" gpt-5 2026-12-01 input=1000000)" 1 \
    "today's at today's"
is "$(cost "$tmp/new.json" gpt-7 2020-01-01 input=200001)" 3.000015 \
    "the new model and its tier"
is "$(cost "$tmp/new.json" o3-mini 2026-12-24 input=1000000)" 1.1 \
    "the model that is gone still has its price"
is "$(jq -c '.models["claude-opus-5-5"]' "$tmp/new.json")" \
    "$(jq -c '.models["claude-opus-5-5"]' "$top/src/price/prices.json")" \
    "rows of other sources are left alone"
runs "the same again" 0 "$update" --book "$tmp/new.json" \
    --from 2026-12-02 --out "$tmp/new2.json" "$tmp/newer.json"
like "$(tail -n 1 "$tmp/out")" ', 0 new or changed$' "changes nothing"

# Two tables that contradict each other: said, not hidden.
jq '.["gpt-7"] = {"mode":"chat","litellm_provider":"openai",
    "input_cost_per_token":1e-6,"output_cost_per_token":1e-6}' \
    "$tmp/litellm.json" >"$tmp/l.json"
printf '%s' '[{"modelName":"gpt-7","matchPattern":"(?i)^(gpt-7)$","pricingTiers":[{"isDefault":true,"priority":0,"conditions":[],"prices":{"input":2e-6,"output":1e-6}}]}]' \
    >"$tmp/g.json"
runs "two tables" 0 "$update" "$tmp/l.json" "$tmp/g.json"
like "$(cat "$tmp/out")" '^differs  gpt-7: litellm/langfuse: input 1/2: litellm taken$' \
    "a contradiction is listed"

# What cannot be read changes nothing.
printf '{' >"$tmp/bad.json"
runs "half a table" 1 "$update" --out "$tmp/never.json" "$tmp/bad.json"
like "$(cat "$tmp/err")" 'prices-update: error: .*bad\.json: ' "is named"
printf '[1]' >"$tmp/bad.json"
runs "another file" 1 "$update" --out "$tmp/never.json" "$tmp/bad.json"
printf '{}' >"$tmp/bad.json"
runs "no book" 1 "$update" --book "$tmp/bad.json" "$tmp/litellm.json"
[ ! -e "$tmp/never.json" ]
is $? 0 "nothing is written"
done_testing
