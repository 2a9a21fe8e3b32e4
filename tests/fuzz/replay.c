// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs a fuzz target without libFuzzer: once on no bytes, then on each file of the folders named
 * as arguments, and on each of its beginnings, so that every compiler and sanitizer sees the
 * corpus in an ordinary test run.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/mem.h"

enum { INPUT_MAX = 4 * 1024 * 1024, BEGINNINGS_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly this size, so that AddressSanitizer notices a read past its end. */
static void run_copy(const char *data, size_t len)
{
	auto_free uint8_t *copy = xmalloc(len);

	memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
}

static bool run_file(int dir, const char *name, struct err *err)
{
	auto_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	auto_free char *data = NULL;
	size_t len;

	if (fd < 0)
		return err_set(err, ERR_MISSING, "opening the corpus file %s", name);
	if (!fd_read_all(fd, INPUT_MAX, &data, &len, err))
		return err_prefix(err, "corpus file %s", name);
	for (size_t part = 0; part < len && part < BEGINNINGS_MAX; part++)
		run_copy(data, part);
	run_copy(data, len);
	return true;
}

static bool run_folder(const char *path, size_t *files, struct err *err)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool ok = true;

	if (!folder)
		return err_set(err, ERR_MISSING, "the corpus folder %s cannot be read", path);
	while (ok && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		ok = run_file(dirfd(folder), entry->d_name, err);
		(*files)++;
	}
	closedir(folder);
	return ok;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	size_t files = 0;

	run_copy("", 0);
	for (int i = 1; i < argc; i++) {
		if (!run_folder(argv[i], &files, &err)) {
			(void)fprintf(stderr, "%s\n", err.text);
			return EXIT_FAILURE;
		}
	}
	if (!files) {
		(void)fprintf(stderr, "the corpus is empty\n");
		return EXIT_FAILURE;
	}
	(void)printf("1..1\nok 1 - corpus of %zu files\n", files);
	return EXIT_SUCCESS;
}
