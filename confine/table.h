// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What each of our own processes may touch: one table, data alone. Whoever confines a process reads
 * its row (restrict.h; sidecar/confine.c for namespaces and the root;
 * controller/sandbox/filter_gen.c while capakit is built), and docs/confinement.md prints all of
 * them (describe.h).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum confine_process {
	CONFINE_CONTROLLER,
	CONFINE_JANITOR,
	CONFINE_KEEPER,
	CONFINE_WORKLOAD, // the sidecar of one
	CONFINE_EDGE,
	CONFINE_EGRESS,
	CONFINE_OUTSIDE,
	CONFINE_TESTER,	      // of a case that calls a workload, or judges a command
	CONFINE_TESTER_DIALS, // of a case that calls an exposed path
	CONFINE_LAUNCHER,
	CONFINE_INIT,
	CONFINE_PROCESSES,
};

enum confine_root {
	CONFINE_ROOT_HOST,
	CONFINE_ROOT_VIEW,    // of its workload, read-only
	CONFINE_ROOT_EMPTY,   // a folder without anything in it
	CONFINE_ROOT_SANDBOX, // that of the workload
};

enum confine_calls {			    // groups of system calls, listed in calls.c
	CONFINE_CALLS_SELF = 1 << 0,	    // memory, time, signals to itself, its end
	CONFINE_CALLS_EVENTS = 1 << 1,	    // channels and open descriptors, waiting for them
	CONFINE_CALLS_SOCKETS = 1 << 2,	    // open sockets, pipes and timers
	CONFINE_CALLS_ACCEPT = 1 << 3,	    // on listeners that it was handed
	CONFINE_CALLS_UNIX_STREAM = 1 << 4, // socket(AF_UNIX, SOCK_STREAM) and connect()
	CONFINE_CALLS_INET_STREAM = 1
				    << 5,  // socket(AF_INET or AF_INET6, SOCK_STREAM) and connect()
	CONFINE_CALLS_INET_DGRAM = 1 << 6, // the same with SOCK_DGRAM: the resolver
	CONFINE_CALLS_DATABASE = 1 << 7,   // files, which ones Landlock says
	CONFINE_CALLS_REMOVE = 1 << 8,	   // folders and what is in them
	CONFINE_CALLS_WAIT = 1 << 9, // for a child, and passing signals on to it: all that it has
	CONFINE_CALLS_SANITIZED =
		1 << 10, // what the run time of a sanitizer needs, in such a build only
	CONFINE_CALLS_WAIT_SANITIZED = 1 << 11, // the same, where there is CALLS_WAIT alone
	CONFINE_CALLS_ALL = 1 << 12,	// every call but those denied, since its children need them
	CONFINE_CALLS_POLICY = 1 << 13, // those of the sandbox's policy
	CONFINE_CALLS_PAIR = 1 << 14,	// socketpair(): two ends of its own
};
#define CONFINE_CALLS_CONNECT                                                                      \
	(CONFINE_CALLS_UNIX_STREAM | CONFINE_CALLS_INET_STREAM | CONFINE_CALLS_INET_DGRAM)

/* Files that Landlock lets it use: where, and the rights there (base/landlock.h). */
struct confine_files {
	const char *where;
	uint64_t rights;
};
#define CONFINE_FILES_MAX 4

struct confine_row {
	const char *name;
	const char *program;
	enum confine_root root;
	bool own_network; // an empty one; else that of who started it
	/* Others that need more than it does: Landlock and the limit of processes, which are
	 * inherited, are then left to them. */
	bool starts_others;
	struct confine_files files[CONFINE_FILES_MAX]; // up to the first without a name
	uint32_t calls;				       // groups
	uint64_t capabilities;			       // kept when root started it: 1 << CAP_...
	const char *why;
};

extern const struct confine_row confine_table[CONFINE_PROCESSES];
