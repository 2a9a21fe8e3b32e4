# SPDX-License-Identifier: GPL-3.0-or-later
# What the attacks are aimed at: a folder that stands for somebody's home, one that
# is shared with the sandbox, a Kit, and a process with sockets, memory and descriptors (attack-probe
# victim). For files that have sourced sandbox.bash or set PROBE and HOST_USER themselves.
# shellcheck shell=bash disable=SC2034

# start_victim: sets HOST, a new folder, OUTSIDE, SHARED, KIT and KNOWN, by which arguments are filled in.
# Not below /tmp, which is one of the folders that a sandbox may write to as far as Landlock is asked.
start_victim() {
	local name value
	HOST=$(mktemp -d /var/tmp/sandbox.XXXXXX)
	OUTSIDE=$HOST/outside SHARED=$HOST/shared KIT=$HOST/kit
	mkdir -p "$OUTSIDE/below" "$SHARED" "$KIT/.git/hooks"
	touch "$KIT/capability.yml" "$KIT/spare"
	chmod -R a+rwX "$HOST"
	export HOST_VARIABLE="the secret of the host"
	coproc VICTIM { "$PROBE" victim "$HOST_USER" "$OUTSIDE" "$SHARED/pass.sock" "$OUTSIDE/host.sock"; }
	VICTIM_PROCESS=$VICTIM_PID VICTIM_INPUT=${VICTIM[1]}
	declare -gA KNOWN=([OUTSIDE]="$OUTSIDE" [SHARED]="$SHARED" [KIT]="$KIT" [HOST]="$(hostname)" [FILES]=300 [PROCESSES]=200
		[TYPE]=0 [HANDLE]=00)
	while IFS="=" read -r name value <&"${VICTIM[0]}"; do
		[[ $name != READY ]] || return 0
		KNOWN[$name]=$value
	done
	return 1
}

stop_victim() {
	eval "exec $VICTIM_INPUT>&-"
	wait "$VICTIM_PROCESS"
	rm -rf "$HOST"
}

# Sets PROBE_COMMAND to the probe and arguments of attack $1.
make_command() {
	local text=${PROBE_OF[$1]} name
	for name in "${!KNOWN[@]}"; do
		text=${text//%$name/${KNOWN[$name]}}
	done
	read -ra PROBE_COMMAND <<<"$text"
}

# launch NAME LAUNCHER...: started as attack NAME wants it
launch() {
	local how=${STARTED_OF[$1]:-}
	shift
	case $how in
	terminal) "$PROBE" with-terminal "$@" ;;
	console) "$PROBE" with-console "$@" ;;
	leaking) "$@" 40<"$OUTSIDE" 41<"$OUTSIDE/secret" ;;
	*) "$@" ;;
	esac </dev/null 2>&1
}
