// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Makes groups, sets their limits, and removes them. A group of ours is a folder in each of up to
 * four hierarchies; on a machine with version 2 alone all kinds share one folder.
 */
#include "controller/cgroup/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/cgroup/facts.h"
#include "controller/cgroup/files.h"

#define CPU_PERIOD_US 100000u // of version 1, and the kernel's default of version 2
#define DEPTH_MAX 8	      // of what is removed: ours are two deep

static bool add_folder(struct cgroup *group, enum cgroup_version version, unsigned kinds,
		       char *path, struct err *err)
{
	struct cgroup_folder *folder = &group->folders[group->n_folders];
	*folder = (struct cgroup_folder){version, kinds, path, -1};
	if (mkdir(path, 0755) < 0) {
		err_sys(err, errno, "cannot make the cgroup %s", path);
		free(path);
		return false;
	}
	group->n_folders++;
	folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder->fd >= 0 || err_sys(err, errno, "cannot open the cgroup %s", path);
}

static bool is_same_place(const struct cgroup_support *support, enum cgroup_kind a,
			  enum cgroup_kind b)
{
	return str_eq(support->parent[a], support->parent[b]);
}

/* All kinds that share the parent of `kind`, if it is the first of them; else 0. */
static unsigned kinds_at(const struct cgroup_support *support, enum cgroup_kind kind)
{
	unsigned kinds = 0;
	for (enum cgroup_kind other = 0; other < CGROUP_KINDS; other++) {
		if (!is_same_place(support, kind, other))
			continue;
		if (other < kind)
			return 0;
		kinds |= 1u << other;
	}
	return kinds;
}

/* Children of a group of version 2 have the controllers that it was told to pass on. */
static bool pass_on(const struct cgroup_folder *folder, struct err *err)
{
	for (enum cgroup_kind kind = 0; kind < CGROUP_TIME; kind++) {
		char word[16];
		if (folder->version != CGROUP_V2 || !(folder->kinds & 1u << kind))
			continue;
		snprintf(word, sizeof(word), "+%s", cgroup_kind_name(kind));
		if (!cgroup_file_write(folder->fd, "cgroup.subtree_control", word))
			return err_sys(err, errno, "cannot pass on the controller %s of cgroup %s",
				       cgroup_kind_name(kind), folder->path);
	}
	return true;
}

bool cgroup_make_app(struct cgroup *group, const struct cgroup_support *support, const char *name,
		     struct err *err)
{
	*group = (struct cgroup){0};
	bool ok = true;
	for (enum cgroup_kind kind = 0; ok && kind < CGROUP_KINDS; kind++) {
		unsigned kinds = support->parent[kind] ? kinds_at(support, kind) : 0;
		if (kinds)
			ok = add_folder(group, support->version[kind], kinds,
					xasprintf("%s/%s", support->parent[kind], name), err) &&
			     pass_on(&group->folders[group->n_folders - 1], err);
	}
	if (!ok)
		cgroup_remove(group);
	return ok;
}

/* ---- limits ---- */

static const struct cgroup_folder *folder_of(const struct cgroup *group, enum cgroup_kind kind)
{
	for (size_t i = 0; i < group->n_folders; i++)
		if (group->folders[i].kinds & 1u << kind)
			return &group->folders[i];
	return NULL;
}

static bool write_limit(const struct cgroup_folder *folder, const char *file, const char *text,
			struct err *err)
{
	return cgroup_file_write(folder->fd, file, text) ||
	       err_sys(err, errno, "cannot set %s of cgroup %s to %s", file, folder->path, text);
}

/* Swap counts like memory; a kernel without swap accounting has no file for it. */
static bool limit_memory(const struct cgroup_folder *folder, uint64_t bytes, struct err *err)
{
	bool v2 = folder->version == CGROUP_V2;
	const char *swap = v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, bytes);
	if (!write_limit(folder, v2 ? "memory.max" : "memory.limit_in_bytes", text, err))
		return false;
	return faccessat(folder->fd, swap, F_OK, 0) < 0 ||
	       write_limit(folder, swap, v2 ? "0" : text, err);
}

static bool limit_cpu(const struct cgroup_folder *folder, uint32_t milli, struct err *err)
{
	char text[32];
	uint64_t quota = (uint64_t)milli * CPU_PERIOD_US / 1000;
	if (quota < 1000)
		quota = 1000; // the kernel's least: 1 ms, a hundredth of a CPU
	if (folder->version == CGROUP_V2) {
		snprintf(text, sizeof(text), "%" PRIu64 " %u", quota, CPU_PERIOD_US);
		return write_limit(folder, "cpu.max", text, err);
	}
	snprintf(text, sizeof(text), "%u", CPU_PERIOD_US);
	if (!write_limit(folder, "cpu.cfs_period_us", text, err))
		return false;
	snprintf(text, sizeof(text), "%" PRIu64, quota);
	return write_limit(folder, "cpu.cfs_quota_us", text, err);
}

static bool limit_pids(const struct cgroup_folder *folder, uint32_t pids, struct err *err)
{
	char text[16];
	snprintf(text, sizeof(text), "%" PRIu32, pids);
	return write_limit(folder, "pids.max", text, err);
}

static bool set_limits(const struct cgroup *group, const struct cgroup_limits *limits,
		       struct err *err)
{
	const struct cgroup_folder *memory = folder_of(group, CGROUP_MEMORY);
	const struct cgroup_folder *cpu = folder_of(group, CGROUP_CPU);
	const struct cgroup_folder *pids = folder_of(group, CGROUP_PIDS);
	if ((limits->memory && !memory) || (limits->cpu_milli && !cpu) || (limits->pids && !pids))
		return err_set(err, ERR_UNSUPPORTED, "no cgroup of this machine holds a limit");
	return (!limits->memory || limit_memory(memory, limits->memory, err)) &&
	       (!limits->cpu_milli || limit_cpu(cpu, limits->cpu_milli, err)) &&
	       (!limits->pids || limit_pids(pids, limits->pids, err));
}

bool cgroup_make(struct cgroup *group, const struct cgroup *app, const char *name,
		 const struct cgroup_limits *limits, struct err *err)
{
	*group = (struct cgroup){0};
	bool ok = true;
	for (size_t i = 0; ok && i < app->n_folders; i++)
		ok = add_folder(group, app->folders[i].version, app->folders[i].kinds,
				xasprintf("%s/%s", app->folders[i].path, name), err);
	ok = ok && set_limits(group, limits, err);
	if (!ok)
		cgroup_remove(group);
	return ok;
}

/* ---- processes ---- */

int cgroup_clone_folder(const struct cgroup *group)
{
	for (size_t i = 0; i < group->n_folders; i++)
		if (group->folders[i].version == CGROUP_V2)
			return group->folders[i].fd;
	return -1;
}

/* `tasks`, for a single thread that moves itself: cgroup.procs would wait for a grace period. */
bool cgroup_enter(const struct cgroup *group, bool all)
{
	for (size_t i = 0; i < group->n_folders; i++) {
		const struct cgroup_folder *folder = &group->folders[i];
		if (folder->version == CGROUP_V1
			    ? !cgroup_file_write(folder->fd, "tasks", "0")
			    : all && !cgroup_file_write(folder->fd, "cgroup.procs", "0"))
			return false;
	}
	return true;
}

void cgroup_kill(const struct cgroup *group)
{
	int folder = cgroup_clone_folder(group);
	if (folder >= 0)
		(void)cgroup_file_write(folder, "cgroup.kill", "1");
}

/* ---- the end ---- */

static void close_folders(struct cgroup *group, bool remove)
{
	while (group->n_folders > 0) {
		struct cgroup_folder *folder = &group->folders[--group->n_folders];
		fd_close(&folder->fd);
		if (remove)
			rmdir(folder->path);
		free(folder->path);
		folder->path = NULL;
	}
}

void cgroup_remove(struct cgroup *group)
{
	close_folders(group, true);
}

void cgroup_close(struct cgroup *group)
{
	close_folders(group, false);
}

static void remove_children(int dir, int depth)
{
	auto_fd int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 && depth < DEPTH_MAX ? fdopendir(copy) : NULL;
	if (!list)
		return;
	take_fd(&copy); // closed with the list
	for (struct dirent *entry; (entry = readdir(list));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		auto_fd int child =
			openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			continue;
		remove_children(child, depth + 1);
		unlinkat(dir, entry->d_name, AT_REMOVEDIR);
	}
	closedir(list);
}

bool cgroup_remove_tree(const char *path)
{
	auto_fd int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT;
	(void)cgroup_file_write(dir, "cgroup.kill", "1"); // version 1 has no such file
	remove_children(dir, 0);
	return rmdir(path) == 0;
}
