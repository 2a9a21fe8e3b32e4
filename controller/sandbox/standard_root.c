// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The part of the root that all sandboxes share (docs/sandbox.md). It asks this host what it has
 * (merged /usr or not, where the certificates are, the time zone) and writes that down as policy
 * entries; of /etc nothing is taken over but what is named here.
 */
#include "controller/sandbox/policy.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/sandbox/profile.h"

/* The target of a symlink, or NULL. The caller frees. */
static char *read_link(const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	return len > 0 ? xstrndup(target, (size_t)len) : NULL;
}

static bool is_kind(const char *path, mode_t kind)
{
	struct stat st;

	return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

/* Binds the host's file or folder if it is there, by its canonical path. */
static void add_if_there(struct policy *policy, const char *source, const char *target, int flags,
			 const char *reason)
{
	auto_free char *canonical = realpath(source, NULL);

	if (canonical)
		policy_add_bind(policy, canonical, target, flags, reason);
}

static bool add_programs(struct policy *policy, struct err *err)
{
	static const char *const names[] = {"/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin"};

	if (!is_kind("/usr", S_IFDIR))
		return err_set(err, ERR_UNSUPPORTED, "this host has no folder /usr to run from");
	policy_add_bind(policy, "/usr", "/usr", POLICY_EXECUTABLE,
			"programs and libraries of the host, read-only");
	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *to = read_link(names[i]);
		if (to)
			policy_add_symlink(policy, names[i], to, "as the host has it");
		else if (is_kind(names[i], S_IFDIR))
			policy_add_bind(policy, names[i], names[i], POLICY_EXECUTABLE,
					"programs and libraries of the host, read-only");
	}
	return true;
}

static void add_users(struct policy *policy, const struct profile *profile)
{
	unsigned uid = policy->uid, gid = policy->gid;
	auto_free char *passwd = xasprintf(
		"root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n"
		"workload:x:%u:%u:workload:%s:/bin/sh\n"
		"nobody:x:65534:65534:everybody else on the host:/nonexistent:/usr/sbin/nologin\n",
		uid, gid, profile->home);
	auto_free char *group = xasprintf("root:x:0:\nworkload:x:%u:\nnogroup:x:65534:\n", gid);

	policy_add_file(policy, "/etc/passwd", passwd, "the users there are inside");
	policy_add_file(policy, "/etc/group", group, "the groups there are inside");
}

static void add_names(struct policy *policy)
{
	auto_free char *hosts =
		xasprintf("127.0.0.1 localhost %s\n::1 localhost\n", policy->hostname);

	policy_add_file(policy, "/etc/hosts", hosts, "the names there are inside");
	policy_add_file(policy, "/etc/hostname", policy->hostname, "the sandbox's own name");
	policy_add_file(policy, "/etc/nsswitch.conf",
			"passwd: files\ngroup: files\nhosts: files\nservices: files\n",
			"names come from these files alone");
	policy_add_file(policy, "/etc/resolv.conf", "", "there is no resolver inside");
}

static void add_certificates(struct policy *policy)
{
	static const char *const folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs",
					      "/etc/pki/ca-trust/extracted"};

	for (size_t i = 0; i < array_len(folders); i++)
		add_if_there(policy, folders[i], folders[i], 0,
			     "certificate authorities that the host trusts");
}

/* Sets TZ as well: /etc/localtime alone is not read by every program. */
static void add_time_zone(struct policy *policy)
{
	auto_free char *zone = realpath("/etc/localtime", NULL);
	const char *prefix = "/usr/share/zoneinfo/";
	bool known = zone && str_starts(zone, prefix);

	if (known)
		policy_add_symlink(policy, "/etc/localtime", zone, "the host's time zone");
	policy_set_env(policy, "TZ", known ? zone + strlen(prefix) : "UTC", "the host's time zone");
}

static void add_variables(struct policy *policy, const struct profile *profile)
{
	policy_set_env(policy, "PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
		       "where programs are");
	policy_set_env(policy, "HOME", profile->home, "the workload's own home");
	policy_set_env(policy, "TMPDIR", "/tmp", "where temporary files go");
	policy_set_env(policy, "LANG", "C.UTF-8", "a locale that every host has");
	policy_set_env(policy, "container", "capakit", "says that process 1 is a sandbox's");
}

static void add_limits(struct policy *policy)
{
	policy_add_limit(policy, POLICY_LIMIT_NOFILE, 65536, "one process may not use up the host");
	policy_add_limit(policy, POLICY_LIMIT_NPROC, SANDBOX_PIDS_DEFAULT, "a fork bomb ends here");
	policy_add_limit(policy, POLICY_LIMIT_MEMLOCK, 8 * MIB, "locked memory cannot be swapped");
	policy_add_limit(policy, POLICY_LIMIT_CORE, 0, "core files would hold secrets");
}

/* What is in memory. A home below /tmp is a folder of it. */
static void add_memory(struct policy *policy, const struct profile *profile)
{
	if (profile->shared_memory)
		policy_add_tmpfs(policy, "/dev/shm", 64 * MIB, 01777, 0, "POSIX shared memory");
	policy_add_tmpfs(policy, "/tmp", 1024 * MIB, 01777, POLICY_EXECUTABLE, "temporary files");
	if (str_starts(profile->home, "/tmp/"))
		policy_add_dir(policy, profile->home, 0700, "the workload's own home");
	else
		policy_add_tmpfs(policy, profile->home, 1024 * MIB, 0700, POLICY_EXECUTABLE,
				 "the workload's own home");
}

bool policy_add_standard_root(struct policy *policy, struct err *err)
{
	const struct profile *profile = profile_find(policy->profile);

	if (!profile)
		return err_set(err, ERR_USAGE, "there is no profile \"%s\"", policy->profile);
	if (!add_programs(policy, err))
		return false;
	add_users(policy, profile);
	add_names(policy);
	add_certificates(policy);
	add_if_there(policy, "/etc/ld.so.cache", "/etc/ld.so.cache", 0,
		     "where the loader finds libraries");
	add_if_there(policy, "/etc/alternatives", "/etc/alternatives", 0,
		     "some programs in /usr/bin are symlinks into it");
	add_time_zone(policy);
	policy_add_proc(policy, "/proc", profile->processes_only, "the sandbox's own processes");
	policy_add_dev(policy, "/dev", "the devices without which little works");
	add_memory(policy, profile);
	policy_add_dir(policy, "/run", 0755, "holds the view");
	add_variables(policy, profile);
	add_limits(policy);
	return true;
}
