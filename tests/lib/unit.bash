# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests in the builds of PRESETS_OF_UNIT_TESTS, replays of the fuzz corpora with them, and a short run of
# each fuzz target.

# Turns ctest's log into case lines. A program that fails without a failed case has crashed.
cases_of_ctest() {
	awk '
		/^[0-9]+\/[0-9]+ Test: / { name = $3; failed = 0; cases = 0; skip = "" ; next }
		/^(ok|not ok) [0-9]+ # SKIP/ { # cmocka says "not ok" of a case that skips itself
			cases++
			print "skip " name "/" $NF ": " (skip ? skip : "it does not say why")
			skip = ""
			next
		}
		/^(ok|not ok) [0-9]+/ {
			cases++
			if ($1 == "not") failed++
			line = $0
			sub(/- /, "- " name "/", line)
			print line
			next
		}
		/^# skip: / { skip = substr($0, 9); next }
		/^Test Passed/ { if (!cases) print "ok " name }
		/^Test Failed|^Test (Timed|Not)|Exception/ {
			if (!failed) print "not ok " name ": ended badly, see its output above"
		}' "$1"
}

run_ctest() {
	local preset=$1 folder=build/$1 log
	heading "unit tests, $preset"
	log=$folder/Testing/Temporary/LastTest.log
	mkdir -p "${log%/*}"
	: >"$log"
	CMOCKA_MESSAGE_OUTPUT=TAP ctest --test-dir "$folder" -j"$((2 * $(nproc)))" --timeout 120 --output-on-failure \
		-R "${PATTERN//\*/.*}" || true
	cases_of_ctest "$log" | record "$preset: " | grep -v '^ok ' || true
}

run_fuzz() {
	local target
	if ! command -v clang >/dev/null; then
		printf 'skip libFuzzer: clang is not installed\n' | record 'fuzz: '
		return 0
	fi
	build_preset fuzz
	heading "fuzz targets, ${FUZZ_SECONDS:-3} s each, $LANES at a time"
	for target in build/fuzz/fuzz/fuzz_*; do
		# shellcheck disable=SC2053 # the right side is a pattern
		if [[ $target == *$PATTERN* ]]; then
			in_lane "fuzz: ${target##*/fuzz_}" fuzz_target "$target" "${FUZZ_SECONDS:-3}" \
				"$WORK/corpus/${target##*/}" "$WORK"
		fi
	done
	end_of_all
}

run_unit() {
	local preset
	for preset in "${PRESETS_OF_UNIT_TESTS[@]}"; do
		build_preset "$preset"
		run_ctest "$preset"
	done
	run_fuzz
}
