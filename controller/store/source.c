// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Opens the folder that a person named. The path is made canonical once, here; whatever is read
 * of the Kit afterwards goes through the descriptor.
 */
#include "controller/store/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

static bool is_git_url(const char *name)
{
	static const char *const starts[] = {"https://", "http://", "ssh://",
					     "git://",	 "git@",    "file://"};
	for (size_t i = 0; i < array_len(starts); i++)
		if (str_starts(name, starts[i]))
			return true;
	return false;
}

static bool is_archive(const char *name)
{
	static const char suffix[] = ".capakit";
	size_t len = strlen(name);
	return len >= sizeof(suffix) && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

bool kit_source_open(const char *name, struct kit_source *source, struct err *err)
{
	*source = (struct kit_source){.kind = KIT_SOURCE_FOLDER, .dir = -1};
	if (!name || !*name)
		name = ".";
	if (is_git_url(name))
		return err_set(
			err, ERR_UNSUPPORTED,
			"%s: git URLs are not supported in this version; clone the repository "
			"and give its folder",
			name);

	auto_free char *real = realpath(name, NULL);
	if (!real)
		return err_sys(err, errno, "cannot open the Kit %s", name);
	struct stat st;
	if (stat(real, &st) == 0 && S_ISREG(st.st_mode))
		return is_archive(name)
			       ? err_set(err, ERR_UNSUPPORTED,
					 "%s: archives are not supported in this version; unpack "
					 "it "
					 "and give its folder",
					 name)
			       : err_set(err, ERR_USAGE,
					 "%s is a file; give the folder that holds capability.yml",
					 name);

	source->dir = path_open_absolute(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);
	if (source->dir < 0)
		return err_prefix(err, "cannot open the Kit %s", name);
	source->path = take_ptr(&real);
	return true;
}

bool kit_source_open_dependency(const struct kit_source *of, const char *path, const char *git,
				struct kit_source *source, struct err *err)
{
	auto_free char *named = path ? xasprintf("%s/%s", of->path, path) : xstrdup(git);
	return kit_source_open(named, source, err);
}

void kit_source_close(struct kit_source *source)
{
	free(source->path);
	source->path = NULL;
	fd_close(&source->dir);
}
