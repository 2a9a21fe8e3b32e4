# SPDX-License-Identifier: GPL-3.0-or-later
# For test files in bash: `. "$CAPAKIT_SOURCE/tests/lib/case.bash"`. Each case prints one line; the file
# exits 1 when one failed.

CASES_FAILED=0
trap 'exit $((CASES_FAILED > 0))' EXIT

ok() {
	printf 'ok %s\n' "$1"
}

not_ok() {
	CASES_FAILED=$((CASES_FAILED + 1))
	printf 'not ok %s: %s\n' "$1" "$2"
}

skip() {
	printf 'skip %s: %s\n' "$1" "$2"
}

# check NAME COMMAND...: ok when the command succeeds; what it prints is shown when it does not.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then
		ok "$name"
	else
		not_ok "$name" "${output:-$* failed}"
	fi
}

# check_memory NAME COMMAND...: check of what the programs hold, which says nothing with sanitizers: these
# keep what was freed, and a shadow of everything.
check_memory() {
	if [[ $CAPAKIT_PRESET == asan ]]; then
		skip "$1" "sanitizers hold more memory than what is measured"
	else
		check "$@"
	fi
}

# is NAME GOT WANTED
is() {
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "got '$2', wanted '$3'"
	fi
}

# contains NAME TEXT PART
contains() {
	if [[ $2 == *"$3"* ]]; then
		ok "$1"
	else
		not_ok "$1" "'$3' is not in: $2"
	fi
}
