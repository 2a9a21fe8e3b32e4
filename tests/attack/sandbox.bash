# SPDX-License-Identifier: GPL-3.0-or-later
# For the tests of the sandbox: runs commands in sandboxes that they describe (attack-policy), with the
# attacks (attack-probe) at /attack inside.
# shellcheck shell=bash

. "$CAPAKIT_SOURCE/tests/lib/case.bash"

PROBE=$CAPAKIT_TEST_PROGRAMS/attack-probe
LAUNCHER=$(dirname "$CAPAKIT")/../libexec/capakit/capakit-sandbox
if [[ ! -x $LAUNCHER ]]; then
	LAUNCHER=$(dirname "$CAPAKIT")/capakit-sandbox # a build folder
fi
LAUNCHER=$(realpath "$LAUNCHER")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/sandbox.XXXXXX")
WORK=$(realpath "$WORK")
HOST_USER=64001 # whom nobody is
AS_ROOT=()
if ((EUID == 0)); then
	AS_ROOT=(--host "$HOST_USER")
fi
mkdir "$WORK/attack"
cp "$PROBE" "$WORK/attack/probe"
trap 'chmod -R u+rwx "$WORK" 2>/dev/null; rm -rf "$WORK"; exit $((CASES_FAILED > 0))' EXIT

# policy FILE OPTION... [-- COMMAND...]
policy() {
	local file=$1
	shift
	"$CAPAKIT_TEST_PROGRAMS/attack-policy" "${AS_ROOT[@]}" --bind "$WORK/attack" /attack xi "$@" >"$file"
}

# inside [OPTION...] -- COMMAND...
inside() {
	policy "$WORK/policy.json" "$@" && "$LAUNCHER" --policy "$WORK/policy.json"
}

# setup_fails NAME TEXT COMMAND...: it ends with 125, says TEXT, and the command inside did not run.
setup_fails() {
	local name=$1 text=$2 output status=0
	shift 2
	output=$("$@" 2>&1) || status=$?
	if [[ $status == 125 && $output == *"$text"* && $output != *RAN* && $output != *$'\n'* ]]; then
		ok "$name"
	else
		not_ok "$name" "status $status: $output"
	fi
}
