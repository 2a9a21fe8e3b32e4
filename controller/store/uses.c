// SPDX-License-Identifier: GPL-3.0-or-later
/* A run says what it uses before it looks whether that is there, so nothing is taken from under it.
 */
#include "controller/store/uses.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

#define USES_BYTES_MAX (256 * KIB) // three keys for each of the workloads and Kits of an app

static void add_name(struct store_uses *uses, char *name)
{
	uses->names = xreallocarray(uses->names, uses->count + 1, sizeof(*uses->names));
	uses->names[uses->count++] = name;
}

void uses_add(struct store_uses *uses, const char *folder, const char *key)
{
	add_name(uses, xasprintf("%s/%s", folder, key));
}

bool uses_has(const struct store_uses *uses, const char *folder, const char *key)
{
	auto_free char *name = xasprintf("%s/%s", folder, key);
	for (size_t i = 0; i < uses->count; i++)
		if (str_eq(uses->names[i], name))
			return true;
	return false;
}

void uses_free(struct store_uses *uses)
{
	for (size_t i = 0; i < uses->count; i++)
		free(uses->names[i]);
	free(uses->names);
	*uses = (struct store_uses){0};
}

bool uses_write(int lock, const struct store_uses *uses, struct err *err)
{
	auto_buf struct buf text = {.max = USES_BYTES_MAX};
	for (size_t i = 0; i < uses->count; i++)
		if (!buf_printf(&text, "%s\n", uses->names[i]))
			return err_set(err, ERR_LIMIT, "the app uses too many layers");
	return fd_write_all(lock, buf_bytes(&text), buf_len(&text), err) ||
	       err_prefix(err, "cannot note what the app uses");
}

static int open_lock(int runs, const char *run)
{
	auto_free char *name = xasprintf("%s/lock", run);
	return openat(runs, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

bool uses_run_is_over(int runs, const char *run)
{
	auto_fd int lock = open_lock(runs, run);
	return lock < 0 ? errno == ENOENT : flock(lock, LOCK_EX | LOCK_NB) == 0;
}

static bool read_run(int runs, const char *run, struct store_uses *uses, struct err *err)
{
	auto_fd int lock = open_lock(runs, run);
	auto_free char *text = NULL;
	size_t len;
	if (lock < 0)
		return errno == ENOENT ||
		       err_sys(err, errno, "cannot see what the run %s uses", run);
	if (flock(lock, LOCK_EX | LOCK_NB) == 0)
		return true; // it is over
	if (!fd_read_all(lock, USES_BYTES_MAX, &text, &len, err))
		return err_prefix(err, "cannot see what the run %s uses", run);
	if (len == 0)
		return err_set(err, ERR_DENIED,
			       "an app runs that does not say what it uses (run %s); stop it first",
			       run);
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line)
			add_name(uses, xstrdup(line));
	return true;
}

bool uses_read_all(int state, struct store_uses *uses, struct err *err)
{
	auto_fd int runs = openat(state, "runs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (runs < 0)
		return errno == ENOENT || err_sys(err, errno, "cannot see which apps run");
	auto_fd int copy = openat(runs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	if (!list)
		return err_sys(err, errno, "cannot see which apps run");
	take_fd(&copy); // closed with the list
	/* As `up` does while it makes a run: to look at a lock is to take it for a moment. */
	bool ok = flock(runs, LOCK_EX) == 0 || err_sys(err, errno, "cannot lock the list of runs");
	for (struct dirent *entry; ok && (entry = readdir(list));)
		if (entry->d_name[0] != '.')
			ok = read_run(runs, entry->d_name, uses, err);
	closedir(list);
	return ok;
}
