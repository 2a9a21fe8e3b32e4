// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Walks a sandbox's layer a few hundred names at a time, so that the loop goes on meanwhile, and
 * rests in proportion to what that cost. The tree is hostile: it changes under the walk, no
 * symlink is followed, and what cannot be looked into counts as too much.
 */
#include "controller/app/disk_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

#define NAMES_AT_ONCE 256
#define PAUSE_MS 1	  // between two parts of one look
#define REST_LEAST_MS 250 // between two looks
#define REST_MOST_MS 30000
#define REST_FACTOR 50 // a look takes a fiftieth of the time at most
#define NAMES_AT_END 4096

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void close_levels(struct disk_watch *watch)
{
	while (watch->n_levels > 0)
		closedir(watch->levels[--watch->n_levels]);
}

static void too_much(struct disk_watch *watch, const char *why)
{
	snprintf(watch->why, sizeof(watch->why), "a sandbox's folder has %s", why);
	watch->exceeded = watch->bytes > watch->max ? watch->bytes : watch->max;
	watch->used = watch->bytes;
	disk_watch_stop(watch);
	watch->full(watch);
}

/* False: it was too much. */
static bool enter(struct disk_watch *watch, int parent, const char *name)
{
	if (watch->n_levels == SANDBOX_LEVELS_MAX) {
		too_much(watch, "too many levels of folders");
		return false;
	}
	auto_fd int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return true; // it went away meanwhile
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	if (!list) {
		too_much(watch, "a folder that cannot be looked into");
		return false;
	}
	take_fd(&fd); // closed with the list
	watch->levels[watch->n_levels++] = list;
	return true;
}

static bool is_dot(const char *name)
{
	return str_eq(name, ".") || str_eq(name, "..");
}

static bool count(struct disk_watch *watch, int parent, const char *name)
{
	struct stat st;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	watch->bytes += (uint64_t)st.st_blocks * 512 / (st.st_nlink ? st.st_nlink : 1);
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > watch->largest)
		watch->largest = (uint64_t)st.st_size;
	if (++watch->names > SANDBOX_NAMES_MAX) {
		too_much(watch, "too many files");
		return false;
	}
	if (watch->bytes > watch->max) {
		too_much(watch, "more bytes than it may have");
		return false;
	}
	return !S_ISDIR(st.st_mode) || enter(watch, parent, name);
}

/* Up to NAMES_AT_ONCE names further; false: it was too much, and the watch is over. */
static bool walk(struct disk_watch *watch)
{
	for (int i = 0; i < NAMES_AT_ONCE && watch->n_levels > 0; i++) {
		DIR *list = watch->levels[watch->n_levels - 1];
		const struct dirent *entry = readdir(list);
		if (!entry) {
			closedir(list);
			watch->n_levels--;
		} else if (!is_dot(entry->d_name) && !count(watch, dirfd(list), entry->d_name)) {
			return false;
		}
	}
	return true;
}

static void rest(struct disk_watch *watch)
{
	uint64_t ms = watch->spent_us * REST_FACTOR / 1000;
	ms = ms < REST_LEAST_MS ? REST_LEAST_MS : ms > REST_MOST_MS ? REST_MOST_MS : ms;
	watch->used = watch->bytes;
	watch->bytes = watch->names = watch->spent_us = 0;
	loop_timer_start(&watch->timer, ms);
}

static void on_timer(struct loop_timer *timer)
{
	struct disk_watch *watch = container_of(timer, struct disk_watch, timer);
	uint64_t started = now_us();
	if (watch->n_levels == 0 && !enter(watch, watch->folder, "."))
		return;
	if (!walk(watch))
		return;
	watch->spent_us += now_us() - started;
	if (watch->n_levels > 0)
		loop_timer_start(&watch->timer, PAUSE_MS);
	else
		rest(watch);
}

void disk_watch_start(struct disk_watch *watch, struct loop *loop, int folder, uint64_t max,
		      void (*full)(struct disk_watch *watch))
{
	*watch = (struct disk_watch){
		.folder = fcntl(folder, F_DUPFD_CLOEXEC, 3), .max = max, .full = full};
	loop_timer_init(&watch->timer, loop, on_timer);
	loop_timer_start(&watch->timer, REST_LEAST_MS);
}

void disk_watch_stop(struct disk_watch *watch)
{
	if (!watch->full)
		return; // was never started
	loop_timer_stop(&watch->timer);
	close_levels(watch);
	fd_close(&watch->folder);
}

static void ignore(struct disk_watch *watch)
{
}

/* What it did at last, it did since the look before. */
void disk_watch_finish(struct disk_watch *watch)
{
	uint64_t exceeded = watch->exceeded;
	if (!watch->full)
		return; // was never started
	if (!exceeded && watch->folder >= 0) {
		close_levels(watch);
		watch->full = ignore;
		watch->bytes = watch->names = 0;
		bool more = enter(watch, watch->folder, ".");
		for (int i = 0; more && i < NAMES_AT_END / NAMES_AT_ONCE; i++)
			more = walk(watch) && watch->n_levels > 0;
		watch->exceeded = 0;
	}
	disk_watch_stop(watch);
}
