// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From a process's output to a bounded file. Lines that arrive together are written together, one
 * write(2) for what one read brought, so that the file always ends with a whole line. A workload
 * that writes without end costs two files of LOG_FILE_MAX, and no more memory than one line.
 */
#include "controller/logs/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

enum { OUT_SPARE = 256 * 1024 }; // so many bytes of short lines make one write

struct line {
	struct buf bytes; // its beginning, as long as its end has not come
	bool cut;
};

struct tail_line {
	char bytes[LOG_TAIL_LINE_MAX];
	size_t len;
};

struct log_writer {
	int dir, fd;
	char *name, *old_name;
	struct line line[3]; // by enum log_stream
	struct buf out;	     // stored lines that are to be written
	size_t out_lines;
	uint64_t lost; // lines that could not be written
	int lost_errno;
	bool torn; // the file may end within a line
	struct tail_line tail[LOG_TAIL_LINES];
	size_t tail_count; // of all lines ever
};

static int open_file(const struct log_writer *writer)
{
	return openat(writer->dir, writer->name,
		      O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
}

struct log_writer *log_writer_open(int dir, const char *name, struct err *err)
{
	struct log_writer *writer = xcalloc(1, sizeof(*writer));

	writer->name = xasprintf("%s.log", name);
	writer->old_name = xasprintf("%s.log.1", name);
	for (size_t i = 0; i < array_len(writer->line); i++)
		buf_init(&writer->line[i].bytes, LOG_LINE_MAX);
	buf_init(&writer->out, LOG_LINE_MAX + OUT_SPARE);
	writer->fd = -1;
	writer->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (writer->dir >= 0)
		writer->fd = open_file(writer);
	if (writer->fd < 0) {
		err_sys(err, errno, "opening the log file %s", writer->name);
		log_writer_free(&writer);
	}
	return writer;
}

/* Moves a full file away. False: the lines that were to go into the new one are lost. */
static bool rotate(struct log_writer *writer, size_t more)
{
	struct stat info;
	int fresh;

	if (fstat(writer->fd, &info) < 0)
		return false;
	if ((size_t)info.st_size + more <= LOG_FILE_MAX)
		return true;
	if (renameat(writer->dir, writer->name, writer->dir, writer->old_name) < 0)
		return false;
	fresh = open_file(writer);
	if (fresh < 0)
		return false;
	fd_close(&writer->fd);
	writer->fd = fresh;
	writer->torn = false;
	return true;
}

static bool write_whole(struct log_writer *writer, const void *data, size_t len)
{
	ssize_t n;

	if (writer->torn && write(writer->fd, "\n", 1) != 1)
		return false;
	writer->torn = false;
	do {
		n = write(writer->fd, data, len);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n < len) {
		writer->torn = n > 0;
		errno = ENOSPC; // a file is written short for no other reason
		return false;
	}
	return n >= 0;
}

static bool say_lost(struct log_writer *writer)
{
	char stamp[LOG_STAMP_LEN + 1];
	char text[256];

	if (writer->lost == 0)
		return true;
	log_stamp_format(stamp, clock_wall_ms());
	(void)snprintf(text, sizeof(text), "%s WARN log: %llu lines before this one are lost: %s\n",
		       stamp, (unsigned long long)writer->lost, strerror(writer->lost_errno));
	if (!write_whole(writer, text, strlen(text)))
		return false;
	writer->lost = 0;
	return true;
}

static void flush(struct log_writer *writer)
{
	size_t len = buf_len(&writer->out);

	if (len == 0)
		return;
	if (!rotate(writer, len) || !say_lost(writer) ||
	    !write_whole(writer, buf_bytes(&writer->out), len)) {
		writer->lost_errno = errno;
		writer->lost += writer->out_lines;
	}
	writer->out_lines = 0;
	buf_clear(&writer->out);
	buf_shrink(&writer->out, OUT_SPARE);
}

static void remember(struct log_writer *writer, const void *bytes, size_t len)
{
	struct tail_line *line = &writer->tail[writer->tail_count++ % LOG_TAIL_LINES];

	line->len = len < sizeof(line->bytes) ? len : sizeof(line->bytes);
	if (line->len > 0)
		memcpy(line->bytes, bytes, line->len);
}

/* A line that our own processes made has its stamp already. */
static bool append_own(struct buf *out, const void *bytes, size_t len)
{
	return buf_room(out) > len && buf_append(out, bytes, len) && buf_append(out, "\n", 1);
}

static bool append(struct log_writer *writer, enum log_stream stream, bool cut, const void *bytes,
		   size_t len, int64_t now)
{
	struct log_record record;

	if (stream == LOG_STREAM_OWN && !cut && log_record_parse(bytes, len, &record) &&
	    record.stream == LOG_STREAM_OWN)
		return append_own(&writer->out, bytes, len);
	return log_record_append(&writer->out, now, stream, cut, bytes, len);
}

static void store(struct log_writer *writer, enum log_stream stream, bool cut, const void *bytes,
		  size_t len, int64_t now)
{
	remember(writer, bytes, len);
	if (!append(writer, stream, cut, bytes, len, now)) {
		flush(writer);
		(void)append(writer, stream, cut, bytes, len, now);
	}
	writer->out_lines++;
}

/* A piece of a line that has not ended: what is over the maximum is dropped and marked. */
static void keep(struct line *line, const uint8_t *data, size_t len)
{
	if (len > buf_room(&line->bytes)) {
		len = buf_room(&line->bytes);
		line->cut = true;
	}
	(void)buf_append(&line->bytes, data, len);
}

static void end_line(struct log_writer *writer, enum log_stream stream, int64_t now)
{
	struct line *line = &writer->line[stream];

	store(writer, stream, line->cut, buf_bytes(&line->bytes), buf_len(&line->bytes), now);
	buf_clear(&line->bytes);
	buf_shrink(&line->bytes, 0);
	line->cut = false;
}

void log_writer_feed(struct log_writer *writer, enum log_stream stream, const void *data,
		     size_t len)
{
	struct line *line = &writer->line[stream];
	const uint8_t *next = data;
	int64_t now = clock_wall_ms();

	while (len > 0) {
		const uint8_t *end = memchr(next, '\n', len);
		size_t n = end ? (size_t)(end - next) : len;

		if (end && buf_len(&line->bytes) == 0 && !line->cut && n <= LOG_LINE_MAX) {
			store(writer, stream, false, next, n, now);
		} else {
			keep(line, next, n);
			if (end)
				end_line(writer, stream, now);
		}
		n += end ? 1 : 0;
		next += n;
		len -= n;
	}
	flush(writer);
}

void log_writer_end_lines(struct log_writer *writer)
{
	for (size_t i = 0; i < array_len(writer->line); i++)
		if (buf_len(&writer->line[i].bytes) > 0)
			end_line(writer, (enum log_stream)i, clock_wall_ms());
	flush(writer);
}

void log_writer_tail(const struct log_writer *writer, size_t lines, struct buf *out)
{
	size_t count = writer->tail_count;
	size_t kept = count < LOG_TAIL_LINES ? count : LOG_TAIL_LINES;

	for (size_t i = count - (lines < kept ? lines : kept); i < count; i++) {
		const struct tail_line *line = &writer->tail[i % LOG_TAIL_LINES];

		(void)text_escape(out, line->bytes, line->len);
		(void)buf_append(out, "\n", 1);
	}
}

void log_writer_free(struct log_writer **writer)
{
	struct log_writer *gone = take_ptr(writer);

	if (!gone)
		return;
	if (gone->fd >= 0)
		log_writer_end_lines(gone);
	fd_close(&gone->fd);
	fd_close(&gone->dir);
	for (size_t i = 0; i < array_len(gone->line); i++)
		buf_free(&gone->line[i].bytes);
	buf_free(&gone->out);
	free(gone->name);
	free(gone->old_name);
	free(gone);
}
