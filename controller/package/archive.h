// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Writes a POSIX pax archive compressed with zstd, of which every byte follows from the names,
 * kinds and contents that are put in: owner and time of all entries are 0, modes 0755 or 0644.
 */
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"

struct archive_writer;

struct archive_writer *archive_writer_new(int out, struct err *err); // `out` stays the caller's
void archive_writer_free(struct archive_writer **writer);

must_check bool archive_put_folder(struct archive_writer *writer, const char *path,
				   struct err *err);
must_check bool archive_put_link(struct archive_writer *writer, const char *path,
				 const char *target, struct err *err);
/* Announces a file of `size` bytes; exactly so many have to follow by archive_put_bytes. */
must_check bool archive_put_file(struct archive_writer *writer, const char *path, uint64_t size,
				 bool runnable, struct err *err);
must_check bool archive_put_bytes(struct archive_writer *writer, const void *data, size_t len,
				  struct err *err);

/* Writes the end; digest and size are those of all bytes that went to `out`. */
must_check bool archive_finish(struct archive_writer *writer, char digest[SHA256_HEX],
			       uint64_t *size, struct err *err);
