# SPDX-License-Identifier: GPL-3.0-or-later
# Runs commands beside each other, LANES at a time. Each has a process group, so that it can be ended with all
# that it started. What it prints is shown when it has ended, in one piece, and its cases are counted then.

LANES=${LANES:-2}
if ((LANES < 1)); then
	printf 'LANES is how many run at a time: at least 1\n' >&2
	exit 2
fi
LANES_BEGUN=0
declare -A LANE_NAMES=() LANE_OUTPUTS=() # of those that run, by process

# in_lane NAME COMMAND...: starts the command as soon as fewer than LANES run. NAME comes before its cases.
in_lane() {
	local name=$1 output=$WORK/lane.$((LANES_BEGUN += 1))
	shift
	while ((${#LANE_NAMES[@]} >= LANES)); do
		end_of_one
	done
	set -m
	("$@") >"$output" 2>&1 </dev/null &
	set +m
	LANE_NAMES[$!]=$name
	LANE_OUTPUTS[$!]=$output
}

# Waits for the first to end. (`wait -n` knows nothing of those that ended before it was called.)
end_of_one() {
	local lane status=0 name
	until first_that_ended; do
		sleep 0.02
	done
	wait "$lane" || status=$?
	name=${LANE_NAMES[$lane]}
	printf -- '-- %s\n' "$name"
	record "$name: " <"${LANE_OUTPUTS[$lane]}"
	if ((status != 0)); then
		printf 'not ok lane: what runs it ended with status %d\n' "$status" | record "$name: "
	fi
	rm -f "${LANE_OUTPUTS[$lane]}"
	unset "LANE_NAMES[$lane]" "LANE_OUTPUTS[$lane]"
}

# Sets `lane`; fails when all of them run.
first_that_ended() {
	for lane in "${!LANE_NAMES[@]}"; do
		kill -0 "$lane" 2>/dev/null || return 0
	done
	return 1
}

end_of_all() {
	while ((${#LANE_NAMES[@]} > 0)); do
		end_of_one
	done
}

# When the run is interrupted: SIGTERM to all that is in the lanes, again and again for what was just starting.
stop_lanes() {
	local i
	for ((i = 0; i < 100; i++)); do
		signal_lanes TERM || return 0
		sleep 0.1
	done
	signal_lanes KILL || true
}

# signal_lanes SIGNAL: fails when nobody is left to get it.
signal_lanes() {
	local lane left=1
	for lane in "${!LANE_NAMES[@]}"; do
		kill -"$1" -- "-$lane" 2>/dev/null && left=0
	done
	return "$left"
}
