// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Gives up the host, for good, but for what the sidecar's row of the table names
 * (confine/table.h). Call it once, while the process has one thread, when all that needs the host
 * has been opened (egress_prepare, edge_peer_open), and before any foreign byte is read.
 *
 * Afterwards the process is alone in user, mount, IPC, UTS and cgroup namespaces of its own, its
 * root is the view (read-only, connect() works) or an empty folder, it has no capability and never
 * gets one, Landlock denies every file, and system calls are those of its row. open(2) and stat(2)
 * say ENOENT, other unknown calls ENOSYS; hostile ones (execve, ptrace, socket() of another family,
 * executable memory, ...) kill the process.
 */
#include "base/err.h"
#include "confine/table.h"

/*
 * `process` is CONFINE_WORKLOAD, CONFINE_EDGE, CONFINE_EGRESS or CONFINE_OUTSIDE; `view_fd` is the view's folder
 * (O_PATH will do), or -1 for a process without one; the caller still owns it and should close it
 * afterwards. ERR_UNSUPPORTED names what the kernel or the host forbids and what to do; ERR_DENIED
 * when started as root. After a failure the process is half confined and must end.
 */
must_check bool confine_self(enum confine_process process, int view_fd, struct err *err);
