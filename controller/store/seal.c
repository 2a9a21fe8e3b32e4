// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One number for each entry, made of the one of its folder and of what stat says, and the sum of
 * all: folders list their entries in an order that nobody promises.
 */
#include "controller/store/seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

#define FNV_PRIME 0x100000001b3u // Fowler-Noll-Vo, 64 bits: draft-eastlake-fnv, section 5
#define FNV_BASIS 0xcbf29ce484222325u

static uint64_t mix(uint64_t number, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	for (size_t i = 0; i < len; i++)
		number = (number ^ bytes[i]) * FNV_PRIME;
	return number;
}

static uint64_t mix_entry(uint64_t folder, const char *name, const struct stat *st)
{
	bool sized = S_ISREG(st->st_mode) || S_ISLNK(st->st_mode);
	int64_t facts[] = {st->st_mode, sized ? st->st_size : 0, st->st_mtim.tv_sec,
			   st->st_mtim.tv_nsec};
	return mix(mix(folder, name, strlen(name) + 1), facts, sizeof(facts));
}

static bool seal_folder(int folder, uint64_t number, unsigned depth, struct seal *seal,
			struct err *err);

static bool seal_subfolder(int folder, const char *name, uint64_t number, unsigned depth,
			   struct seal *seal, struct err *err)
{
	if (depth == STORE_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "folders more than %u deep", STORE_DEPTH_MAX);
	int fd = path_open_beneath(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	return fd >= 0 && seal_folder(fd, number, depth + 1, seal, err);
}

static bool seal_entry(int folder, const char *name, uint64_t number, unsigned depth,
		       struct seal *seal, struct err *err)
{
	struct stat st;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot look at %s", name);
	if (++seal->files > STORE_FILES_MAX)
		return err_set(err, ERR_LIMIT, "more than %u files and folders", STORE_FILES_MAX);
	uint64_t own = mix_entry(number, name, &st);
	seal->number += own;
	if (S_ISREG(st.st_mode))
		seal->bytes += (uint64_t)st.st_size;
	return !S_ISDIR(st.st_mode) || seal_subfolder(folder, name, own, depth, seal, err);
}

/* Takes `folder`. */
static bool seal_folder(int folder, uint64_t number, unsigned depth, struct seal *seal,
			struct err *err)
{
	DIR *list = fdopendir(folder);
	if (!list) {
		err_sys(err, errno, "cannot list a folder");
		fd_close(&folder);
		return false;
	}
	bool ok = true;
	for (struct dirent *entry; ok && (entry = readdir(list));)
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			ok = seal_entry(folder, entry->d_name, number, depth, seal, err);
	closedir(list);
	return ok;
}

bool seal_tree(int tree, struct seal *seal, struct err *err)
{
	*seal = (struct seal){0};
	int folder = path_open_beneath(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	return folder >= 0 && seal_folder(folder, FNV_BASIS, 0, seal, err);
}
