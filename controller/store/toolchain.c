// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Finds the Bun that workloads run with, without running it: the program's file says enough
 * (path, size, change time) to tell one version from another.
 */
#include "controller/store/toolchain.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

#define REGISTRY_FILE_MAX (4 * KIB)

/* A script that only looks like Bun (as npm's shims do) cannot run in a sandbox. */
static bool is_elf_program(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char magic[4];
	return fd >= 0 && access(path, X_OK) == 0 && read(fd, magic, 4) == 4 &&
	       memcmp(magic, "\177ELF", 4) == 0;
}

static char *real_program(const char *path)
{
	char *real = realpath(path, NULL);
	if (real && is_elf_program(real))
		return real;
	free(real);
	return NULL;
}

static char *find_on_path(void)
{
	const char *path = getenv("PATH");
	while (path && *path) {
		size_t len = strcspn(path, ":");
		auto_free char *candidate = xasprintf("%.*s/bun", (int)len, path);
		char *found = path[0] == '/' ? real_program(candidate) : NULL;
		if (found)
			return found;
		path += len + (path[len] == ':');
	}
	return NULL;
}

/* <folder>/bin/bun, and what <folder>/registry says. */
static bool find_in(struct toolchain *toolchain, const char *folder)
{
	auto_free char *program = xasprintf("%s/bin/bun", folder);
	toolchain->bun = real_program(program);
	if (!toolchain->bun)
		return false;
	struct err ignored;
	auto_free char *file = xasprintf("%s/registry", folder);
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t len;
	if (fd >= 0 && fd_read_all(fd, REGISTRY_FILE_MAX, &toolchain->registry, &len, &ignored))
		toolchain->registry[strcspn(toolchain->registry, "\r\n")] = '\0';
	return true;
}

static bool find_anywhere(struct toolchain *toolchain, struct err *err)
{
	auto_free char *data = path_data_dir(err);
	auto_free char *programs = path_program_dir(err);
	if (!data || !programs)
		return false;
	auto_free char *own = xasprintf("%s/toolchains/bun/current", data);
	auto_free char *shared = xasprintf("%s/../lib/capakit/toolchains/bun/current", programs);
	if (find_in(toolchain, own) || find_in(toolchain, shared))
		return true;
	toolchain->bun = find_on_path();
	if (toolchain->bun)
		return true;
	return err_set(err, ERR_MISSING,
		       "Bun is not installed: not in %s/toolchains, not on PATH; run deploy/setup, "
		       "or install the npm package `bun` and put its program on PATH",
		       data);
}

bool toolchain_find(struct toolchain *toolchain, struct err *err)
{
	*toolchain = (struct toolchain){0};
	if (!find_anywhere(toolchain, err))
		return false;
	struct stat st;
	if (stat(toolchain->bun, &st) < 0)
		return err_set(err, ERR_MISSING, "%s disappeared", toolchain->bun);
	toolchain->id =
		xasprintf("%s:%" PRIdMAX ":%" PRIdMAX ".%09ld", toolchain->bun,
			  (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	return true;
}

void toolchain_free(struct toolchain *toolchain)
{
	free(toolchain->bun);
	free(toolchain->id);
	free(toolchain->registry);
	*toolchain = (struct toolchain){0};
}
