// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One stored line of a log file (docs/logs.md):
 *   2026-01-02T03:04:05.678Z out bytes of the line          (out or err, +cut when it was cut)
 *   2026-01-02T03:04:05.678Z WARN process: text             (a line of our own: base/log.h)
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"

#define LOG_OWN_NAME "@capakit" // controller, keeper and sidecars; no workload can be called so

enum log_stream {
	LOG_STREAM_OUT,
	LOG_STREAM_ERR,
	LOG_STREAM_OWN, // a line that capakit itself wrote
};

struct log_record {
	int64_t time_ms; // since the epoch
	enum log_stream stream;
	bool cut;
	enum log_level level; // of LOG_STREAM_OWN alone
	const char *bytes;    // in the line that was parsed
	size_t len;
};

#define LOG_STAMP_LEN 24 // 2026-01-02T03:04:05.678Z

void log_stamp_format(char stamp[LOG_STAMP_LEN + 1], int64_t time_ms);
bool log_stamp_parse(const char *text, size_t len, int64_t *time_ms);

/* `line` without its LF; false when it is none of the two forms. */
bool log_record_parse(const char *line, size_t len, struct log_record *record);

/* Appends a stored line of the first form, with its LF; false when the buffer is full. */
bool log_record_append(struct buf *out, int64_t time_ms, enum log_stream stream, bool cut,
		       const void *bytes, size_t len);
