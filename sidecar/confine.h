// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What each role of the sidecar may touch is one table (confine_roles); confine_self gives up
 * everything else, for good. Call it once, while the process has one thread, when all that needs
 * the host has been opened (egress_prepare, edge_peer_open), and before any foreign byte is read.
 *
 * Afterwards the process is alone in user, mount, IPC, UTS and cgroup namespaces of its own, its
 * root is the view (read-only, connect() works) or an empty folder, it has no capability and never
 * gets one, Landlock denies every file, and system calls are those of the role's row. open(2) and
 * stat(2) say ENOENT, other unknown calls ENOSYS; hostile ones (execve, ptrace, socket() of another
 * family, executable memory, ...) kill the process.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum confine_calls {		      // groups of system calls, listed in confine_filter.c
	CONFINE_BASE = 1 << 0,	      // memory, time, signals to itself, events, open descriptors
	CONFINE_ACCEPT = 1 << 1,      // accept4() on listeners it was handed
	CONFINE_UNIX_STREAM = 1 << 2, // socket(AF_UNIX, SOCK_STREAM) and connect()
	CONFINE_INET_STREAM = 1 << 3, // socket(AF_INET or AF_INET6, SOCK_STREAM) and connect()
	CONFINE_INET_DGRAM = 1 << 4,  // the same with SOCK_DGRAM: the resolver
	CONFINE_SANITIZED = 1 << 5, // what the run time of a sanitizer needs, in such a build only
};

struct confine_role {
	const char *name;
	bool view;	   // the root is the view it is given; else an empty folder
	bool host_network; // stays in the network namespace it was started in
	uint32_t calls;	   // confine_calls
	const char *why;   // for the docs
};

enum confine_role_id { CONFINE_WORKLOAD, CONFINE_EDGE, CONFINE_EGRESS, CONFINE_ROLES };
extern const struct confine_role confine_roles[CONFINE_ROLES];

/*
 * `view_fd` is the view's folder (O_PATH will do), or -1 for a role without one; the caller still
 * owns it and should close it afterwards. ERR_UNSUPPORTED names what the kernel or the host
 * forbids and what to do; ERR_DENIED when started as root. After a failure the process is half
 * confined and must end.
 */
must_check bool confine_self(const struct confine_role *role, int view_fd, struct err *err);

/* The whole table as Markdown, as docs/confinement.md prints it. */
bool confine_describe(struct buf *out);
