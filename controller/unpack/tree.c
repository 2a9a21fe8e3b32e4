// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writes what an archive holds below one folder. Each component of a name is opened by itself and
 * follows no symlink (openat2(2) is no choice: the sandbox's filter refuses it), and nothing that
 * is there already is ever opened for writing.
 */
#include "controller/unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

/* The folder that `name` lies in, open, and its last component in *last. */
static int open_parent(const struct unpack_tree *tree, const char *name, const char **last,
		       struct err *err)
{
	auto_fd int dir = fcntl(tree->root, F_DUPFD_CLOEXEC, 0);
	const char *slash;
	for (; dir >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
		auto_free char *part = xstrndup(name, (size_t)(slash - name));
		int next = openat(dir, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int errnum = errno;
		fd_close(&dir);
		dir = next;
		errno = errnum;
	}
	*last = name;
	if (dir < 0)
		err_sys(err, errno, "cannot open the folder that it lies in");
	return take_fd(&dir);
}

static bool make_folder(void *owner, const char *name, struct err *err)
{
	const char *last;
	auto_fd int dir = open_parent(owner, name, &last, err);
	return dir >= 0 &&
	       (mkdirat(dir, last, 0755) == 0 || err_sys(err, errno, "cannot make the folder"));
}

static bool make_link(void *owner, const char *name, const char *target, struct err *err)
{
	const char *last;
	auto_fd int dir = open_parent(owner, name, &last, err);
	return dir >= 0 && (symlinkat(target, dir, last) == 0 ||
			    err_sys(err, errno, "cannot make the symlink"));
}

static bool make_file(void *owner, const char *name, bool runnable, struct err *err)
{
	struct unpack_tree *tree = owner;
	const char *last;
	unpack_tree_close(tree);
	auto_fd int dir = open_parent(tree, name, &last, err);
	if (dir < 0)
		return false;
	tree->file = openat(dir, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    runnable ? 0755 : 0644);
	return tree->file >= 0 || err_sys(err, errno, "cannot make the file");
}

static bool write_data(void *owner, const void *data, size_t len, struct err *err)
{
	const struct unpack_tree *tree = owner;
	return fd_write_all(tree->file, data, len, err);
}

void unpack_tree_sink(struct unpack_tree *tree, int root, struct unpack_sink *sink)
{
	*tree = (struct unpack_tree){.root = root, .file = -1};
	*sink = (struct unpack_sink){.owner = tree,
				     .folder = make_folder,
				     .link = make_link,
				     .file = make_file,
				     .data = write_data};
}

void unpack_tree_close(struct unpack_tree *tree)
{
	fd_close(&tree->file);
}
