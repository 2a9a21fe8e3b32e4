# SPDX-License-Identifier: GPL-3.0-or-later
# The attacks on the sandbox that have one aim each, and by which of its layers each is held. What is said
# here is shown by sandbox_layers.test, and printed by tests/attack/matrix; sandbox_compare runs the same
# attacks against other sandboxes.
# shellcheck shell=bash disable=SC2034

# attack NUMBER NAME LAYERS TEXT PROBE ARGUMENT...
#
# NUMBER is the case's in the list of attacks. Each of LAYERS holds it alone, and without all of them it
# succeeds: `calls@root` when that is so only as root, `calls@user` only as an ordinary user, `landlock/6`
# from that version of Landlock on. Where LAYERS is `none@user REASON`, it cannot be shown as that.
# Arguments may use what the victim says of itself: %PID, %PORT...; %OUTSIDE is its folder, %SHARED one
# that the sandbox may write to, %KIT one that it may read, %BIN that of the probe.
declare -A NUMBER_OF LAYERS_OF TEXT_OF PROBE_OF STARTED_OF NEEDED_BY
ATTACKS=()
attack() {
	ATTACKS+=("$2")
	NUMBER_OF[$2]=$1 LAYERS_OF[$2]=$3 TEXT_OF[$2]=$4 PROBE_OF[$2]="${*:5}"
}

# started HOW NAME: how the launcher of an attack is started: terminal, console, leaking
started() {
	STARTED_OF[$2]=$1
}

# needs FILE NAME: there is nothing to attack where this is not there
needs() {
	NEEDED_BY[$2]=$1
}

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

ONLY_ROOT="none@user the kernel asks for the right over the whole machine"

attack 1 terminal "arguments session" "types into the terminal it was started on (TIOCSTI)" tiocsti
started terminal terminal
attack 1 terminal-junk "arguments session" "the same with junk in the upper half of the request" tiocsti junk
started terminal terminal-junk
attack 1 console "arguments@root session@root none@user only root has a console" \
	"a console's own requests (TIOCLINUX)" tioclinux
started console console
needs /dev/tty63 console

attack 2 socket-inet "arguments" "a socket for IPv4, without network" socket inet
attack 2 socket-inet6 "arguments" "a socket for IPv6, without network" socket inet6
attack 2 socket-raw "arguments capabilities user@root" "a raw socket" socket raw
attack 2 socket-packet "arguments capabilities user@root" "a packet socket, which hears everything" socket packet
attack 2 socket-netlink "arguments" "a netlink socket" socket netlink
attack 2 socket-vsock "arguments" "a socket to the hypervisor (vsock)" socket vsock
attack 2 socket-alg "arguments" "a socket to the kernel's ciphers (alg)" socket alg
attack 2 socket-xdp "arguments capabilities user@root" "a socket for whole frames (xdp)" socket xdp
attack 2 socket-bluetooth "arguments" "a Bluetooth socket" socket bluetooth
attack 2 interfaces "arguments net" "the host's interfaces and their addresses" interfaces
attack 2 host-port "arguments net landlock/4" "a server on the host's 127.0.0.1" tcp %PORT

attack 3 host-socket "root" "a socket of the host by its path" unix %OUTSIDE/host.sock

attack 4 abstract-socket "net landlock/6" "an abstract socket of the host" abstract %ABSTRACT

attack 5 process-root "pid@root capabilities@root user landlock" "files through /proc/PID/root" read /proc/%PID/root%OUTSIDE/secret
attack 5 process-cwd "pid@root capabilities@root user landlock" "files through /proc/PID/cwd" read /proc/%PID/cwd/secret
attack 5 process-fd "pid@root capabilities@root user landlock" "files through /proc/PID/fd" read /proc/%PID/fd/%DESCRIPTOR
attack 5 process-environment "pid@root capabilities@root user landlock@user" "another process's environment" read /proc/%PID/environ
attack 5 process-one "hidden" "the environment of process 1" kernel-tells /proc/1/environ
attack 5 own-root "root" "the host's files through /proc/self/root" read /proc/self/root%OUTSIDE/secret
attack 5 signal "pid landlock/6" "a signal to another process of the user" signal %PID
attack 5 process-limits "pid" "the limits of another process of the user" process-limits %PID

attack 6 io-uring "calls" "an io_uring, which makes calls that no filter sees" io-uring
attack 6 userfaultfd "calls" "a userfaultfd, which holds the kernel where one wants it" userfaultfd
attack 6 bpf "calls@root capabilities@root user@root $ONLY_ROOT" "programs for the kernel (bpf)" bpf
attack 6 perf "calls" "the kernel's measuring (perf)" perf
attack 6 key "calls" "the kernel's keyrings" key
attack 6 kexec "calls@root capabilities@root user@root $ONLY_ROOT" "another kernel (kexec)" kexec
attack 6 trace "calls pid@root capabilities@root user landlock" "tracing another process of the user (ptrace)" trace %PID
attack 6 trace-own "calls" "tracing a process of one's own" trace-own
attack 6 memory "calls pid@root capabilities@root user landlock" "another process's memory (process_vm_readv)" memory %PID %ADDRESS
attack 6 descriptor "calls pid@root capabilities@root user landlock" "another process's descriptor (pidfd_getfd)" \
	descriptor %PID %DESCRIPTOR
attack 6 module "calls@root capabilities@root user@root $ONLY_ROOT" "a kernel module" module
attack 6 swap "calls@root capabilities@root user@root $ONLY_ROOT" "swap" swapon
attack 6 reboot "calls@root capabilities@root user@root $ONLY_ROOT" "a restart of the machine" reboot
attack 6 clock "calls@root capabilities@root user@root $ONLY_ROOT" "the clock" clock
attack 6 kernel-log "calls@root capabilities@root user@root $ONLY_ROOT" "the kernel's log (syslog)" log-level
attack 6 fanotify "calls" "who opens what (fanotify)" fanotify
attack 6 personality "calls" "addresses without randomness (personality)" personality

attack 7 abi-32 "calls arguments" "32-bit system calls (int 0x80)" abi int80
attack 7 abi-x32 "calls arguments" "x32 system calls" abi x32

attack 8 user-namespace "calls no-user-namespaces" "a user namespace (unshare)" user-namespace unshare
attack 8 user-namespace-clone "arguments no-user-namespaces" "a user namespace (clone, with junk)" \
	user-namespace clone
attack 8 user-namespace-clone3 "calls no-user-namespaces" "a user namespace (clone3)" user-namespace clone3
attack 8 mount-in-own "calls landlock no-user-namespaces" "mounting in new namespaces of its own" mount-in-own
attack 8 mount-namespace "calls capabilities" "a mount namespace" mount-namespace
attack 8 mount "calls capabilities landlock user@root" "mounting over a folder (mount)" mount
attack 8 mount-new "calls capabilities landlock user@root" "the same (fsopen, fsmount, move_mount)" mount-new
attack 8 uncover "calls capabilities landlock user@root" "uncovering what is covered (umount)" \
	uncover /proc/interrupts
attack 8 pivot "calls capabilities landlock user@root" "another root (pivot_root)" pivot
attack 8 chroot "calls capabilities" "another root (chroot)" chroot

attack 9 core-pattern "covers@root landlock@root user@root $ONLY_ROOT" \
	"/proc/sys/kernel/core_pattern, which names a program that root runs" kernel-file /proc/sys/kernel/core_pattern
attack 9 core-pattern-swap "covers@root landlock@root user@root $ONLY_ROOT" \
	"the same through a symlink that is swapped, 5000 tries" swapped-link /proc/sys/kernel/core_pattern
attack 9 sysrq "covers@root landlock@root user@root $ONLY_ROOT" "/proc/sysrq-trigger" kernel-file /proc/sysrq-trigger
needs /proc/sysrq-trigger sysrq
attack 9 release-agent "root@root landlock@root user@root $ONLY_ROOT" \
	"a cgroup's release_agent, a program that root runs" kernel-file /sys/fs/cgroup/memory/release_agent
needs /sys/fs/cgroup/memory/release_agent release-agent
attack 9 own-sysctl "covers capabilities landlock" "settings of its own namespaces in /proc/sys" \
	kernel-file /proc/sys/user/max_mnt_namespaces
attack 9 out-of-memory "covers landlock" "whom the kernel kills when memory ends" kernel-file /proc/self/oom_score_adj
attack 9 interrupts "covers" "what tells about the machine (/proc/interrupts)" kernel-tells /proc/interrupts
attack 9 kernel-messages "root@root capabilities@root user@root $ONLY_ROOT" "/dev/kmsg" device-file /dev/kmsg
needs /dev/kmsg kernel-messages
attack 9 terminals "root" "new terminals (/dev/ptmx)" device-file /dev/ptmx
attack 9 device "root@root landlock@root capabilities@root user@root $ONLY_ROOT" \
	"a device node of its own" device %SHARED/device
attack 9 handle "calls@root capabilities@root user@root $ONLY_ROOT" \
	"a file of the host by its handle (open_by_handle_at)" handle %SHARED %HANDLE

attack 10 launcher "hidden landlock" "the program that made the sandbox (/proc/1/exe)" launcher

attack 11 leaked-folder "descriptors landlock" "files below a folder that the caller left open" leaked-folder secret
started leaking leaked-folder
attack 11 leaked-folder-up "descriptors landlock" "files through \`..\` of such a folder" \
	leaked-folder below/../secret
started leaking leaked-folder-up
attack 11 leaked-file "descriptors" "a file that the caller left open" leaked-file
started leaking leaked-file
attack 11 passed-folder "landlock" "files below a folder that an accomplice outside passes in (SCM_RIGHTS)" \
	passed-folder %SHARED/pass.sock
attack 11 variable "environment" "the caller's environment" environment HOST_VARIABLE
started leaking variable

attack 13 git-hook "root landlock" "a git hook that does not exist yet" write %KIT/.git/hooks/post-checkout
attack 13 bunfig "root landlock" "a bunfig.toml that does not exist yet" write %KIT/bunfig.toml
attack 13 env-file "root landlock" "a .env that does not exist yet" write %KIT/.env
attack 13 manifest "root landlock" "the manifest" write %KIT/capability.yml
attack 13 manifest-gone "root landlock" "the manifest's name" remove %KIT/spare
attack 13 profile "root landlock" "a shell profile in the home folder" write %OUTSIDE/.profile
attack 13 home "root" "what is in the home folder" read %OUTSIDE/secret
attack 13 set-id-file "arguments" "a set-user-id file in a mount of the host" set-id-file %SHARED/setid

attack 14 processes "limits" "more processes than allowed" forks 200
attack 14 open-files "limits" "more open files than allowed" open-files 300
attack 14 core "limits" "a core file, which would hold secrets" core

attack 16 nested "calls arguments landlock covers no-user-namespaces" "a sandbox of its own inside, with another policy" \
	nested %BIN/capakit-sandbox %BIN/nested.json

attack + shared-memory "ipc" "shared memory of the host (System V)" shared-memory %KEY
attack + message-queue "ipc landlock" "a message queue of the host (POSIX)" message-queue %QUEUE
attack + host-name "calls capabilities user@root" "another host name" host-name
attack + host-known "uts" "the host's name" host-known %HOST
attack + cgroup-known "cgroup" "where the host keeps its processes (/proc/self/cgroup)" cgroup-known

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
