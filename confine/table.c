// SPDX-License-Identifier: GPL-3.0-or-later
/* The table itself. Adding a right here is what a reviewer has to agree with; nothing else grants
 * any. */
#include "confine/table.h"

#include <linux/capability.h>

#include "base/landlock.h"

#define CAPABILITY(number) ((uint64_t)1 << (number))

#define DATABASE                                                                                   \
	(LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG |        \
	 LANDLOCK_REMOVE_FILE | LANDLOCK_TRUNCATE)
/* What lies too deep is moved up first (base/path_remove.c). */
#define REMOVAL                                                                                    \
	(LANDLOCK_READ_DIR | LANDLOCK_REMOVE_DIR | LANDLOCK_REMOVE_FILE | LANDLOCK_MAKE_DIR |      \
	 LANDLOCK_REFER)
#define SIDECAR                                                                                    \
	(CONFINE_CALLS_SELF | CONFINE_CALLS_EVENTS | CONFINE_CALLS_SOCKETS | CONFINE_CALLS_ACCEPT)
#define TESTER (CONFINE_CALLS_SELF | CONFINE_CALLS_EVENTS | CONFINE_CALLS_SOCKETS)

const struct confine_row confine_table[CONFINE_PROCESSES] = {
	[CONFINE_CONTROLLER] =
		{
			.name = "controller",
			.program = "capakit",
			.root = CONFINE_ROOT_HOST,
			.starts_others = true,
			.calls = CONFINE_CALLS_ALL,
			.capabilities = CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_DAC_OVERRIDE) |
					CAPABILITY(CAP_DAC_READ_SEARCH) | CAPABILITY(CAP_FOWNER) |
					CAPABILITY(CAP_FSETID) | CAPABILITY(CAP_KILL) |
					CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_SETUID) |
					CAPABILITY(CAP_SETPCAP) | CAPABILITY(CAP_SETFCAP) |
					CAPABILITY(CAP_NET_BIND_SERVICE) |
					CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_IPC_LOCK) |
					CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_SYS_RESOURCE),
			.why = "starts all others, which take from themselves what they do not "
			       "need; whatever it gives up, they have to do without",
		},
	[CONFINE_JANITOR] =
		{
			.name = "janitor",
			.program = "capakit",
			.root = CONFINE_ROOT_HOST,
			.files =
				{
					{"the folders of the app's run", REMOVAL},
					{"what they lie in", LANDLOCK_REMOVE_DIR},
					{"the run's control groups", LANDLOCK_READ_DIR |
									     LANDLOCK_REMOVE_DIR |
									     LANDLOCK_WRITE_FILE},
					{"what these lie in", LANDLOCK_REMOVE_DIR},
				},
			.calls = CONFINE_CALLS_SELF | CONFINE_CALLS_REMOVE,
			.capabilities = CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER),
			.why = "removes folders and control groups when the controller is gone; "
			       "what "
			       "is in them belongs to the workloads' users",
		},
	[CONFINE_KEEPER] =
		{
			.name = "keeper",
			.program = "capakit",
			.root = CONFINE_ROOT_HOST,
			.files =
				{
					{"the store of secrets", DATABASE},
					{"the audit log", DATABASE},
					{"/dev/urandom", LANDLOCK_READ_FILE},
				},
			.calls = CONFINE_CALLS_SELF | CONFINE_CALLS_EVENTS | CONFINE_CALLS_DATABASE,
			.why = "reads and writes two databases, and answers on channels that it is "
			       "handed",
		},
	[CONFINE_WORKLOAD] =
		{
			.name = "sidecar",
			.program = "capakit-sidecar",
			.root = CONFINE_ROOT_VIEW,
			.own_network = true,
			.calls = SIDECAR | CONFINE_CALLS_UNIX_STREAM,
			.why = "connects to the workload's socket in its view",
		},
	[CONFINE_EDGE] =
		{
			.name = "edge",
			.program = "capakit-sidecar",
			.root = CONFINE_ROOT_EMPTY,
			.own_network = true,
			.calls = SIDECAR,
			.why = "accepts TCP on the listener it was handed; asks the kernel, over a "
			       "netlink socket opened before, who connects",
		},
	[CONFINE_EGRESS] =
		{
			.name = "egress",
			.program = "capakit-sidecar",
			.root = CONFINE_ROOT_EMPTY,
			.calls = SIDECAR | CONFINE_CALLS_INET_STREAM | CONFINE_CALLS_INET_DGRAM,
			.why = "dials TCP and asks the resolver",
		},
	[CONFINE_OUTSIDE] =
		{
			.name = "outside",
			.program = "capakit-sidecar",
			.root = CONFINE_ROOT_EMPTY,
			.calls = CONFINE_CALLS_SELF | CONFINE_CALLS_EVENTS | CONFINE_CALLS_SOCKETS |
				 CONFINE_CALLS_PAIR | CONFINE_CALLS_INET_STREAM |
				 CONFINE_CALLS_INET_DGRAM,
			.why = "dials the hosts outside that its workload has as connections, and "
			       "asks the resolver",
		},
	[CONFINE_TESTER] =
		{
			.name = "tester",
			.program = "capakit-tester",
			.root = CONFINE_ROOT_HOST,
			.calls = TESTER | CONFINE_CALLS_UNIX_STREAM,
			.why = "calls a workload through a socket of its sidecar, and reads what "
			       "comes",
		},
	[CONFINE_TESTER_DIALS] =
		{
			.name = "tester of an exposed path",
			.program = "capakit-tester",
			.root = CONFINE_ROOT_HOST,
			.calls = TESTER | CONFINE_CALLS_INET_STREAM,
			.why = "calls the app at its own address, as any program would",
		},
	[CONFINE_LAUNCHER] =
		{
			.name = "launcher",
			.program = "capakit-sandbox",
			.root = CONFINE_ROOT_HOST,
			.calls = CONFINE_CALLS_WAIT,
			.why = "waits for the sandbox, and passes signals on",
		},
	[CONFINE_INIT] =
		{
			.name = "process 1",
			.program = "capakit-sandbox",
			.root = CONFINE_ROOT_SANDBOX,
			.own_network = true,
			.starts_others = true,
			.calls = CONFINE_CALLS_POLICY,
			.why = "starts the command and reaps; as confined as the workload, and "
			       "what it "
			       "may do the policy says",
		},
};
