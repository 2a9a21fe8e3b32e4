// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a sandbox is, as pure data: the controller makes a policy, `capakit policy show` prints it
 * and `capakit-sandbox` carries it out. Both sides use this one model, and JSON in between. Every
 * entry says its reason. A policy owns all its strings; the adders copy theirs, cannot fail and
 * check nothing: policy_check() does, and the sandbox refuses a policy that does not pass it.
 */
#include <stdbool.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define POLICY_FD 3  // where capakit-sandbox finds its policy: a sealed memory file
#define FAILURE_FD 4 // where it says why it executed nothing: a pipe that the command does not have

/* Exit statuses of capakit-sandbox; any other is the command's own, or 128 + its signal. */
#define SANDBOX_EXIT_SETUP 125	      // the sandbox could not be set up; nothing was executed
#define SANDBOX_EXIT_NOT_EXECUTED 126 // the command cannot be executed
#define SANDBOX_EXIT_NOT_FOUND 127    // the command was not found

/* To capakit-sandbox: kills everything inside, and ends when all of it is gone. After SIGKILL it
 * could not wait, and what is inside would end a little later. */
#define SANDBOX_KILL SIGUSR1

enum policy_network {
	POLICY_NET_NONE,     // no interface but a downed loopback, no socket family but Unix
	POLICY_NET_LOOPBACK, // 127.0.0.1 and ::1 of its own
	POLICY_NET_EGRESS,   // as loopback, and the egress sidecar listens on 127.0.0.1:egress_port
};

enum policy_mount_kind {
	POLICY_MOUNT_BIND,
	POLICY_MOUNT_TMPFS,
	POLICY_MOUNT_PROC,
	POLICY_MOUNT_DEV,
	POLICY_MOUNT_OVERLAY,
	POLICY_MOUNT_FILE,
	POLICY_MOUNT_SYMLINK,
	POLICY_MOUNT_DIR,
};

/*
 * One entry of the root. They are made in order. A target that does not exist yet is made, but
 * only where the sandbox owns the file system (root, TMPFS, OVERLAY): nothing is ever made in a
 * folder of the host. No component of a target may be a symlink.
 */
struct policy_mount {
	enum policy_mount_kind kind;
	char *target; // absolute path inside
	char *reason;
	char *from; // policy_from

	char *source;	  // BIND: absolute canonical path on the host, a folder or a file
	bool writable;	  // BIND, OVERLAY
	bool executable;  // BIND, TMPFS, OVERLAY
	bool idmap_owner; // BIND, OVERLAY, root mode only: the source's owner <-> the workload's
			  // user

	bool processes_only; // PROC: nothing in it but processes

	uint64_t size; // TMPFS: bytes
	mode_t mode;   // TMPFS, DIR

	char **lowers; // OVERLAY: absolute canonical host paths, topmost first
	size_t n_lowers;
	char *upper; // OVERLAY: a host folder
	char *work;  // OVERLAY: an empty folder beside `upper`, in the same parent

	char *content; // FILE: text; SYMLINK: what it points to
};

struct policy_env {
	char *name;
	char *value;
	char *reason;
	char *from; // policy_from
};

enum policy_resource {
	POLICY_LIMIT_NOFILE, // open descriptors of a process
	POLICY_LIMIT_NPROC,  // processes and threads of the sandbox
	POLICY_LIMIT_FSIZE,  // bytes of one file
	POLICY_LIMIT_MEMLOCK,
	POLICY_LIMIT_CORE,
	POLICY_LIMIT_STACK,
	POLICY_LIMIT_DATA, // bytes of private writable memory of a process
};

struct policy_limit {
	enum policy_resource resource;
	uint64_t value;
	char *reason;
	char *from; // policy_from
};

struct policy {
	char *hostname;
	char *profile; // its name (profile.h); it decides the list of system calls

	uid_t uid; // of the workload, as it sees itself (default 1000 1000, user `workload`)
	gid_t gid;
	uid_t host_uid; // of the workload on the host. 0: the calling user, who then may not be
			// root;
	gid_t host_gid; // root must name an unprivileged one (root mode)
	pid_t parent;	// the process that must still be the launcher's parent; 0: whoever it is

	enum policy_network network;
	char *network_reason;
	char *network_from;   // as that of a mount
	uint16_t egress_port; // EGRESS
	int handoff_fd;	      // EGRESS: a Unix socket of the launcher, gets the listener; else -1

	struct policy_mount *mounts;
	size_t n_mounts;
	struct policy_env *env;
	size_t n_env;
	struct policy_limit *limits;
	size_t n_limits;
	char **argv;
	size_t n_argv;
	char *command_from; // as that of a mount
	char *directory;    // working directory, inside
	mode_t umask;

	char *from; // of what is added next; not part of what is carried out
};

/* An empty policy: hostname `capakit`, profile `standard`, network none, umask 022, directory `/`.
 */
struct policy *policy_new(void);
void policy_free(struct policy **policy); // accepts NULL and half-made ones
void policy_free_cleanup(struct policy **policy);
#define auto_policy __attribute__((cleanup(policy_free_cleanup)))

/* Replaces *text (hostname, directory, ...) by a copy. */
void policy_set(char **text, const char *value);

/* Where in a manifest all that is added from here on was asked for: FILE:LINE:COLUMN; "": nowhere,
 * every sandbox has it. */
void policy_from(struct policy *policy, const char *from);

enum policy_bind_flags {
	POLICY_WRITABLE = 1,   // else read-only
	POLICY_EXECUTABLE = 2, // else noexec
	POLICY_IDMAP = 4,      // idmap_owner; has no effect unless host_uid is set
};
void policy_add_bind(struct policy *policy, const char *source, const char *target, int flags,
		     const char *reason);
void policy_add_tmpfs(struct policy *policy, const char *target, uint64_t size, mode_t mode,
		      int flags, const char *reason);
void policy_add_proc(struct policy *policy, const char *target, bool processes_only,
		     const char *reason);
void policy_add_dev(struct policy *policy, const char *target, const char *reason);
void policy_add_overlay(struct policy *policy, const char *target, const char *const *lowers,
			size_t n_lowers, const char *upper, const char *work, int flags,
			const char *reason);
void policy_add_file(struct policy *policy, const char *target, const char *content,
		     const char *reason);
void policy_add_symlink(struct policy *policy, const char *target, const char *to,
			const char *reason);
void policy_add_dir(struct policy *policy, const char *target, mode_t mode, const char *reason);

/* Adds a variable, or replaces the one of that name. */
void policy_set_env(struct policy *policy, const char *name, const char *value, const char *reason);
void policy_add_limit(struct policy *policy, enum policy_resource resource, uint64_t value,
		      const char *reason);
/* As policy_add_limit, or replaces the one of that resource. */
void policy_set_limit(struct policy *policy, enum policy_resource resource, uint64_t value,
		      const char *reason);
void policy_add_arg(struct policy *policy, const char *arg);
void policy_clear_args(struct policy *policy);

/* Whether it is complete, within the limits and makes sense; says the first thing that does not. */
must_check bool policy_check(const struct policy *policy, struct err *err);

/* The caller frees. Everything is printed, in a fixed order, so equal policies give equal texts. */
char *policy_to_json(const struct policy *policy, bool pretty);

/* Strict: unknown or missing members and wrong types are errors; policy_check() is passed. */
struct policy *policy_from_json(const char *json, size_t len, struct err *err);

/*
 * What every sandbox has, as its profile says: /usr of the host read-only and /bin, /lib... as the
 * host has them, a synthetic /etc, /proc, /dev, /tmp, HOME=/home/workload, PATH, TMPDIR, LANG, TZ,
 * container=capakit, and the default limits. The Kit, the view, the toolchain and mounts come after
 * it. Looks at this host's file system for what there is to mount.
 */
must_check bool policy_add_standard_root(struct policy *policy, struct err *err);
