# Every fuzz target takes every file of its corpus.
. "${srcdir:-.}/tests/lib.sh"
for corpus in "$top"/tests/fuzz/corpus/*/; do
	target=$(basename "$corpus")
	program=$build/tests/fuzz/fuzz_$target
	if [ ! -x "$program" ]; then
		skip "$target" "fuzz_$target is not built"
		continue
	fi
	# libFuzzer prints no TAP; an input that fails ends the process.
	for input in "$corpus"*; do
		runs "$target: ${input##*/}" 0 "$program" "$input"
	done
done
done_testing
