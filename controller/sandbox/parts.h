// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The parts of capakit-sandbox, in the order in which they run. There are two processes before
 * the command: the launcher, which stays outside and waits, and process 1 of the sandbox, which
 * sets everything up from inside and then stays as its init. Whatever fails ends both with
 * SANDBOX_EXIT_SETUP: there is no weaker way to go on.
 */
#include <sys/stat.h>

#include "base/err.h"
#include "base/limits.h"
#include "controller/sandbox/policy.h"

/* Root mode: started by root, the workload gets the unprivileged host user of the policy. */
static inline bool policy_is_root_mode(const struct policy *policy)
{
	return policy->host_uid != 0;
}

/* Of process 1, for the launcher alone: it ended since the launcher did, and said nothing. */
#define SANDBOX_EXIT_SILENT 124

/* ---- input.c: what the launcher was given */

/* The policy on POLICY_FD, which must be a fully sealed memory file. */
struct policy *input_sealed_policy(struct err *err);
struct policy *input_policy_file(const char *path, struct err *err);

/* Standard descriptors are open and no folders; of all others `handoff` (-1: none) and the failure
 * channel are left, until something is executed. */
must_check bool input_close_others(int handoff, struct err *err);

/* ---- failure.c: why nothing was executed */

/* Started by capakit: failures are said on FAILURE_FD too. */
void failure_open(void);
int failure_channel(void); // -1: none
void failure_say(const struct err *err);

/* ---- launcher.c: the process outside */

/* Runs the policy to its end and returns the exit status; -1: it could not be started. */
int launcher_run(const struct policy *policy, struct err *err);

/* ---- setup.c: process 1, inside */

/* `launcher` is a socket to it, `launcher_pidfd` says whether it still lives. */
_Noreturn void setup_and_run(const struct policy *policy, int launcher, int launcher_pidfd);

/* ---- namespaces.c */

/* Why this kernel may have refused a namespace, and what to do about it. Returns false. */
bool namespaces_refused(int errnum, const char *doing, struct err *err);

/* Whether the caller may make this sandbox: root with a host user, anybody else without. */
must_check bool namespaces_check_caller(const struct policy *policy, struct err *err);

/* CLONE_NEW*: of every kind, but in root mode the user namespace comes later. */
unsigned long namespaces_of(const struct policy *policy);

/* fork(2) into new namespaces of these kinds. */
pid_t namespaces_fork(unsigned long kinds, struct err *err);

/*
 * The launcher's half: writes the id maps of process `pid` and says so over `sync`; in root mode
 * when it is asked to.
 */
must_check bool namespaces_serve_maps(const struct policy *policy, pid_t pid, int sync,
				      struct err *err);

/* Process 1's half, in root mode: asks for the maps and waits until they are there. */
must_check bool namespaces_ask_maps(int launcher, struct err *err);

/* Waits for the launcher's next word: that the maps are there, and that it is confined itself. */
must_check bool namespaces_await_launcher(int launcher, struct err *err);

/* Root mode: process 1 gets its user namespace and becomes the workload's user in it. */
must_check bool namespaces_become_workload(const struct policy *policy, int launcher,
					   struct err *err);

/* No user namespaces below this one; `proc` is a writable /proc. */
must_check bool namespaces_forbid_more(int proc, struct err *err);

/* ---- network.c */

/* Loopback up, and the egress listener handed over, as the policy says. */
must_check bool network_set_up(const struct policy *policy, struct err *err);

/* Waits for the controller's word that the egress sidecar listens. */
must_check bool network_await_egress(const struct policy *policy, struct err *err);

/* ---- root.c */

struct root {
	int fd;	   // the new root
	int proc;  // /proc, writable, mounted nowhere; -1: not made yet
	int idmap; // user namespace of the id map made last; -1: none
	bool root_mode;
	bool has_proc;
	uid_t uid; // the workload's user, as this process counts users
	gid_t gid;
	uid_t idmap_uid; // the host owner that `idmap` maps to it
	gid_t idmap_gid;
	dev_t owned[POLICY_MOUNTS_MAX + 2]; // file systems of our own: targets may be made there
	size_t n_owned;
};

/* An empty tmpfs as the new root, and no mount propagates in or out any more. */
must_check bool root_begin(struct root *root, const struct policy *policy, struct err *err);

/* Open the target (O_PATH) by a path inside, without following any symlink; made if missing. */
int root_folder(const struct root *root, const char *path, struct err *err);
int root_file(const struct root *root, const char *path, struct err *err);

/* The folder that holds the target, to make something new in it; *name points into `path`. */
int root_parent(const struct root *root, const char *path, const char **name, struct err *err);

/* Attaches a detached mount, and remembers its file system as our own if it is. */
must_check bool root_attach(struct root *root, int mount, int target, bool own, const char *path,
			    struct err *err);

/* Read-only from here; becomes `/` of this process, and the host's root is gone. */
must_check bool root_enter(struct root *root, struct err *err);

/* ---- mounts.c, tree.c, overlay.c, devices.c, proc.c, idmap.c: what is in the root */

must_check bool mounts_make(struct root *root, const struct policy *policy, struct err *err);
must_check bool mounts_make_one(struct root *root, const struct policy_mount *mount,
				struct err *err);

/* A detached copy of what `fd` refers to, with all mounts below it. */
int tree_clone(int fd, const char *path, struct err *err);

/* Adds MOUNT_ATTR_* to a mount (and those below, if `all`), and makes it private. */
must_check bool tree_restrict(int mount, uint64_t attributes, bool all, const char *path,
			      struct err *err);

struct tree_option {
	const char *key;
	const char *value; // NULL: a flag
};
/* A new file system, detached; options end with a NULL key. */
int tree_new(const char *type, const struct tree_option *options, unsigned attributes,
	     struct err *err);

must_check bool overlay_make(struct root *root, const struct policy_mount *mount, struct err *err);
must_check bool devices_make(struct root *root, const struct policy_mount *mount, struct err *err);

/* A /proc of its own, without more (proc_attach: the mount, which the caller closes); what it tells
 * and what can be written in it covered; all of that, and no user namespaces below this one. */
int proc_attach(struct root *root, const struct policy_mount *mount, struct err *err);
must_check bool proc_cover(struct root *root, int proc, struct err *err);
must_check bool proc_make(struct root *root, const struct policy_mount *mount, struct err *err);

/* A detached copy of the host's /dev/null, for masking files. */
int devices_clone_null(struct err *err);

/* Root mode: the owner of `source` appears as the workload's user on the detached `mount`. */
must_check bool idmap_apply(struct root *root, int mount, int source, const char *path,
			    struct err *err);

/* ---- privileges.c */
/* All limits but that of data, which is set last, by who executes the command: what is mapped
 * counts at once, such as the shadow that a sanitizer has of the whole address space. */
must_check bool privileges_limit_resources(const struct policy *policy, struct err *err);
must_check bool privileges_limit_data(const struct policy *policy, struct err *err);

/* No capability left; and no program file may give more (no_new_privs). */
must_check bool privileges_keep_none(struct err *err);
must_check bool privileges_forbid_new(struct err *err);

/* As privileges_keep_none, and none can come back: no bounding set, securebits locked. */
must_check bool privileges_drop(struct err *err);

/* Nobody inside may look into this process, or through its links in /proc. */
must_check bool privileges_hide(struct err *err);

/* Dies with `parent`, whose pidfd tells whether it is dead already. */
must_check bool privileges_die_with(int parent_pidfd, struct err *err);

/* ---- landlock.c */
must_check bool landlock_restrict(const struct policy *policy, struct err *err);

/* ---- filter.c */
must_check bool filter_install_launcher(struct err *err);
/* The two programs, in the order in which they have to be installed: the second refuses more. */
must_check bool filter_install_arguments(const struct policy *policy, struct err *err);
must_check bool filter_install_calls(const struct policy *policy, struct err *err);

/* ---- init.c */
_Noreturn void init_run(const struct policy *policy);

/* Waits for `child` to end, passes SIGTERM, SIGINT and SIGHUP on to it, SANDBOX_KILL as SIGKILL;
 * its exit status. */
int init_wait(pid_t child);
void init_block_signals(void);
