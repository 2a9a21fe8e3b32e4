# SPDX-License-Identifier: GPL-3.0-or-later
# End-to-end tests and attacks with the programs of the asan preset (base/sanitizers.c has their options).
# A report of a sanitizer ends a program, but not always a test, so they are looked for after each file.

# The part that everything includes: each hop and protocol, hostile bytes, the sandbox, the keeper.
SANITIZED_PART=(
	asan/reports e2e/newsroom e2e/streams e2e/hops e2e/http2 e2e/websocket e2e/routes e2e/manners e2e/bridge e2e/secret
	e2e/secrets_mesh e2e/restart_renewal e2e/lifecycle_end attack/http_smuggling attack/links attack/floods
	attack/sandbox attack/sandbox_use
)

REPORT_OF_SANITIZERS='==-?[0-9]+==ERROR: (Address|Leak)Sanitizer|AddressSanitizer: (CHECK failed|nested bug)'
REPORT_OF_SANITIZERS+='|[.][ch]:[0-9]+:[0-9]+: runtime error: '

# report_of_sanitizers PATH...: fails for reports in what a file printed or left, such as the logs of its apps,
# and shows their beginnings.
report_of_sanitizers() {
	local reports
	if [[ $PRESET != asan ]]; then
		return 0
	fi
	reports=$(grep -rahE -A 12 --exclude-dir=node_modules "$REPORT_OF_SANITIZERS" "$@" || true)
	if [[ -n $reports ]]; then
		printf '%s\nnot ok sanitizers: %s\n' "$reports" "${reports%%$'\n'*}"
	fi
}

run_sanitized() {
	local name
	PRESET=asan
	build_preset asan
	lay_out_installation
	for name in "${SANITIZED_PART[@]}"; do
		# shellcheck disable=SC2053 # the right side is a pattern
		if [[ $name == *$PATTERN* ]]; then
			queue_file "$WORK/source/tests/$name.test"
		fi
	done
	run_queue "$(id -un)"
}
