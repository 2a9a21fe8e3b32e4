// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Measures what a sandbox has written to its own folder, now and then, and says when it is more
 * than it may be. No file system that an ordinary user has offers a quota for a folder, so this is
 * all that can be done there: a sandbox may write more between two looks, and what was deleted but
 * is still open is not seen. RLIMIT_FSIZE bounds each file meanwhile.
 */
#include <dirent.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/loop.h"

struct disk_watch {
	struct loop_timer timer;
	int folder;				// what is measured; -1: not watching
	uint64_t max;				// bytes
	uint64_t used;				// bytes, by the last whole look
	uint64_t exceeded;			// bytes, when it was too much; else 0
	char why[160];				// then: in what way
	uint64_t largest;			// bytes of the largest file that was seen
	void (*full)(struct disk_watch *watch); // once

	/* The look that is under way. */
	DIR *levels[SANDBOX_LEVELS_MAX];
	size_t n_levels;
	uint64_t bytes;
	uint64_t names;
	uint64_t spent_us;
};

/* `folder` is duplicated. The first look follows soon. */
void disk_watch_start(struct disk_watch *watch, struct loop *loop, int folder, uint64_t max,
		      void (*full)(struct disk_watch *watch));
void disk_watch_stop(struct disk_watch *watch); // `used` and `exceeded` stay

/* For a sandbox that has ended by itself: a last look, at some thousand names, for `largest`. */
void disk_watch_finish(struct disk_watch *watch);
