// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where this process may make groups. On version 2 that is the nearest group above its own that it
 * may write: processes are in leaves only, and moving one takes the right to write what is above
 * both ends. On version 1 it is its own group in each hierarchy.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/cgroup/cgroup.h"
#include "controller/cgroup/facts.h"
#include "controller/cgroup/files.h"

static const char *const names[CGROUP_KINDS] = {
	[CGROUP_MEMORY] = "memory",
	[CGROUP_CPU] = "cpu",
	[CGROUP_PIDS] = "pids",
	[CGROUP_TIME] = "time",
};

const char *cgroup_kind_name(enum cgroup_kind kind)
{
	return names[kind];
}

static const char *v1_controller(enum cgroup_kind kind)
{
	return kind == CGROUP_TIME ? "cpuacct" : names[kind];
}

struct texts {
	char *self, *mounts;
};

static char *read_proc(const char *path)
{
	struct err err;
	char *text = NULL;
	size_t len;
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !fd_read_all(fd, MIB, &text, &len, &err))
		return xstrdup("");
	return text;
}

static bool writable(const char *folder, const char *file)
{
	auto_free char *path = xasprintf("%s/%s", folder, file);
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

static bool exists(const char *folder, const char *file)
{
	auto_free char *path = xasprintf("%s/%s", folder, file);
	return access(path, F_OK) == 0;
}

/* Groups can be made in it, and processes moved between it and its children. */
static bool is_ours(const char *folder)
{
	return writable(folder, ".") && writable(folder, "cgroup.procs");
}

/* The real root may have processes and children; its files lack what other groups have. */
static bool is_root(const char *folder)
{
	return exists(folder, "cgroup.procs") && !exists(folder, "cgroup.type");
}

/* The nearest group above `folder` that can be written, or NULL. Takes `folder`. */
static char *find_v2_parent(char *folder)
{
	if (is_root(folder) && is_ours(folder))
		return folder;
	for (char *slash; (slash = strrchr(folder, '/')) && slash != folder;) {
		*slash = '\0';
		if (!exists(folder, "cgroup.procs"))
			break; // above the mount
		if (is_ours(folder))
			return folder;
	}
	free(folder);
	return NULL;
}

static bool switch_on(int parent, const char *controller)
{
	char text[CGROUP_FILE_MAX];
	if (cgroup_file_read(parent, "cgroup.subtree_control", text) &&
	    facts_has_word(text, controller))
		return true;
	char wanted[32];
	snprintf(wanted, sizeof(wanted), "+%s", controller);
	return cgroup_file_write(parent, "cgroup.subtree_control", wanted);
}

static void use(struct cgroup_support *support, enum cgroup_kind kind, enum cgroup_version version,
		const char *parent)
{
	support->version[kind] = version;
	support->parent[kind] = xstrdup(parent);
}

static void probe_v2(struct cgroup_support *support, const struct texts *texts, bool *read_only)
{
	auto_free char *cgroup = facts_membership(texts->self, NULL);
	char *own = cgroup ? facts_folder(texts->mounts, NULL, cgroup, read_only) : NULL;
	auto_free char *parent = own ? find_v2_parent(own) : NULL;
	if (!parent)
		return;
	auto_fd int dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char controllers[CGROUP_FILE_MAX];
	if (dir < 0 || !cgroup_file_read(dir, "cgroup.controllers", controllers))
		return;
	use(support, CGROUP_TIME, CGROUP_V2, parent);
	for (enum cgroup_kind kind = 0; kind < CGROUP_TIME; kind++)
		if (facts_has_word(controllers, names[kind]) && switch_on(dir, names[kind]))
			use(support, kind, CGROUP_V2, parent);
}

static void probe_v1(struct cgroup_support *support, const struct texts *texts,
		     enum cgroup_kind kind, bool *read_only)
{
	const char *controller = v1_controller(kind);
	auto_free char *cgroup = facts_membership(texts->self, controller);
	auto_free char *own =
		cgroup ? facts_folder(texts->mounts, controller, cgroup, read_only) : NULL;
	if (own && writable(own, "."))
		use(support, kind, CGROUP_V1, own);
}

static void explain(struct cgroup_support *support, const struct texts *texts, bool read_only)
{
	bool ignored;
	auto_free char *v1 = facts_folder(texts->mounts, "memory", "/", &ignored);
	auto_free char *v2 = facts_folder(texts->mounts, NULL, "/", &ignored);
	if (read_only) {
		support->why_not = "cgroups are mounted read-only (inside a container?)";
		support->fix = "give the container a writable cgroup of its own";
	} else if (v1) {
		support->why_not = "cgroups are version 1 here, which only root may use";
		support->fix = "boot with systemd.unified_cgroup_hierarchy=1, for version 2 alone, "
			       "which can be delegated to a user";
	} else if (!v2) {
		support->why_not = "no cgroup file system is mounted that shows this process's own "
				   "group";
		support->fix = "mount it, as root: mount -t cgroup2 none /sys/fs/cgroup";
	} else if (support->version[CGROUP_TIME] == CGROUP_V2) {
		support->why_not = "the cgroup that is delegated to this user lacks a controller";
		support->fix = "as root: systemctl edit user@.service, there [Service] and "
			       "Delegate=cpu memory pids, and a new login";
	} else {
		support->why_not = "no cgroup above this process's own is delegated to this user";
		support->fix = "start it as `systemd-run --user --scope capakit ...`";
	}
}

void cgroup_probe(struct cgroup_support *support)
{
	*support = (struct cgroup_support){0};
	auto_free char *self = read_proc("/proc/self/cgroup");
	auto_free char *mounts = read_proc("/proc/self/mountinfo");
	struct texts texts = {.self = self, .mounts = mounts};
	bool read_only = false, all = true;
	probe_v2(support, &texts, &read_only);
	for (enum cgroup_kind kind = 0; kind < CGROUP_KINDS; kind++) {
		if (support->version[kind] == CGROUP_NONE)
			probe_v1(support, &texts, kind, &read_only);
		all = all && support->version[kind] != CGROUP_NONE;
	}
	if (!all)
		explain(support, &texts, read_only);
}

void cgroup_support_free(struct cgroup_support *support)
{
	for (enum cgroup_kind kind = 0; kind < CGROUP_KINDS; kind++)
		free(support->parent[kind]);
	*support = (struct cgroup_support){0};
}
