// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* One stored line as text for a person or as one line of JSON for a machine. Pure. */
#include "controller/logs/log_record.h"

struct log_style {
	bool json;
	bool colour;
	size_t name_width; // of the column with the workload's name
};

/* `source` is the name of the log: a workload's key, "web.prepare", LOG_OWN_NAME. */
void log_render(struct buf *out, const struct log_style *style, const char *source,
		const struct log_record *record);
