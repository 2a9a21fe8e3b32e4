# SPDX-License-Identifier: GPL-3.0-or-later
# For tests of how apps begin and end, after tests/e2e/lib/app.bash: Kits made on the spot, `up` in the
# foreground, and what an app may not leave behind.

LAB=$KITS/lab

# make_kit NAME: a Kit in $TMPDIR/NAME (then in KIT) whose manifest is on standard input.
make_kit() {
	KIT=$TMPDIR/$1
	mkdir -p "$KIT"
	cat >"$KIT/capability.yml"
}

# make_program WORKLOAD: its index.ts, from standard input, in the folder of KIT.
make_program() {
	mkdir -p "$KIT/workloads/$1"
	cat >"$KIT/workloads/$1/index.ts"
}

# one_workload NAME [LINE...]: a Kit with one workload, `one`, exposed at /; the lines stand behind its
# endpoints in the manifest, its program is on standard input.
one_workload() {
	local name=$1
	shift
	make_kit "$name" <<-EOT
		version: '1'
		name: $name
		workloads:
		  one:
		    endpoints: [http]
		$(printf '    %s\n' "$@")
		    runtime: { source: { toolchain: bun, start: { command: bun run index.ts } } }
		expose:
		- { path: /, target: one }
	EOT
	make_program one
}

SERVE='Bun.serve({ unix: process.env.CAPAKIT_WORKLOAD_INGRESS_BIND!.slice(5), fetch: () => new Response("here\n") });'

# running: the processes that the product runs for this test (guard adopts those that detach).
running() {
	ps -e -o pid=,ppid=,stat=,comm= | awk -v guard="$PPID" -v own="$(cat "/proc/$$/comm")" '
		{ parent[$1] = $2; state[$1] = $3; name[$1] = $4 }
		END {
			for (pid in parent) {
				for (up = pid; up > 1 && up != guard; up = parent[up]);
				if (up == guard && pid != guard && state[pid] !~ /^Z/ &&
				    name[pid] ~ /^(capakit|bun)/ && name[pid] != own)
					print "process", pid, name[pid]
			}
		}'
}

# left_behind: whatever of an app is still there; nothing when it has ended as it should.
left_behind() {
	running
	if [[ -d $CAPAKIT_HOME ]]; then
		find "$CAPAKIT_HOME" -type s 2>/dev/null
		find "$CAPAKIT_HOME/run" "$CAPAKIT_HOME/state/runs" -mindepth 1 -maxdepth 1 2>/dev/null
	fi
	grep -F "$CAPAKIT_HOME" /proc/self/mountinfo
	return 0
}

is_clean() {
	[[ -z $(left_behind) ]]
}

# nothing_left NAME: right now.
nothing_left() {
	is "$1" "$(left_behind)" ""
}

# soon_nothing_left NAME: where nobody can say when it is done.
soon_nothing_left() {
	wait_for 10 is_clean 2>/dev/null
	nothing_left "$1"
}

# up_fails NAME STATUS TEXT... -- ARGUMENT...: `up` ends with this status, says all of these texts, and
# leaves nothing. What it said is then in SAID.
up_fails() {
	local name=$1 wanted=$2 texts=() text status wrong=
	shift 2
	while [[ $1 != -- ]]; do
		texts+=("$1")
		shift
	done
	shift
	SAID=$(timeout 30 "$CAPAKIT" up "$@" 2>&1)
	status=$?
	if ((status != wanted)); then
		wrong="exit status $status instead of $wanted"
	fi
	for text in "${texts[@]}"; do
		if [[ $SAID != *"$text"* ]]; then
			wrong="${wrong:+$wrong, }'$text' is missing"
		fi
	done
	if ! is_clean; then
		wrong="${wrong:+$wrong, }left behind: $(left_behind | tr '\n' ' ')"
	fi
	if [[ -z $wrong ]]; then
		ok "$name"
	else
		not_ok "$name" "$wrong; it said: $SAID"
	fi
}

# begin_up ARGUMENT...: `up` in the foreground, as a process of this test: UP_PID, $TMPDIR/up.out, up.err.
begin_up() {
	rm -f "$TMPDIR/up.out" "$TMPDIR/up.err"
	"$CAPAKIT" up "$@" >"$TMPDIR/up.out" 2>"$TMPDIR/up.err" &
	UP_PID=$!
}

has_started() {
	grep -q 'is running' "$TMPDIR/up.out"
}

# run_up ARGUMENT...: the same, returning when the app runs: APP_NAME, APP_URL.
run_up() {
	begin_up "$@"
	if ! wait_for 30 has_started; then
		not_ok "up" "$(cat "$TMPDIR/up.out" "$TMPDIR/up.err")"
		return 1
	fi
	APP_NAME=$(sed -n 's/.*App \[\(.*\)\] is running.*/\1/p' "$TMPDIR/up.out")
	APP_URL=$(sed -n 's,.* url=\(http://[^/]*\).*,\1,p' "$TMPDIR/up.out" | head -n 1)
}

# end_up: waits for the end of what begin_up started; its exit status is in UP_STATUS.
end_up() {
	wait "$UP_PID"
	UP_STATUS=$?
}
