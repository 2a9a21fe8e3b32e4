// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Stores what a process writes to its stdout and stderr: split into lines, each capped at
 * LOG_LINE_MAX, stamped, and otherwise left as bytes (docs/logs.md says the format). It knows
 * nothing of what a line means. A line that cannot be stored (a full disk) is counted, said when
 * writing works again, and never stops the process that wrote it.
 */
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "controller/logs/log_record.h"

struct log_writer;

/*
 * Opens the file `<name>.log` in the folder `dir` (mode 0600, appended to); `name` is a
 * workload's key, that with ".prepare" or ".hydrate", or LOG_OWN_NAME. Keeps a duplicate of `dir`
 * for rotation: at LOG_FILE_MAX the file becomes `<name>.log.1` and a new one begins.
 */
struct log_writer *log_writer_open(int dir, const char *name, struct err *err);

/*
 * Bytes as they were read; a line without its end waits for more. LOG_STREAM_OWN is the standard
 * error of our own processes: lines of base/log.h keep their stamp, others are stored as `err`.
 */
void log_writer_feed(struct log_writer *writer, enum log_stream stream, const void *data,
		     size_t len);

/* The process is gone: lines without an end are complete now. */
void log_writer_end_lines(struct log_writer *writer);

/*
 * Appends the last `lines` lines (at most LOG_TAIL_LINES), oldest first, each escaped, shortened
 * to LOG_TAIL_LINE_MAX, and ended by LF.
 */
void log_writer_tail(const struct log_writer *writer, size_t lines, struct buf *out);

/* Ends the lines and closes the file. */
void log_writer_free(struct log_writer **writer);
