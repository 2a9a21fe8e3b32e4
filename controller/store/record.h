// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What an entry of the store says of itself: the file `record` in its folder, JSON. When the entry
 * was used last is the file's time of change.
 */
#include <stdint.h>

#include "base/err.h"

#define RECORD_SEAL_HEX 17

struct store_record {
	char *kit;	// identity of the Kit that it was made for first
	char *what;	// "prepare of workload editor"
	uint64_t files; // and folders
	uint64_t bytes;
	char seal[RECORD_SEAL_HEX];
	int64_t made_ms, used_ms; // wall clock, since the epoch
};

/* `entry` is the open folder. False: there is none that can be read, so the entry is not whole. */
bool record_read(int entry, struct store_record *record);
must_check bool record_write(int entry, const struct store_record *record, struct err *err);
void record_free(struct store_record *record);

void record_touch(int entry); // used now
