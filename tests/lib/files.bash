# SPDX-License-Identifier: GPL-3.0-or-later
# Runs test files, tests/<kind>/*.test, each with folders of its own and under the guard, and makes their
# output into case lines. tests/README.md says what a test file may rely on.

DEFAULT_TIME_LIMIT=120
TEST_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

time_limit_of() {
	local limit
	limit=$(sed -n '1,10s,^\(#\|//\) time-limit: \([0-9]*\)$,\2,p' "$1")
	printf '%s\n' "${limit:-$DEFAULT_TIME_LIMIT}"
}

# The environment of a test, the same whoever starts the run.
test_environment() {
	local folder=$1 user=$2 registry name
	local toolchains=$WORK/prefix/lib/capakit/toolchains
	registry=$(cat "$toolchains/bun/current/registry" 2>/dev/null || true)
	printf '%s\0' PATH="$TEST_PATH" LANG=C.UTF-8 TERM=dumb USER="$user" LOGNAME="$user" \
		HOME="$folder/home" TMPDIR="$folder/tmp" CAPAKIT_HOME="$folder/c" \
		CAPAKIT="$WORK/prefix/bin/capakit" CAPAKIT_TOOLCHAINS="$toolchains" \
		CAPAKIT_SOURCE="$SOURCE_FOR_TESTS" CAPAKIT_TEST_PROGRAMS="$WORK/programs" \
		CAPAKIT_PRESET="$PRESET" BUN="$toolchains/bun/current/bin/bun"
	if [[ -n $registry ]]; then
		printf '%s\0' NPM_CONFIG_REGISTRY="$registry" BUN_CONFIG_REGISTRY="$registry"
	fi
	if [[ -r /etc/ssl/certs/ca-certificates.crt ]]; then # Node and Bun have lists of their own
		printf '%s\0' NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
	fi
	for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
		if [[ -n ${!name:-} ]]; then
			printf '%s\0' "$name=${!name}"
		fi
	done
}

# Prints what the file printed, and a case line for each way in which a test can end without one.
run_under_guard() {
	local file=$1 user=$2 folder=$3 output=$WORK/output status=0 environment as=()
	if [[ $user != "$(id -un)" ]]; then
		as=(runuser -u "$user" --)
	fi
	mapfile -d '' environment < <(test_environment "$folder" "$user")
	(cd "$SOURCE_FOR_TESTS" && exec "${as[@]}" env -i "${environment[@]}" \
		"$WORK/programs/guard" "$(time_limit_of "$file")" "$file") </dev/null 2>&1 |
		tee "$output" || status=$?
	if ((status == 77)) && ! grep -qE '^(ok|not ok|skip) ' "$output"; then
		printf 'skip file: %s\n' "$(tail -n 1 "$output")"
	elif ! grep -qE '^(ok|not ok|skip) ' "$output"; then
		printf 'not ok file: it printed no case (exit status %d)\n' "$status"
	elif ((status != 0)) && ! grep -q '^not ok ' "$output"; then
		printf 'not ok file: exit status %d without a failed case\n' "$status"
	fi
	if grep -qF " $folder" /proc/self/mountinfo; then
		printf 'not ok leftover-mount: %s\n' "$(grep -F " $folder" /proc/self/mountinfo)"
	fi
	report_of_sanitizers "$folder"
}

run_file() {
	local file=$1 user=$2 began=$SECONDS name folder label
	name=${file#"$SOURCE_FOR_TESTS/tests/"}
	name=${name%.test}
	folder=$(mktemp -d /tmp/ck.XXXXXX)
	mkdir -p "$folder/home" "$folder/tmp"
	if [[ $user != "$(id -un)" ]]; then
		chown -R "$user:" "$folder"
	fi
	label="$name, as $user"
	if [[ $user == "$ORDINARY_USER" ]]; then
		label="$name, as an ordinary user"
	fi
	if [[ $PRESET != release ]]; then
		label="$PRESET: $label"
	fi
	printf -- '-- %s\n' "$label"
	run_under_guard "$file" "$user" "$folder" | record "$label: "
	chmod -R u+rwx "$folder" 2>/dev/null || true
	rm -rf --one-file-system -- "$folder"
	printf -- '   %s took %d s\n' "$name" $((SECONDS - began))
}

run_files() {
	local kind=$1 user=$2 file
	SOURCE_FOR_TESTS=$WORK/source
	if [[ $kind == build ]]; then
		SOURCE_FOR_TESTS=$SOURCE # these tests configure and read the source itself
	fi
	heading "$kind tests, as $user"
	for file in "$SOURCE_FOR_TESTS/tests/$kind"/*.test; do
		# shellcheck disable=SC2053 # the right side is a pattern
		if [[ ! -e $file || ${file##*/} != *$PATTERN* ]]; then
			continue
		fi
		run_file "$file" "$user"
	done
}
