// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A mount that nobody bound is, in tests, a scratch copy of tests/<id>/<mount> of the Kit. The
 * folder that is mounted stays the same for the whole run, since the app is started once: before
 * each case it is emptied, and filled with what that case has.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/app_tests.h"
#include "controller/store/snapshot.h"

static int open_copy_of(int kit, const struct manifest_test *test, const char *mount,
			struct err *err)
{
	auto_free char *path = xasprintf("tests/%s/%s", test->id, mount);
	return path_open_beneath(kit, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
}

/* Also of a case that was not chosen: the mount is then an empty one. */
static bool any_has(const struct app *app, const char *mount)
{
	const struct manifest *manifest = app->kits[0].manifest;
	for (size_t i = 0; i < manifest->n_tests; i++) {
		struct err ignored;
		auto_fd int folder =
			open_copy_of(app->kits[0].source.dir, &manifest->tests[i], mount, &ignored);
		if (folder >= 0)
			return true;
	}
	return false;
}

static bool is_bound(const struct app *app, const char *mount)
{
	for (size_t i = 0; i < app->options->n_mounts; i++)
		if (str_eq(app->options->mounts[i].key, mount))
			return true;
	return false;
}

bool app_tests_have_mount(const struct app *app, const char *mount)
{
	return app->tests && any_has(app, mount);
}

void app_tests_bind_mounts(struct app *app)
{
	const struct manifest *manifest = app->kits[0].manifest;
	if (!app->tests)
		return;
	app->mounts = xreallocarray(app->mounts, app->n_mounts + manifest->n_host_mounts + 1,
				    sizeof(*app->mounts));
	for (size_t i = 0; i < manifest->n_host_mounts; i++) {
		char *key = manifest->host_mounts[i].key;
		if (is_bound(app, key) || !any_has(app, key))
			continue;
		app->mounts[app->n_mounts++] =
			(struct plan_value){key, xasprintf("%s/mounts/%s", app->run_path, key)};
	}
}

/* Makes the folder at first; empties it, whatever workloads have put there. */
static int open_emptied(int parent, const char *name, struct err *err)
{
	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) {
		err_sys(err, errno, "cannot make the folder of mount %s", name);
		return -1;
	}
	auto_fd int folder =
		path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	int copy = folder >= 0 ? openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	bool ok = list != NULL;
	for (struct dirent *entry; ok && (entry = readdir(list));)
		ok = str_eq(entry->d_name, ".") || str_eq(entry->d_name, "..") ||
		     path_remove_tree(folder, entry->d_name, err);
	if (list)
		closedir(list);
	return ok ? take_fd(&folder) : -1;
}

static bool fill(struct app_tests *tests, const struct manifest_test *test, const char *mount,
		 struct err *err)
{
	struct err none;
	auto_fd int kit = path_open_absolute(tests->app->kits[0].snapshot,
					     O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);
	auto_fd int to = kit >= 0 ? open_emptied(tests->mounts, mount, err) : -1;
	if (to < 0)
		return err_prefix(err, "scratch copy of mount %s", mount);
	auto_fd int from = open_copy_of(kit, test, mount, &none);
	return from < 0 || snapshot_copy(from, to, err);
}

static bool open_mounts(struct app_tests *tests, struct err *err)
{
	if (tests->mounts >= 0)
		return true;
	if (mkdirat(tests->app->run_dir, "mounts", 0755) < 0)
		return err_sys(err, errno, "cannot make a folder for scratch copies of mounts");
	tests->mounts = path_open_beneath(tests->app->run_dir, "mounts",
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	return tests->mounts >= 0;
}

bool app_test_mounts_fill(struct app_tests *tests, const struct manifest_test *test,
			  struct err *err)
{
	const struct app *app = tests->app;
	if (tests->filled == test) // for the start; a workload may have files of it open
		return true;
	tests->filled = test;
	for (size_t i = app->options->n_mounts; i < app->n_mounts; i++)
		if (!open_mounts(tests, err) || !fill(tests, test, app->mounts[i].key, err))
			return false;
	return true;
}
