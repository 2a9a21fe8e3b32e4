// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libarchive with everything set that it would otherwise take from its surroundings: the locale
 * (names are UTF-8, as pax wants them), the padding of the last block, the level of compression.
 * What it writes is digested on its way to the file.
 */
#include "controller/package/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

#define BLOCK 65536
#define COMPRESSION "10" // of zstd's 1 to 22: what costs more time gains little

struct archive_writer {
	struct archive *archive;
	struct archive_entry *entry; // used again for each
	struct sha256 *hash;
	uint64_t size;
	int out;
	locale_t locale, locale_before;
};

static bool fail(const struct archive_writer *writer, const char *what, struct err *err)
{
	const char *reason = archive_error_string(writer->archive);
	return err_set(err, ERR_SYSTEM, "writing the package: %s: %s", what,
		       reason ? reason : "no reason given");
}

static la_ssize_t on_write(struct archive *archive, void *owner, const void *data, size_t len)
{
	struct archive_writer *writer = owner;
	struct err err;
	if (!fd_write_all(writer->out, data, len, &err)) {
		archive_set_error(archive, EIO, "%s", err.text);
		return -1;
	}
	sha256_add(writer->hash, data, len);
	writer->size += len;
	return (la_ssize_t)len;
}

static bool set_up(struct archive_writer *writer)
{
	struct archive *archive = writer->archive;
	return archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
	       archive_write_add_filter_zstd(archive) == ARCHIVE_OK &&
	       archive_write_set_filter_option(archive, "zstd", "compression-level", COMPRESSION) ==
		       ARCHIVE_OK &&
	       archive_write_set_bytes_per_block(archive, BLOCK) == ARCHIVE_OK &&
	       archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	       archive_write_open2(archive, writer, NULL, on_write, NULL, NULL) == ARCHIVE_OK;
}

struct archive_writer *archive_writer_new(int out, struct err *err)
{
	struct archive_writer *writer = xcalloc(1, sizeof(*writer));
	writer->out = out;
	writer->hash = sha256_new();
	writer->archive = archive_write_new();
	writer->entry = archive_entry_new();
	writer->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	writer->locale_before = uselocale(writer->locale); // unchanged when that is none
	if (writer->locale && set_up(writer))
		return writer;
	fail(writer, "setting up UTF-8, pax and zstd", err);
	archive_writer_free(&writer);
	return NULL;
}

void archive_writer_free(struct archive_writer **pointer)
{
	struct archive_writer *writer = take_ptr(pointer);
	uint8_t ignored[SHA256_SIZE];
	if (!writer)
		return;
	archive_entry_free(writer->entry);
	archive_write_free(writer->archive);
	(void)uselocale(writer->locale_before);
	if (writer->locale)
		freelocale(writer->locale);
	if (writer->hash)
		sha256_finish(&writer->hash, ignored);
	free(writer);
}

static bool put(struct archive_writer *writer, const char *path, mode_t type, mode_t mode,
		struct err *err)
{
	archive_entry_copy_pathname(writer->entry, path);
	archive_entry_set_filetype(writer->entry, type);
	archive_entry_set_perm(writer->entry, mode);
	archive_entry_set_mtime(writer->entry, 0, 0);
	bool done = archive_write_header(writer->archive, writer->entry) == ARCHIVE_OK;
	archive_entry_clear(writer->entry);
	return done || fail(writer, path, err);
}

bool archive_put_folder(struct archive_writer *writer, const char *path, struct err *err)
{
	archive_entry_set_size(writer->entry, 0);
	return put(writer, path, AE_IFDIR, 0755, err);
}

bool archive_put_link(struct archive_writer *writer, const char *path, const char *target,
		      struct err *err)
{
	archive_entry_set_size(writer->entry, 0);
	archive_entry_copy_symlink(writer->entry, target);
	return put(writer, path, AE_IFLNK, 0777, err);
}

bool archive_put_file(struct archive_writer *writer, const char *path, uint64_t size, bool runnable,
		      struct err *err)
{
	archive_entry_set_size(writer->entry, (la_int64_t)size);
	return put(writer, path, AE_IFREG, runnable ? 0755 : 0644, err);
}

bool archive_put_bytes(struct archive_writer *writer, const void *data, size_t len, struct err *err)
{
	return archive_write_data(writer->archive, data, len) == (la_ssize_t)len ||
	       fail(writer, "a file's bytes", err);
}

bool archive_finish(struct archive_writer *writer, char digest[SHA256_HEX], uint64_t *size,
		    struct err *err)
{
	if (archive_write_close(writer->archive) != ARCHIVE_OK)
		return fail(writer, "its end", err);
	*size = writer->size;
	sha256_finish_hex(&writer->hash, digest);
	return true;
}
