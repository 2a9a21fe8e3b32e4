// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Looking for running apps by asking them: there is no list of apps that could be wrong.
 */
#include "controller/control/discover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/control/app_folder.h"

enum { ANSWER_MS = 3000 };

static void close_dir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int open_runtime(struct err *err)
{
	auto_free char *path = path_runtime_dir(err);
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (path && fd < 0)
		err_sys(err, errno, "opening the runtime folder %s", path);
	return fd;
}

/* An app's folder, if it is a folder and ours. */
static int open_app(int runtime, const char *folder, struct err *err)
{
	auto_fd int fd = openat(runtime, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat info;

	if (fd < 0 && errno == ENOENT) {
		err_set(err, ERR_NO_APP, "the app does not run");
		return -1;
	}
	if (fd < 0 || fstat(fd, &info) < 0) {
		err_sys(err, errno, "opening the folder of an app, %s", folder);
		return -1;
	}
	if (info.st_uid != geteuid()) {
		err_set(err, ERR_DENIED, "the folder of an app, %s, belongs to another user",
			folder);
		return -1;
	}
	return take_fd(&fd);
}

static void add_app(struct running_apps *apps, int folder)
{
	struct running_app app = {.folder = folder};

	app.status = control_get_status(folder, ANSWER_MS, &app.err);
	if (!app.status && app.err.code == ERR_NO_APP) {
		fd_close(&folder);
		return;
	}
	apps->apps = xreallocarray(apps->apps, apps->count + 1, sizeof(*apps->apps));
	apps->apps[apps->count++] = app;
}

static int by_name(const void *a, const void *b)
{
	const struct running_app *left = a, *right = b;
	const char *left_name = left->status ? left->status->app->name : "";
	const char *right_name = right->status ? right->status->app->name : "";

	return strcmp(left_name, right_name);
}

bool discover_apps(struct running_apps *apps, struct err *err)
{
	auto_fd int runtime = open_runtime(err);
	__attribute__((cleanup(close_dir))) DIR *dir = NULL;
	const struct dirent *entry;

	*apps = (struct running_apps){0};
	if (runtime < 0)
		return false;
	dir = fdopendir(runtime);
	if (!dir)
		return err_sys(err, errno, "reading the runtime folder");
	runtime = -1; // closedir closes it
	while (apps->count < APPS_MAX && (entry = readdir(dir))) {
		struct err ignored;
		int folder = app_folder_is_name(entry->d_name)
				     ? open_app(dirfd(dir), entry->d_name, &ignored)
				     : -1;

		if (folder >= 0)
			add_app(apps, folder);
	}
	if (apps->count > 1)
		qsort(apps->apps, apps->count, sizeof(*apps->apps), by_name);
	return true;
}

void running_apps_free(struct running_apps *apps)
{
	for (size_t i = 0; i < apps->count; i++) {
		fd_close(&apps->apps[i].folder);
		control_status_free(&apps->apps[i].status);
	}
	free(apps->apps);
	*apps = (struct running_apps){0};
}

static void suggest(const char *name, struct err *err)
{
	struct running_apps apps;
	auto_free const char **names = NULL;
	const char *near;
	size_t count = 0;
	struct err ignored;

	err_set(err, ERR_NO_APP, "no app named '%s' runs", name);
	if (!discover_apps(&apps, &ignored))
		return;
	names = xcalloc(apps.count + 1, sizeof(*names));
	for (size_t i = 0; i < apps.count; i++)
		if (apps.apps[i].status)
			names[count++] = apps.apps[i].status->app->name;
	near = text_nearest(name, names, count);
	if (near)
		err_set(err, ERR_NO_APP, "no app named '%s' runs; did you mean '%s'?", name, near);
	else if (count > 0)
		err_set(err, ERR_NO_APP,
			"no app named '%s' runs; `capakit status' lists those that do", name);
	running_apps_free(&apps);
}

int discover_app(const char *name, struct err *err)
{
	auto_free char *folder_name = app_folder_name(name);
	auto_fd int runtime = open_runtime(err);
	auto_fd int folder = -1;
	auto_fd int probe = -1;

	if (runtime < 0)
		return -1;
	folder = open_app(runtime, folder_name, err);
	if (folder >= 0)
		probe = control_connect(folder, err);
	if (probe < 0 && err->code == ERR_NO_APP)
		suggest(name, err);
	return probe < 0 ? -1 : take_fd(&folder);
}
