// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What `capakit doctor` found out about this machine, without a judgement: checks.h has that.
 * Numbers that are not known are -1. Texts are owned; NULL means what is said beside them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "controller/cgroup/cgroup.h"

/* A sandbox that capakit-sandbox really made, or why it could not. */
struct trial {
	bool tried;
	char *refusal; // NULL: it worked
};

struct facts {
	bool root;
	char *program_dir; // of the running capakit, for the path of the AppArmor profile

	int kernel_major, kernel_minor;
	char *kernel_release;
	int landlock; // version; 0: none
	bool seccomp; // filters that can kill a process
	bool aes;     // CPU instructions

	int max_user_namespaces; // user.max_user_namespaces
	int userns_clone;	 // kernel.unprivileged_userns_clone
	int apparmor_userns;	 // kernel.apparmor_restrict_unprivileged_userns
	int ptrace_scope;	 // kernel.yama.ptrace_scope
	uint64_t memlock;	 // bytes that a process may lock; UINT64_MAX: any number
	struct cgroup_support cgroups;
	const char *container; // "docker", "podman", ...; NULL: none that can be told

	char *runtime_dir_error, *state_dir_error; // NULL: usable
	char *toolchain, *toolchain_error;	   // the program; NULL: see the error
	char *registry, *registry_error;

	struct trial sandbox; // the root and network of a workload
	struct trial overlay; // with an overlay on top, in the state folder
	struct trial idmap;   // as root: with an idmapped folder
};

void facts_collect(struct facts *facts);
void facts_free(struct facts *facts);

/* Parts of facts_collect, each in its own file. */
void facts_collect_kernel(struct facts *facts);
void facts_try_sandboxes(struct facts *facts);
