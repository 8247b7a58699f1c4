# A run that is imported and the same run received are the same spans: the
# same ids, or those differ of which the manual says so.
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3
built aitrace-import aitrace-recv aitrace-enrich

for client in codex gemini-cli opencode; do
	tap_from "$client" python3 "$top/tests/pipeline/import_ids.py" \
	    "$captures" "$client"
done
done_testing
