# SPDX-License-Identifier: GPL-3.0-or-later
# Runs one fuzz target of the fuzz preset. For tests/run and tests/fuzz/run.

# fuzz_target PROGRAM SECONDS CORPUS ARTIFACTS: from the corpus of the source and of the folder CORPUS, where new
# inputs are put. Prints a case line, and before it what libFuzzer said if it found something.
fuzz_target() {
	local program=$1 seconds=$2 corpus=$3 artifacts=$4 name=${1##*/fuzz_} log
	mkdir -p "$corpus" "$artifacts"
	log=$artifacts/$name.log
	if "$program" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -artifact_prefix="$artifacts/$name-" \
		"$corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
		printf 'ok %s runs\n' "$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")"
	else
		tail -40 "$log"
		printf 'not ok runs: the input is printed above in Base64\n'
	fi
}
