// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Opens what a person or a manifest named. The path of a folder is made canonical once, here;
 * whatever is read of the Kit afterwards goes through the descriptor. What a Kit from elsewhere
 * names is looked for in what came with it, never on this machine.
 */
#include "controller/sources/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/sources/archive_source.h"
#include "controller/sources/git_source.h"
#include "controller/sources/tree_path.h"

static bool open_folder(const char *name, const char *real, struct kit_source *source,
			struct err *err)
{
	source->dir = path_open_absolute(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);
	if (source->dir < 0)
		return err_prefix(err, "cannot open the Kit %s", name);
	source->kind = KIT_SOURCE_FOLDER;
	source->name = xstrdup(real);
	source->origin = xstrdup(real);
	source->below = xstrdup("");
	source->local = true;
	return true;
}

static bool open_path(const char *name, struct kit_source *source, struct err *err)
{
	auto_free char *real = realpath(name, NULL);
	struct stat st;
	if (!real)
		return err_sys(err, errno, "cannot open the Kit %s", name);
	if (stat(real, &st) < 0 || !S_ISREG(st.st_mode))
		return open_folder(name, real, source, err);
	if (source_is_archive(name) || source_is_archive(real))
		return archive_source_open(real, source, err);
	return err_set(err, ERR_USAGE,
		       "%s is a file; give the folder that holds capability.yml, or an archive "
		       "named *.capakit",
		       name);
}

bool kit_source_open(const char *name, struct kit_source *source, struct err *err)
{
	*source = KIT_SOURCE_NONE;
	if (!name || !*name)
		name = ".";
	bool ok = source_is_git(name) ? git_source_open(name, NULL, source, err)
				      : open_path(name, source, err);
	if (!ok)
		kit_source_close(source); // what the attempt has left in it
	return ok;
}

/* Of the tree that the Kit came in, or of a Kit in it: "<tree>//<folder>". */
static char *name_in_tree(const struct kit_source *of, const char *name, const char *below)
{
	size_t len = strlen(name) - (*of->below ? strlen(of->below) + 2 : 0);
	auto_free char *tree = xstrndup(name, len);
	return *below ? xasprintf("%s//%s", tree, below) : take_ptr(&tree);
}

/* Beside or below a Kit that came in a tree: still in that tree. */
static bool open_in_tree(const struct kit_source *of, const char *path, struct kit_source *source,
			 struct err *err)
{
	source->below = tree_path_join(of->below, path);
	if (!source->below)
		return err_set(err, ERR_DENIED,
			       "path %s leads out of %s; a Kit that is not a folder of this "
			       "machine can name what came with it, or a git URL",
			       path, of->name);
	const char *folder = *source->below ? source->below : ".";
	source->tree = fcntl(of->tree, F_DUPFD_CLOEXEC, 0);
	source->lock = fcntl(of->lock, F_DUPFD_CLOEXEC, 0);
	source->dir =
		path_open_beneath(of->tree, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (source->dir < 0)
		return err_prefix(err, "cannot open the Kit %s in %s", path, of->name);
	source->kind = of->kind;
	source->name = name_in_tree(of, of->name, source->below);
	source->origin = name_in_tree(of, of->origin, source->below);
	source->local = of->local;
	source->remote = xstrdup(of->remote);
	return true;
}

static bool open_dependency(const struct kit_source *of, const char *path, const char *git,
			    struct kit_source *source, struct err *err)
{
	if (!path)
		return git_source_open(git, of, source, err);
	if (of->tree >= 0)
		return open_in_tree(of, path, source, err);
	auto_free char *named = xasprintf("%s/%s", of->name, path);
	return open_path(named, source, err);
}

bool kit_source_open_dependency(const struct kit_source *of, const char *path, const char *git,
				struct kit_source *source, struct err *err)
{
	*source = KIT_SOURCE_NONE;
	bool ok = open_dependency(of, path, git, source, err);
	if (!ok)
		kit_source_close(source);
	return ok;
}

void kit_source_close(struct kit_source *source)
{
	char **texts[] = {&source->name, &source->origin, &source->below, &source->remote};
	for (size_t i = 0; i < array_len(texts); i++) {
		free(*texts[i]);
		*texts[i] = NULL;
	}
	fd_close(&source->dir);
	fd_close(&source->tree);
	fd_close(&source->lock);
}
