// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * capakit-unpack ARCHIVE FOLDER: unpacks a Kit. It is run once for each archive, in a sandbox of
 * its own that has nothing but these two (controller/sources/unpack.c): an archive that takes
 * libarchive over has won an empty folder that is thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "controller/unpack/unpack.h"

static bool run(const char *archive, const char *folder, struct err *err)
{
	auto_fd int in = open(archive, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return err_sys(err, errno, "cannot open %s", archive);
	auto_fd int out = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out < 0)
		return err_sys(err, errno, "cannot open %s", folder);
	struct unpack_tree tree;
	struct unpack_sink sink;
	unpack_tree_sink(&tree, out, &sink);
	bool ok = unpack_fd(in, &sink, err);
	unpack_tree_close(&tree);
	return ok;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	if (argc != 3) {
		fprintf(stderr, "usage: capakit-unpack ARCHIVE FOLDER\n");
		return 2;
	}
	umask(022);
	setlocale(LC_CTYPE, "C.UTF-8");
	if (run(argv[1], argv[2], &err))
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return 1;
}
