// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The logs of an app, merged by time. */
#include "base/err.h"
#include "controller/logs/log_record.h"

struct log_view;

/*
 * All logs in the folder `dir` (which must stay open), or with `only` those of one workload: its
 * own and those of its phases; with `phase` ("prepare", "start") those of that phase alone.
 * ERR_MISSING, with the nearest name, when there is none such.
 */
struct log_view *log_view_open(int dir, const char *only, const char *phase, struct err *err);
void log_view_free(struct log_view **view);

/* Looks for logs that are new in the folder. */
void log_view_rescan(struct log_view *view);

/* The oldest line that was not taken yet; it is valid until the next call. */
const struct log_record *log_view_next(struct log_view *view, const char **source);

size_t log_view_name_width(const struct log_view *view);
