# SPDX-License-Identifier: GPL-3.0-or-later
# The attacks on the sandbox that have one aim each: those of controller/attack/data/attacks, which says what is
# in each column, and what the profiles differ in. What is said there is shown by sandbox_layers.test, and
# printed by tests/attack/matrix; sandbox_compare runs the same attacks against other sandboxes.
# shellcheck shell=bash disable=SC2034
declare -A NUMBER_OF LAYERS_OF ONLY_ROOT_OF TEXT_OF PROBE_OF STARTED_OF NEEDED_BY
ATTACKS=()
read_attacks() {
	local number name layers only_root started needs text probe
	while IFS='|' read -r number name layers only_root started needs text probe; do
		[[ $number != "#"* && $number != own ]] || continue
		ATTACKS+=("$name")
		NUMBER_OF[$name]=$number LAYERS_OF[$name]=$layers TEXT_OF[$name]=$text PROBE_OF[$name]=$probe
		[[ $only_root == - ]] || ONLY_ROOT_OF[$name]=$only_root
		[[ $started == - ]] || STARTED_OF[$name]=$started
		[[ $needs == - ]] || NEEDED_BY[$name]=$needs
	done < <(sed 's/ | /|/g' "$(dirname "${BASH_SOURCE[0]}")/../../controller/attack/data/attacks")
}
read_attacks

# weaker NAME...: what the profile `minimal` lets through, and no other
declare -A WEAKER
weaker() {
	local name
	for name in "$@"; do
		WEAKER[$name]=yes
	done
}

# differs NAME PROFILES TEXT PROBE ARGUMENT...: what the profiles PROFILES let through, and the others do not
declare -A LET_THROUGH
DIFFERENCES=()
differs() {
	DIFFERENCES+=("$1")
	LET_THROUGH[$1]=" $2 " TEXT_OF[$1]=$3 PROBE_OF[$1]="${*:4}"
}

weaker trace-own personality

differs machine-memory "standard minimal" "how much memory the machine has and uses (/proc/meminfo)" kernel-tells /proc/meminfo
differs machine-load "standard minimal" "how busy the machine is (/proc/stat)" kernel-tells /proc/stat
differs memory-files "standard minimal" "files in memory beside those in /tmp (/dev/shm)" write /dev/shm/file
differs own-shared-memory "standard minimal" "shared memory of its own (System V)" call shmget
differs own-queue "standard minimal" "message queues of its own (POSIX)" call mq_open
differs attributes "standard minimal" "extended attributes of files" call setxattr
differs timers "standard minimal" "timers of the kernel (POSIX)" call timer_create
differs scheduling "standard minimal" "another scheduling" call sched_setattr
differs old-asynchronous "minimal" "asynchronous input and output of the old kind" call io_setup
