// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * As root, workloads and sidecars run as unprivileged users from one range that belongs to
 * capakit, never two live processes with the same (architecture.md, section 3). Which are taken is
 * said by open-file-description locks (fcntl(2), F_OFD_SETLK) on the bytes of one file, so that an
 * id is free again when the last process that holds the lock is gone, however it ended.
 */
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define IDS_FIRST 2013265920u // above systemd's container ranges, below the overflow of 31 bits
#define IDS_COUNT 4096u

/* Opens the lock file. The descriptor is to be kept, and inherited by whoever cleans up. */
int ids_open(struct err *err);

/* An id that nobody uses, locked; the group of the same number goes with it. 0: failed. */
uid_t ids_take(int ids, struct err *err);
