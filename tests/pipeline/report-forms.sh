# aitrace-report --transcripts: the figures, messages and exit codes of
# aitrace-import --content none | aitrace-price -q | aitrace-report, byte by
# byte, for transcripts in every form that transcript_forms.py,
# transcript_values.py and transcript_mixtures.py make.
# AITRACE_STRIDE=5: each fifth form, in a few views (where programs start
# slowly); AITRACE_MIXTURES=1000: so many random ones (make nightly).
stride=${AITRACE_STRIDE:-1} random=${AITRACE_MIXTURES:-50}
. "${srcdir:-.}/tests/lib.sh"
. "$top/tests/pipeline/lib.sh"
need python3 jq
built aitrace-import aitrace-price aitrace-report
. "$top/tests/pipeline/same-figures.sh"

here=$top/tests/pipeline

# ---- what other tools count many times over

for case in $(python3 "$here/transcripts.py"); do
	python3 "$here/transcripts.py" "$case" "$tmp/case/$case" >"$tmp/sum"
	# No file is older than what is in it, nor a fork than its original.
	find "$tmp/case/$case" -type f -exec touch -d 2026-12-31 {} +
	find "$tmp/case/$case" -name 'a-original*' -exec touch -d 2026-12-30 \
	    {} +
	same "$case" many "$tmp/case/$case"
	# Its sum is known.
	aitrace-report --transcripts -f csv --by agent --columns \
	    calls,errors,output_tokens,total_tokens "$tmp/case/$case" 2>&1 |
	    tr -d '\r' | awk -F, 'NR > 1 { printf "calls=%d input=%d output=%d \
total=%d\n", $2 - $3, $5 - $4, $4, $5 }' >"$tmp/got"
	same_file "$tmp/got" "$tmp/sum" "$case: and the sum is right"
done
python3 "$here/transcripts.py" history "$tmp/history" 200
find "$tmp/history" -type f -exec touch -d 2026-12-31 {} +
same "two hundred sessions" many "$tmp/history"

# ---- forms, and random mixtures

# each COUNT: a line NAME<TAB>MARK for each folder below $tmp/forms
each() {
	is "$(($(grep -c . "$tmp/names") >= $1))" 1 "$1 of them at least"
	sed -n "0~${stride}p" "$tmp/names" >"$tmp/some"
	while IFS='	' read -r _form _mark; do
		records "$tmp/forms/$_form"
		case $_mark in
		hidden)
			view hidden -f csv --by day,model --columns "$counts" ;;
		*)
			few
			view calls -f csv --by model,session \
			    --since "$(middle 5)" ;;
		esac
		told "$_form"
		rm -rf "${tmp:?}/forms/$_form"
	done <"$tmp/some"
}
for v in "forms 90" "values 90" "mixtures 60"; do
	# shellcheck disable=SC2086
	set -- $v
	python3 "$here/transcript_$1.py" "$top/tests/fixtures/captures" \
	    "$tmp/forms" >"$tmp/names"
	each "$2"
done
python3 "$here/transcript_mixtures.py" "$captures" "$tmp/forms" "$random" \
    >"$tmp/names"
each "$random"

done_testing
