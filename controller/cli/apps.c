// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Choosing an app for `status`, `down` and `logs`, and finding what is kept of apps that run no
 * more.
 */
#include "controller/cli/apps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/control/app_folder.h"

enum { ANSWER_MS = 5000 };

bool apps_path_is_within(const char *inner, const char *outer)
{
	size_t len = strlen(outer);

	while (len > 1 && outer[len - 1] == '/')
		len--;
	if (len == 1 && outer[0] == '/')
		return inner[0] == '/';
	return len > 0 && strncmp(inner, outer, len) == 0 &&
	       (inner[len] == '\0' || inner[len] == '/');
}

static bool is_here(const struct running_app *app, const char *cwd)
{
	return app->status && cwd && apps_path_is_within(cwd, app->status->app->kit_path);
}

static bool fail_several(const struct running_apps *apps, struct err *err)
{
	auto_buf struct buf names;
	auto_free char *text = NULL;

	buf_init(&names, sizeof(err->text) / 2);
	for (size_t i = 0; i < apps->count; i++)
		if (apps->apps[i].status)
			(void)buf_printf(&names, "%s%s", buf_len(&names) > 0 ? ", " : "",
					 apps->apps[i].status->app->name);
	text = buf_take_str(&names);
	return err_set(err, ERR_USAGE, "several apps run, say which one is meant: %s", text);
}

/* The index of the app that is meant without a name, or -1. */
static int choose(const struct running_apps *apps, struct err *err)
{
	auto_free char *cwd = getcwd(NULL, 0);
	int here = -1, count = 0;

	for (size_t i = 0; i < apps->count; i++) {
		if (!is_here(&apps->apps[i], cwd))
			continue;
		here = (int)i;
		count++;
	}
	if (count == 1)
		return here;
	if (apps->count == 1)
		return 0;
	if (apps->count == 0)
		err_set(err, ERR_NO_APP, "no app runs; `capakit up' starts one");
	else
		fail_several(apps, err);
	return -1;
}

static bool choose_unnamed(struct running_app *app, struct err *err)
{
	struct running_apps apps;
	int chosen;

	if (!discover_apps(&apps, err))
		return false;
	chosen = choose(&apps, err);
	if (chosen >= 0) {
		*app = apps.apps[chosen];
		apps.apps[chosen] = (struct running_app){.folder = -1};
	}
	running_apps_free(&apps);
	if (chosen >= 0 && !app->status) {
		*err = app->err;
		running_app_close(app);
		return err_prefix(err, "asking the app what it does");
	}
	return chosen >= 0;
}

bool apps_choose_running(const char *name, struct running_app *app, struct err *err)
{
	*app = (struct running_app){.folder = -1};
	if (!name)
		return choose_unnamed(app, err);
	app->folder = discover_app(name, err);
	if (app->folder < 0)
		return false;
	app->status = control_get_status(app->folder, ANSWER_MS, err);
	if (!app->status) {
		running_app_close(app);
		return err_prefix(err, "asking app '%s' what it does", name);
	}
	return true;
}

void running_app_close(struct running_app *app)
{
	fd_close(&app->folder);
	control_status_free(&app->status);
}

/* What is kept of apps: the open folder <state>/apps, or -1. */
static int open_kept(struct err *err)
{
	auto_free char *state = path_state_dir(err);
	auto_free char *apps = state ? xasprintf("%s/apps", state) : NULL;
	int fd;

	if (!apps)
		return -1;
	fd = open(apps, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		err_set(err, ERR_NO_APP, "no app has run yet; `capakit up' starts one");
	else if (fd < 0)
		err_sys(err, errno, "opening %s", apps);
	return fd;
}

struct kept_apps {
	struct app_note notes[APPS_MAX];
	const char *names[APPS_MAX]; // of the notes
	size_t count;
};

static void add_kept(struct kept_apps *kept, int apps, const char *folder_name)
{
	struct err ignored;
	auto_fd int folder = openat(apps, folder_name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0 || !app_note_read(folder, &kept->notes[kept->count], &ignored))
		return;
	kept->names[kept->count] = kept->notes[kept->count].name;
	kept->count++;
}

static void list_kept(struct kept_apps *kept, int apps)
{
	int copy = openat(apps, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	*kept = (struct kept_apps){0};
	if (!list) {
		fd_close(&copy);
		return;
	}
	while (kept->count < APPS_MAX && (entry = readdir(list)))
		if (app_folder_is_name(entry->d_name))
			add_kept(kept, apps, entry->d_name);
	(void)closedir(list);
}

static void free_kept(struct kept_apps *kept)
{
	while (kept->count > 0)
		app_note_free(&kept->notes[--kept->count]);
}

/* Without a name, and when nothing runs: the app of the current folder, else the only one. */
static char *choose_kept(int apps, struct err *err)
{
	auto_free char *cwd = getcwd(NULL, 0);
	struct kept_apps kept;
	char *chosen = NULL;

	list_kept(&kept, apps);
	for (size_t i = 0; i < kept.count && !chosen; i++)
		if (cwd && apps_path_is_within(cwd, kept.notes[i].kit_path))
			chosen = xstrdup(kept.names[i]);
	if (!chosen && kept.count == 1)
		chosen = xstrdup(kept.names[0]);
	if (!chosen)
		err_set(err, ERR_NO_APP, "no app runs; say whose logs are meant");
	free_kept(&kept);
	return chosen;
}

static void fail_unknown(int apps, const char *name, struct err *err)
{
	struct kept_apps kept;
	const char *near;

	list_kept(&kept, apps);
	near = text_nearest(name, kept.names, kept.count);
	if (near)
		err_set(err, ERR_NO_APP, "there are no logs of an app '%s'; did you mean '%s'?",
			name, near);
	else
		err_set(err, ERR_NO_APP, "there are no logs of an app '%s'", name);
	free_kept(&kept);
}

static int open_logs_of(int apps, const char *name, struct err *err)
{
	auto_free char *folder_name = app_folder_name(name);
	auto_free char *path = xasprintf("%s/logs", folder_name);
	int fd = openat(apps, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail_unknown(apps, name, err);
	return fd;
}

int apps_open_logs(const char *name, char **chosen, struct err *err)
{
	auto_fd int apps = open_kept(err);
	struct running_app running;
	int fd;

	*chosen = xstrdup(name);
	if (apps < 0)
		return -1;
	if (!name && apps_choose_running(NULL, &running, err)) {
		*chosen = xstrdup(running.status->app->name);
		running_app_close(&running);
	} else if (!name && err->code == ERR_NO_APP) {
		*chosen = choose_kept(apps, err);
	}
	if (!*chosen)
		return -1;
	fd = open_logs_of(apps, *chosen, err);
	if (fd < 0)
		free(take_ptr(chosen));
	return fd;
}
