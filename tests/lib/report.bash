# SPDX-License-Identifier: GPL-3.0-or-later
# How results are counted: each case is one line of $RESULTS, `ok NAME`, `not ok NAME: why` or
# `skip NAME: reason`. The totals are counted there and nowhere else.

heading() {
	printf '\n== %s\n' "$*"
}

# record PREFIX: copies case lines from standard input to $RESULTS, with PREFIX before the names;
# everything else only to the terminal.
record() {
	awk -v prefix="$1" -v results="$RESULTS" '
		function note(line) { print line; print line >> results; fflush() }
		/^ok .*# *SKIP/ {
			sub(/^ok +([0-9]+ +)?(- +)?/, ""); name = $0; sub(/ *# *SKIP.*/, "", name)
			sub(/.*# *SKIP */, ""); if (name == "") { name = $0; $0 = "skipped by the test" }
			note("skip " prefix name ": " $0); next
		}
		/^ok / { sub(/^ok +([0-9]+ +- +)?/, ""); note("ok " prefix $0); next }
		/^not ok / { sub(/^not ok +([0-9]+ +- +)?/, ""); note("not ok " prefix $0); next }
		/^skip / { sub(/^skip +/, ""); note("skip " prefix $0); next }
		{ print; fflush() }'
}

count_cases() {
	grep -c "^$1 " "$2" || true
}

print_totals() {
	local passed failed skipped
	passed=$(count_cases ok "$RESULTS")
	failed=$(count_cases 'not ok' "$RESULTS")
	skipped=$(count_cases skip "$RESULTS")
	heading "totals"
	grep '^skip ' "$RESULTS" || true
	grep '^not ok ' "$RESULTS" || true
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	((failed == 0 && passed > 0))
}

clean_up() {
	stop_lanes
	remove_ordinary_user
	rm -rf -- "$WORK"
}
