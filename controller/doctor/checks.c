// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One function for each thing that is looked at, in the order in which they are shown: what a
 * person has to mend first stands first, since the later ones may fail for the same reason.
 */
#include "controller/doctor/checks.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

enum { KERNEL_MAJOR = 6, KERNEL_MINOR = 1, LANDLOCK_NEWEST = 6 };

/* Each has one of these three results. */
static void good(struct check *check, char *finding)
{
	check->finding = finding;
}

static void bad(struct check *check, enum check_state state, char *finding, char *fix)
{
	*check = (struct check){check->name, state, finding, fix};
}

static void check_kernel(const struct facts *facts, struct check *check)
{
	char *finding = xasprintf("Linux %s", facts->kernel_release ? facts->kernel_release : "?");

	if (facts->kernel_major > KERNEL_MAJOR ||
	    (facts->kernel_major == KERNEL_MAJOR && facts->kernel_minor >= KERNEL_MINOR))
		return good(check, finding);
	bad(check, CHECK_MISSING, finding,
	    xstrdup("install Linux 6.1 or later (the kernel of Debian 12, or Ubuntu 22.04 with "
		    "linux-generic-hwe-22.04)"));
}

static void check_landlock(const struct facts *facts, struct check *check)
{
	if (facts->landlock >= LANDLOCK_NEWEST)
		return good(check, xasprintf("Landlock version %d", facts->landlock));
	if (facts->landlock > 0)
		return bad(check, CHECK_WEAK,
			   xasprintf("Landlock version %d: %s left to the other layers",
				     facts->landlock,
				     facts->landlock < 4 ? "TCP ports, signals and abstract Unix "
							   "sockets are"
							 : "signals and abstract Unix sockets are"),
			   xstrdup("a newer kernel knows all (Linux 6.12)"));
	bad(check, CHECK_MISSING, xstrdup("the kernel has no Landlock, or it is not switched on"),
	    xstrdup("add \"landlock\" to the front of the kernel's list of security modules: the "
		    "parameter lsm= of the boot loader, with what /sys/kernel/security/lsm says "
		    "already; a kernel built without CONFIG_SECURITY_LANDLOCK has to be replaced"));
}

static void check_seccomp(const struct facts *facts, struct check *check)
{
	if (facts->seccomp)
		return good(check, xstrdup("filters of system calls can be installed"));
	bad(check, CHECK_MISSING, xstrdup("the kernel has no system-call filters"),
	    xstrdup("use a kernel with CONFIG_SECCOMP_FILTER; in a container, one whose runtime "
		    "passes seccomp(2) on"));
}

static void check_namespaces(const struct facts *facts, struct check *check)
{
	static const char fix[] =
		"that is this machine's administrator's decision, and capakit has no weaker mode: "
		"use a machine, or a virtual machine of its own, whose users may have them";

	if (facts->max_user_namespaces == 0)
		return bad(check, CHECK_MISSING,
			   xstrdup("user namespaces are forbidden (user.max_user_namespaces is 0)"),
			   xstrdup(fix));
	if (facts->userns_clone == 0)
		return bad(check, CHECK_MISSING,
			   xstrdup("user namespaces are forbidden to ordinary users "
				   "(kernel.unprivileged_userns_clone is 0)"),
			   xstrdup(fix));
	good(check, xstrdup("ordinary users may make user namespaces"));
}

/* Whether the profile is loaded, only the trial tells: the list of profiles is root's to read. */
static void check_apparmor(const struct facts *facts, struct check *check)
{
	if (facts->apparmor_userns != 1)
		return good(check, xstrdup("AppArmor does not restrict user namespaces"));
	if (facts->sandbox.tried && !facts->sandbox.refusal)
		return good(check, xstrdup("AppArmor restricts user namespaces, and lets "
					   "capakit's programs make them"));
	bad(check, CHECK_MISSING,
	    xstrdup("AppArmor restricts user namespaces to programs with a profile"),
	    xasprintf("load capakit's profile, as root: install -m 644 "
		      "%s/../share/capakit/apparmor/capakit /etc/apparmor.d/capakit && "
		      "apparmor_parser -r /etc/apparmor.d/capakit",
		      facts->program_dir ? facts->program_dir : "."));
}

static void check_container(const struct facts *facts, struct check *check)
{
	if (!facts->container)
		return good(check, xstrdup("not inside a container, as far as can be told"));
	if (facts->sandbox.tried && !facts->sandbox.refusal)
		return good(check,
			    xasprintf("inside %s, which allows sandboxes", facts->container));
	bad(check, CHECK_MISSING,
	    xasprintf("inside %s, which does not allow namespaces and mounts", facts->container),
	    xstrdup("run capakit on the host itself or in a virtual machine; its sandboxes need "
		    "more than a container is meant to be given"));
}

static void check_runtime(const struct facts *facts, struct check *check)
{
	if (facts->runtime_dir_error)
		return bad(check, CHECK_MISSING, xstrdup(facts->runtime_dir_error),
			   xstrdup("make it yours alone (chmod 700), or set XDG_RUNTIME_DIR or "
				   "CAPAKIT_HOME to a folder that is"));
	good(check, xstrdup("the folder of sockets is this user's alone"));
}

static void check_state(const struct facts *facts, struct check *check)
{
	if (facts->state_dir_error)
		return bad(check, CHECK_MISSING, xstrdup(facts->state_dir_error),
			   xstrdup("make it writable, or set XDG_STATE_HOME or CAPAKIT_HOME to a "
				   "folder that is"));
	good(check, xstrdup("the folder of snapshots, layers and logs is writable"));
}

static void check_trial(const struct trial *trial, struct check *check, const char *works,
			const char *fix)
{
	if (!trial->tried)
		return bad(check, CHECK_MISSING,
			   xstrdup("not tried, since what it needs is missing"),
			   xstrdup("mend what is named above, and run `capakit doctor` again"));
	if (trial->refusal)
		return bad(check, CHECK_MISSING, xstrdup(trial->refusal), xstrdup(fix));
	good(check, xstrdup(works));
}

static void check_sandbox(const struct facts *facts, struct check *check)
{
	check_trial(&facts->sandbox, check, "a sandbox was made, and a program ran in it",
		    "mend what is named above; if nothing is, the text says what was refused");
}

static void check_overlay(const struct facts *facts, struct check *check)
{
	check_trial(&facts->overlay, check, "an overlay was mounted in a sandbox",
		    "load the kernel module (modprobe overlay), and put the state folder "
		    "(CAPAKIT_HOME or XDG_STATE_HOME) on ext4, xfs, btrfs or tmpfs");
}

static void check_idmap(const struct facts *facts, struct check *check)
{
	if (!facts->root)
		return good(check, xstrdup("not needed by an ordinary user"));
	check_trial(&facts->idmap, check, "a folder was mounted with its owner mapped",
		    "put the state folder (CAPAKIT_HOME or XDG_STATE_HOME) on ext4, xfs or btrfs, "
		    "or run capakit as an ordinary user, who needs no such mounts");
}

static void check_cgroups(const struct facts *facts, struct check *check)
{
	static const char *const versions[] = {"nothing", "version 1", "version 2"};
	const struct cgroup_support *cgroups = &facts->cgroups;
	char *finding = xasprintf("control groups that hold a sandbox's memory: %s; its CPU time: "
				  "%s; its processes: %s",
				  versions[cgroups->version[CGROUP_MEMORY]],
				  versions[cgroups->version[CGROUP_CPU]],
				  versions[cgroups->version[CGROUP_PIDS]]);

	if (!cgroups->why_not)
		return good(check, finding);
	bad(check, CHECK_WEAK, finding, xasprintf("%s: %s", cgroups->why_not, cgroups->fix));
}

static void check_memlock(const struct facts *facts, struct check *check)
{
	if (facts->memlock >= DOCTOR_MEMLOCK)
		return good(check, facts->memlock == UINT64_MAX
					   ? xstrdup("memory for secrets can be locked")
					   : xasprintf("%llu KiB of memory can be locked",
						       (unsigned long long)(facts->memlock / KIB)));
	bad(check, CHECK_MISSING,
	    xasprintf("only %llu KiB of memory can be locked; the keeper of secrets needs %lu",
		      (unsigned long long)(facts->memlock / KIB), DOCTOR_MEMLOCK / KIB),
	    xasprintf("raise the limit: ulimit -l %lu, or a line \"* - memlock %lu\" in "
		      "/etc/security/limits.conf and a new login",
		      DOCTOR_MEMLOCK / KIB, DOCTOR_MEMLOCK / KIB));
}

static void check_ptrace(const struct facts *facts, struct check *check)
{
	if (facts->ptrace_scope > 0)
		return good(check, xasprintf("a process may be debugged by its parent only (%d)",
					     facts->ptrace_scope));
	bad(check, CHECK_WEAK,
	    xstrdup("any program of yours may debug others of yours (Yama is off); capakit's own "
		    "are closed to it in any case"),
	    xstrdup("sysctl kernel.yama.ptrace_scope=1, and in /etc/sysctl.d to keep it"));
}

static void check_toolchain(const struct facts *facts, struct check *check)
{
	if (facts->toolchain)
		return good(check, xasprintf("Bun is %s", facts->toolchain));
	bad(check, CHECK_MISSING,
	    xstrdup(facts->toolchain_error ? facts->toolchain_error : "Bun was not found"),
	    xstrdup("run deploy/setup"));
}

static void check_registry(const struct facts *facts, struct check *check)
{
	if (facts->registry)
		return good(check, xasprintf("packages come from %s", facts->registry));
	bad(check, CHECK_WEAK,
	    xstrdup(facts->registry_error ? facts->registry_error : "no package registry is known"),
	    xstrdup("set NPM_CONFIG_REGISTRY, or a line registry=https://... in ~/.npmrc"));
}

static void check_aes(const struct facts *facts, struct check *check)
{
	if (facts->aes)
		return good(check, xstrdup("the CPU has AES instructions"));
	bad(check, CHECK_WEAK, xstrdup("the CPU has no AES instructions: links are slower"),
	    xstrdup("in a virtual machine, pass the host's CPU model on"));
}

static const struct {
	const char *name;
	void (*make)(const struct facts *facts, struct check *check);
} table[] = {
	{"kernel", check_kernel},
	{"landlock", check_landlock},
	{"seccomp", check_seccomp},
	{"user-namespaces", check_namespaces},
	{"apparmor", check_apparmor},
	{"container", check_container},
	{"runtime-folder", check_runtime},
	{"state-folder", check_state},
	{"sandbox", check_sandbox},
	{"overlay", check_overlay},
	{"idmap", check_idmap},
	{"cgroups", check_cgroups},
	{"memlock", check_memlock},
	{"ptrace", check_ptrace},
	{"bun", check_toolchain},
	{"registry", check_registry},
	{"aes", check_aes},
};
_Static_assert(array_len(table) <= CHECKS_MAX, "they are all shown");

const char *check_state_name(enum check_state state)
{
	static const char *const names[] = {"ok", "weak", "missing"};

	return names[state];
}

void checks_make(const struct facts *facts, struct checks *checks)
{
	*checks = (struct checks){.n = array_len(table)};
	for (size_t i = 0; i < checks->n; i++) {
		checks->list[i].name = table[i].name;
		table[i].make(facts, &checks->list[i]);
	}
}

bool checks_usable(const struct checks *checks)
{
	for (size_t i = 0; i < checks->n; i++)
		if (checks->list[i].state == CHECK_MISSING)
			return false;
	return true;
}

void checks_free(struct checks *checks)
{
	for (size_t i = 0; i < checks->n; i++) {
		free(checks->list[i].finding);
		free(checks->list[i].fix);
	}
	*checks = (struct checks){0};
}
