# What the tests of aitrace-report --transcripts share: one run of it beside the
# pipeline whose figures it has to have. Read after tests/pipeline/lib.sh; needs
# jq, the programs, and stride: above one, programs start slowly.
# shellcheck shell=bash

nobody_home
now=2026-11-25T00:00:00Z

# Figures of calls: those that tables of calls alone have.
of_calls=$(aitrace-report --by model -f csv /dev/null 2>/dev/null | head -n 1 |
    tr -d '\r' | cut -d, -f2-)
like "$of_calls" '^cost_usd,.*,calls,.*,total_tokens,.*latency_max_seconds' \
    "there are figures of calls"

# ---- one run beside the other

stdin=/dev/null		# what both have on it
also=			# options of the readers

# records OPERAND...: what the pipeline reports on, for all that follows
records() {
	operands=("$@")
	# shellcheck disable=SC2086
	aitrace-import --content none $also "$@" <"$stdin" >"$tmp/read" \
	    2>"$tmp/read.err"
	read_rc=$?
	aitrace-price -q "$tmp/read" >"$tmp/priced" 2>>"$tmp/read.err"
}

# Of a usage that is no count either may name another bucket first.
anonymous() {
	sed 's/^aitrace-[a-z]*: //; s/(first: [a-z_0-9]*)/(first)/' "$@"
}

# Messages without the program's name, and without those that only one of them
# can have: of records that aitrace-enrich would make calls of, of spans that
# are no calls.
words() {
	anonymous "$@" |
	    grep -v -e '^warning: no calls among' \
	    -e 'outside of --since and --until$' | sort
}

# Lines are those of records, which one program has none of.
plain_json() {
	jq -S 'del(.generated, .input.lines, .input.bad_lines)'
}

# Who reads calls alone knows of no turns, and must not say that there are none.
no_turns() {
	sed -E 's/, [1-9][0-9]* turns$//; /[0-9]+ runs? ended abruptly$/d' \
	    "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$1.t"
	mv "$1.t" "$1"
}

# view KIND OPTION...: appends to $tmp/why what differs. Kinds: all (the same
# options, the same bytes), calls (without --columns there are figures of calls
# alone), text (without words of turns), hidden (only what is counted is
# compared), json (without lines).
view() {
	_kind=$1 _more=()
	shift
	[ "$_kind" = calls ] && _more=(--columns "$of_calls")
	aitrace-report --now "$now" "$@" "${_more[@]}" "$tmp/priced" \
	    >"$tmp/want" 2>"$tmp/want.err"
	_want=$?
	[ "$_want" -ne 0 ] || _want=$read_rc
	# shellcheck disable=SC2086
	aitrace-report --transcripts --now "$now" $also "$@" "${operands[@]}" \
	    <"$stdin" >"$tmp/got" 2>"$tmp/got.err"
	_got=$?
	case $_kind in
	json)
		for _f in want got; do
			plain_json <"$tmp/$_f" >"$tmp/$_f.json"
			mv "$tmp/$_f.json" "$tmp/$_f"
		done ;;
	text)
		no_turns "$tmp/want"
		no_turns "$tmp/got" ;;
	esac
	_asked="$*"
	set -- "${_asked/"$of_calls"/CALLS}"
	if ! cmp -s "$tmp/got" "$tmp/want"; then
		echo "$* differs (- pipeline, + --transcripts)"
		diff "$tmp/want" "$tmp/got" | sed -n 's/^</-/p; s/^>/+/p' |
		    head -n 6
	fi >>"$tmp/why"
	# Who passes over a text need not see what is wrong in it.
	[ "$_kind" = hidden ] && [ "$_got" -eq 0 ] && return
	[ "$_got" -eq "$_want" ] ||
	    echo "$*: exit status $_got, the pipeline's $_want" >>"$tmp/why"
	[ -s "$tmp/want.err" ] || [ -s "$tmp/read.err" ] ||
	    [ -s "$tmp/got.err" ] || return
	words "$tmp/want.err" "$tmp/read.err" >"$tmp/want.words"
	[ ! -s "$tmp/got.err" ] ||
	    aitrace-price "$tmp/read" 2>&1 >/dev/null | anonymous \
	    >"$tmp/prices.err"
	words "$tmp/got.err" | grep -vxFf "$tmp/prices.err" >"$tmp/got.words"
	if ! cmp -s "$tmp/got.words" "$tmp/want.words"; then
		echo "$*: says (- pipeline, + --transcripts)"
		diff "$tmp/want.words" "$tmp/got.words" |
		    sed -n 's/^</-/p; s/^>/+/p' | head -n 4
	fi >>"$tmp/why"
}

# told NAME: one point for all views since the last
told() {
	if [ -s "$tmp/why" ]; then
		not_ok "$1"
		note_file "$tmp/why"
	else
		ok "$1"
	fi
	: >"$tmp/why"
}
: >"$tmp/why"
: >"$tmp/prices.err"

counts=calls,input_tokens,cache_read_tokens,cache_write_tokens,\
cache_write_5m_tokens,cache_write_1h_tokens,output_tokens,cost_usd

# few: what every form has to pass
few() {
	view calls -f csv --by hour,model,session,project,branch,version
	view all -f csv --by session,day \
	    --columns runs,turns,calls,cost_usd,tool_calls
}

# middle PART: a time by which so much of the spans, in tenths, have begun
middle() {
	grep -o '"start_time":"[^"]*"' "$tmp/priced" | cut -d'"' -f4 | sort |
	    awk -v part="$1" '{ t[NR] = $0 } END { k = int(NR * part / 10)
	    print NR == 0 ? "2026-11-21T00:00:00Z" : t[k < 1 ? 1 : k] }'
}

# many: all of them. Where programs start slowly, what every form has to pass.
many() {
	few
	[ "$stride" -eq 1 ] || return
	view calls -f csv --by day,model
	view all -f csv --by session --columns "$of_calls"
	view calls -f csv --by hour,project,branch,version,agent,provider
	view all -f csv --by tool
	view calls -f csv --by hour
	view calls -f csv --by session
	view calls -f csv --by week,model --by month
	view calls -f csv --by year
	view all -f csv --by model --columns "$of_calls"
	view all -f csv --by model
	view all -f csv --by server
	view all -f csv --by purpose,error --columns "$counts"
	view all -f csv --by error
	view all -f csv --by run --columns "$of_calls"
	view all -f csv --by user,host,environment,team,repository \
	    --columns "$counts"
	view all -f csv --by service.name,aitrace.agent --columns "$counts"
	_at=$(middle 5)
	view calls -f csv --by model,session --since "$_at"
	view calls -f csv --by model,session --until "$_at"
	view calls -f csv --by day --since "$(middle 3)" --until "$(middle 8)"
	view all -f csv --by tool --since "$_at"
	view calls -f csv --by day --since 2026-11-21 --until 2026-11-21
	view calls -f csv --by day --since 30d
	for _zone in Asia/Kolkata America/New_York Pacific/Kiritimati; do
		view calls -f csv --by day --tz "$_zone"
		view calls -f csv --by hour,model --tz "$_zone"
	done
	view calls -f csv --by hour --sort total_tokens --reverse
	view calls -f csv --by session,model --limit 1 --sort calls
	view all -f csv --by session --sort tool_calls --columns "$counts"
	view text -f markdown --by day,model --columns "$counts"
	view text -f table --width 1000 --by day --by model --by session \
	    --columns "$counts"
	view all -f table --width 80 --by project --columns \
	    calls,turns,cost_usd
	view json -f json --by day,model --by session --by hour
	view json -f json --by day,model --by session --by tool --columns \
	    runs,turns,calls,tool_calls
	view calls -f csv --by session --budget 0.01 --per session
	view calls -f csv --by session --budget 0.01 --per day --warn-at 1%
	view all -f csv --by tool --budget 0.01 --per session
	view calls -f csv --by month --budget 1000 --warn-at 1%
}

# same NAME FEW|MANY OPERAND...
same() {
	_name=$1 _views=$2
	shift 2
	records "$@"
	"$_views"
	told "$_name"
}
