// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The system-call filter of a row (seccomp(2)), compiled by libseccomp. */
#include "base/err.h"
#include "confine/table.h"

/*
 * Installs it, for good. `debugging`: who may make all calls may also look into other processes,
 * since its children are sandboxes of a profile in which debuggers work.
 */
must_check bool confine_filter_load(const struct confine_row *row, bool debugging, struct err *err);

/* Writes the program to a file, for a process that cannot wait for it to be compiled. */
must_check bool confine_filter_export(const struct confine_row *row, int fd, struct err *err);
