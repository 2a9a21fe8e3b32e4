# SPDX-License-Identifier: GPL-3.0-or-later
# Runs test files, tests/<kind>/*.test, each with folders of its own and under the guard, and makes their
# output into case lines. Files are put into a queue first: who has to be alone on the machine comes last.
# tests/README.md says what a test file may rely on.

DEFAULT_TIME_LIMIT=120
TEST_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

QUEUE=() QUEUE_OF_ALONE=() # files

# said_in FILE WORD: the rest of a line `# WORD: ...` or `// WORD: ...` among the first ten.
said_in() {
	sed -n "1,10s,^\(#\|//\) $2: ,,p" "$1"
}

time_limit_of() {
	local limit
	limit=$(said_in "$1" time-limit)
	printf '%s\n' "${limit:-$DEFAULT_TIME_LIMIT}"
}

# The environment of a test, the same whoever starts the run.
test_environment() {
	local folder=$1 user=$2 source=$3 registry name
	local toolchains=$WORK/prefix/lib/capakit/toolchains
	registry=$(cat "$toolchains/bun/current/registry" 2>/dev/null || true)
	printf '%s\0' PATH="$TEST_PATH" LANG=C.UTF-8 TERM=dumb USER="$user" LOGNAME="$user" \
		HOME="$folder/home" TMPDIR="$folder/tmp" CAPAKIT_HOME="$folder/c" \
		CAPAKIT="$WORK/prefix/bin/capakit" CAPAKIT_TOOLCHAINS="$toolchains" \
		CAPAKIT_SOURCE="$source" CAPAKIT_TEST_PROGRAMS="$WORK/programs" \
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
	local file=$1 user=$2 folder=$3 source=${1%/tests/*} output=$WORK/output.$BASHPID status=0
	local environment as=()
	if [[ $user != "$(id -un)" ]]; then
		as=(runuser -u "$user" --)
	fi
	mapfile -d '' environment < <(test_environment "$folder" "$user" "$source")
	(cd "$source" && exec "${as[@]}" env -i "${environment[@]}" \
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
	report_of_sanitizers "$output" "$folder"
	rm -f "$output"
}

# Runs in a lane. An interrupt is for the guard: what the test has left is removed all the same.
run_file() {
	local file=$1 user=$2 began=$SECONDS folder
	trap '' INT TERM
	folder=$(mktemp -d /tmp/ck.XXXXXX)
	mkdir -p "$folder/home" "$folder/tmp"
	if [[ $user != "$(id -un)" ]]; then
		chown -R "$user:" "$folder"
	fi
	run_under_guard "$file" "$user" "$folder"
	chmod -R u+rwx "$folder" 2>/dev/null || true
	rm -rf --one-file-system -- "$folder"
	printf -- '   took %d s\n' $((SECONDS - began))
}

label_of_user() {
	if [[ $1 == "$ORDINARY_USER" ]]; then
		printf 'an ordinary user\n'
	else
		printf '%s\n' "$1"
	fi
}

label_of() {
	local name=${1##*/tests/}
	name=${name%.test}
	if [[ $PRESET != release ]]; then
		name="$PRESET: $name"
	fi
	printf '%s, as %s\n' "$name" "$(label_of_user "$2")"
}

# run_files USER KIND...: those of these kinds that are wanted. One user's end before the next one's begin, so
# that no file runs beside itself.
run_files() {
	local user=$1 kind
	shift
	for kind; do
		if wants "$kind"; then
			queue_kind "$kind"
		fi
	done
	run_queue "$user"
}

# queue_kind KIND
queue_kind() {
	local source=$WORK/source file
	if [[ $1 == build ]]; then
		source=$SOURCE # these tests configure and read the source itself
	fi
	for file in "$source/tests/$1"/*.test; do
		# shellcheck disable=SC2053 # the right side is a pattern
		if [[ -e $file && ${file##*/} == *$PATTERN* ]]; then
			queue_file "$file"
		fi
	done
}

# queue_file FILE
queue_file() {
	if [[ -n $(said_in "$1" alone) ]]; then
		QUEUE_OF_ALONE+=("$1")
	else
		QUEUE+=("$1")
	fi
}

# run_queue USER
run_queue() {
	if ((${#QUEUE[@]} > 0)); then
		heading "test files, as $(label_of_user "$1"), $LANES at a time"
		run_in_lanes "$1" "${QUEUE[@]}"
	fi
	if ((${#QUEUE_OF_ALONE[@]} > 0)); then
		heading "test files that have to be alone, as $(label_of_user "$1")"
		LANES=1 run_in_lanes "$1" "${QUEUE_OF_ALONE[@]}"
	fi
	QUEUE=() QUEUE_OF_ALONE=()
}

# run_in_lanes USER FILE...
run_in_lanes() {
	local user=$1 file
	shift
	for file; do
		in_lane "$(label_of "$file" "$user")" run_file "$file" "$user"
	done
	end_of_all
}
