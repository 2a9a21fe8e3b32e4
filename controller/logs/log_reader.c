// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Following one log through its files. At the end of a file its name is looked at again: when it
 * stands for another file by now, the log was rotated and goes on there.
 */
#include "controller/logs/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

enum { READ_STEP = 64 * 1024, STORED_SPARE = 256 };
enum { OVERTAKEN_MS = 1000 }; // what is further back is a clock that was set

struct log_reader {
	int dir, fd;
	char *name, *file;
	struct buf data;
	size_t scanned; // bytes of `data` without an LF
	bool skip_line; // the rest of a line that was too long
	bool has_record;
	size_t record_len; // in data, with its LF
	struct log_record record;
	int64_t last_ms;
};

static int open_log(int dir, const char *file)
{
	return openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

struct log_reader *log_reader_open(int dir, const char *name)
{
	struct log_reader *reader = xcalloc(1, sizeof(*reader));
	auto_free char *old = xasprintf("%s.log.1", name);

	reader->dir = dir;
	reader->name = xstrdup(name);
	reader->file = xasprintf("%s.log", name);
	reader->fd = open_log(dir, old);
	if (reader->fd < 0)
		reader->fd = open_log(dir, reader->file);
	buf_init(&reader->data, LOG_LINE_MAX + STORED_SPARE + READ_STEP);
	return reader;
}

void log_reader_free(struct log_reader **reader)
{
	struct log_reader *gone = take_ptr(reader);

	if (!gone)
		return;
	fd_close(&gone->fd);
	buf_free(&gone->data);
	free(gone->name);
	free(gone->file);
	free(gone);
}

const char *log_reader_name(const struct log_reader *reader)
{
	return reader->name;
}

static bool is_rotated(const struct log_reader *reader)
{
	struct stat named, opened;

	if (fstatat(reader->dir, reader->file, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return reader->fd < 0 || fstat(reader->fd, &opened) < 0 || named.st_ino != opened.st_ino ||
	       named.st_dev != opened.st_dev;
}

static bool read_some(struct log_reader *reader)
{
	size_t room = buf_room(&reader->data);
	size_t step = room < READ_STEP ? room : READ_STEP;
	ssize_t n = 0;

	if (reader->fd < 0 || step == 0)
		return false;
	do {
		n = read(reader->fd, buf_reserve(&reader->data, step), step);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		buf_commit(&reader->data, (size_t)n);
	return n > 0;
}

static void open_next(struct log_reader *reader)
{
	fd_close(&reader->fd);
	reader->fd = open_log(reader->dir, reader->file);
	buf_clear(&reader->data); // a line that never ended
	reader->scanned = 0;
	reader->skip_line = false;
}

/* More bytes, from the next file if need be. */
static bool fill(struct log_reader *reader)
{
	if (read_some(reader))
		return true;
	if (!is_rotated(reader))
		return false;
	if (read_some(reader)) // what came between the end and the rotation
		return true;
	open_next(reader);
	return read_some(reader);
}

/* Several processes stamp the lines of one log, each before it writes: by a little, they overtake.
 */
static int64_t in_order(const struct log_reader *reader, int64_t time_ms)
{
	bool overtaken = time_ms < reader->last_ms && reader->last_ms - time_ms < OVERTAKEN_MS;

	return overtaken ? reader->last_ms : time_ms;
}

static void set_record(struct log_reader *reader, size_t len, size_t with_end)
{
	const char *line = (const char *)buf_bytes(&reader->data);

	if (!log_record_parse(line, len, &reader->record))
		reader->record = (struct log_record){.time_ms = reader->last_ms,
						     .stream = LOG_STREAM_OWN,
						     .level = LOG_LEVEL_WARN,
						     .bytes = line,
						     .len = len};
	reader->record.time_ms = in_order(reader, reader->record.time_ms);
	reader->last_ms = reader->record.time_ms;
	reader->record_len = with_end;
	reader->has_record = true;
}

static void consume(struct log_reader *reader, size_t len)
{
	buf_consume(&reader->data, len);
	reader->scanned = 0;
}

/* A line that ends in the bytes that are there; the rest of one that was too long is dropped. */
static bool find_line(struct log_reader *reader)
{
	for (;;) {
		const uint8_t *data = buf_bytes(&reader->data);
		size_t len = buf_len(&reader->data);
		const uint8_t *end = len > reader->scanned ? memchr(data + reader->scanned, '\n',
								    len - reader->scanned)
							   : NULL;

		if (!end) {
			reader->scanned = len;
			return false;
		}
		if (!reader->skip_line) {
			set_record(reader, (size_t)(end - data), (size_t)(end - data) + 1);
			return true;
		}
		reader->skip_line = false;
		consume(reader, (size_t)(end - data) + 1);
	}
}

const struct log_record *log_reader_peek(struct log_reader *reader)
{
	while (!reader->has_record && !find_line(reader)) {
		if (reader->skip_line)
			consume(reader, buf_len(&reader->data));
		if (buf_room(&reader->data) < READ_STEP) {
			size_t len = buf_len(&reader->data);

			set_record(reader, len, len);
			reader->record.cut = true;
			reader->skip_line = true;
		} else if (!fill(reader)) {
			return NULL;
		}
	}
	return &reader->record;
}

void log_reader_take(struct log_reader *reader)
{
	if (!reader->has_record)
		return;
	reader->has_record = false;
	consume(reader, reader->record_len);
	if (buf_len(&reader->data) == 0)
		buf_shrink(&reader->data, READ_STEP);
}
