// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Merging the logs of an app. Each log is in the order of time, so the oldest of their next lines
 * is the next of all.
 */
#include "controller/logs/log_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/logs/log_reader.h"

#define SUFFIX ".log"

enum { READERS_MAX = 4 * MANIFEST_WORKLOADS_MAX };

struct log_view {
	int dir;
	char *only;  // workload
	char *phase; // NULL: all
	struct log_reader *readers[READERS_MAX];
	size_t count;
	struct log_reader *taken; // its line is shown now
};

static bool has_reader(const struct log_view *view, const char *name)
{
	for (size_t i = 0; i < view->count; i++)
		if (str_eq(log_reader_name(view->readers[i]), name))
			return true;
	return false;
}

static bool is_wanted(const struct log_view *view, const char *name)
{
	size_t len = strcspn(name, ".");
	const char *phase = name[len] == '.' ? name + len + 1 : "start";

	if (view->phase && !str_eq(view->phase, phase))
		return false;
	return !view->only || (strlen(view->only) == len && strncmp(name, view->only, len) == 0);
}

/* The log's name of a file's name, or NULL when it is no log. */
static char *name_of(const char *file)
{
	size_t len = strlen(file);
	size_t suffix = strlen(SUFFIX);

	if (len <= suffix || !str_eq(file + len - suffix, SUFFIX))
		return NULL;
	return xstrndup(file, len - suffix);
}

typedef void name_fn(void *owner, const char *name);

static void each_name(int dir, name_fn *fn, void *owner)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!list) {
		fd_close(&copy);
		return;
	}
	while ((entry = readdir(list))) {
		auto_free char *name = name_of(entry->d_name);

		if (name)
			fn(owner, name);
	}
	(void)closedir(list);
}

static void add_reader(void *owner, const char *name)
{
	struct log_view *view = owner;

	if (view->count < READERS_MAX && is_wanted(view, name) && !has_reader(view, name))
		view->readers[view->count++] = log_reader_open(view->dir, name);
}

void log_view_rescan(struct log_view *view)
{
	each_name(view->dir, add_reader, view);
}

struct names {
	char *name[READERS_MAX];
	size_t count;
};

static void add_name(void *owner, const char *name)
{
	struct names *names = owner;

	if (names->count < READERS_MAX)
		names->name[names->count++] = xstrndup(name, strcspn(name, "."));
}

static bool is_one_of(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_eq(names->name[i], name))
			return true;
	return false;
}

static void explain_missing(int dir, const char *only, const char *phase, struct err *err)
{
	struct names names = {0};
	const char *near;

	each_name(dir, add_name, &names);
	near = text_nearest(only, (const char *const *)names.name, names.count);
	if (phase && is_one_of(&names, only))
		err_set(err, ERR_MISSING, "there is no log of a phase '%s' of workload '%s'", phase,
			only);
	else if (near)
		err_set(err, ERR_MISSING, "there is no log of a workload '%s'; did you mean '%s'?",
			only, near);
	else
		err_set(err, ERR_MISSING, "there is no log of a workload '%s'", only);
	while (names.count > 0)
		free(names.name[--names.count]);
}

struct log_view *log_view_open(int dir, const char *only, const char *phase, struct err *err)
{
	struct log_view *view = xcalloc(1, sizeof(*view));

	view->dir = dir;
	view->only = xstrdup(only);
	view->phase = xstrdup(phase);
	log_view_rescan(view);
	if (only && view->count == 0) {
		explain_missing(dir, only, phase, err);
		log_view_free(&view);
	}
	return view;
}

void log_view_free(struct log_view **view)
{
	struct log_view *gone = take_ptr(view);

	if (!gone)
		return;
	for (size_t i = 0; i < gone->count; i++)
		log_reader_free(&gone->readers[i]);
	free(gone->only);
	free(gone->phase);
	free(gone);
}

const struct log_record *log_view_next(struct log_view *view, const char **source)
{
	const struct log_record *oldest = NULL;

	if (view->taken)
		log_reader_take(view->taken);
	view->taken = NULL;
	for (size_t i = 0; i < view->count; i++) {
		const struct log_record *record = log_reader_peek(view->readers[i]);

		if (!record || (oldest && record->time_ms >= oldest->time_ms))
			continue;
		oldest = record;
		view->taken = view->readers[i];
	}
	if (oldest)
		*source = log_reader_name(view->taken);
	return oldest;
}

size_t log_view_name_width(const struct log_view *view)
{
	size_t width = 0;

	for (size_t i = 0; i < view->count; i++) {
		size_t own = strlen(log_reader_name(view->readers[i]));

		width = own > width ? own : width;
	}
	return width;
}
