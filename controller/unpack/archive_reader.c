// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libarchive reads; this decides. Only the one format and the two compressions that Kits are
 * packaged with are switched on, one layer of them. Sizes are counted as they come out, never
 * believed from a header, and a sparse file counts with its holes.
 */
#include "controller/unpack/unpack.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/unpack/entry_name.h"
#include "controller/unpack/names.h"

#define BLOCK (64 * KIB)

struct reader {
	struct archive *archive;
	const struct unpack_sink *sink;
	struct names *names;
	uint64_t bytes;
};

/* libarchive's own words, which may quote the archive; empty ones happen. */
static bool fail_reading(struct reader *reader, struct err *err)
{
	const char *why = archive_error_string(reader->archive);
	return err_set(err, ERR_PROTOCOL, "it is damaged, or no tar archive (%s)",
		       why && *why ? why : "no further reason");
}

static bool on_parent(void *owner, const char *name, struct err *err)
{
	struct reader *reader = owner;
	return reader->sink->folder(reader->sink->owner, name, err);
}

/* ---- sizes ---- */

static bool count_bytes(struct reader *reader, size_t len, struct err *err)
{
	reader->bytes += len;
	if (reader->bytes > SOURCE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "the archive holds more than %zu MiB",
			       SOURCE_BYTES_MAX / MIB);
	uint64_t packed = (uint64_t)archive_filter_bytes(reader->archive, -1);
	if (reader->bytes > SOURCE_RATIO_FLOOR && reader->bytes / SOURCE_RATIO_MAX > packed)
		return err_set(err, ERR_LIMIT,
			       "the archive grows to more than %d times its size: a bomb",
			       SOURCE_RATIO_MAX);
	return true;
}

static bool check_count(const struct reader *reader, struct err *err)
{
	return names_count(reader->names) <= SOURCE_ENTRIES_MAX ||
	       err_set(err, ERR_LIMIT, "the archive has more than %u entries", SOURCE_ENTRIES_MAX);
}

/* ---- entries ---- */

static bool read_file(struct reader *reader, struct err *err)
{
	auto_free char *block = xmalloc(BLOCK);
	for (;;) {
		la_ssize_t n = archive_read_data(reader->archive, block, BLOCK);
		if (n < 0)
			return fail_reading(reader, err);
		if (n == 0)
			return true;
		if (!count_bytes(reader, (size_t)n, err) ||
		    !reader->sink->data(reader->sink->owner, block, (size_t)n, err))
			return false;
	}
}

static bool make_entry(struct reader *reader, struct archive_entry *entry, const char *name,
		       struct err *err)
{
	const struct unpack_sink *sink = reader->sink;
	const char *target = archive_entry_symlink(entry);
	switch (archive_entry_filetype(entry)) {
	case AE_IFDIR:
		return sink->folder(sink->owner, name, err);
	case AE_IFLNK:
		if (!target)
			return err_set(err, ERR_DENIED,
				       "it is a symlink to a name that is no UTF-8");
		return entry_link_check(name, target, err) &&
		       sink->link(sink->owner, name, target, err);
	default:
		return sink->file(sink->owner, name, archive_entry_perm(entry) & 0111, err) &&
		       read_file(reader, err);
	}
}

static bool check_kind(struct archive_entry *entry, struct err *err)
{
	unsigned kind = archive_entry_filetype(entry);
	if (archive_entry_hardlink(entry))
		return err_set(err, ERR_DENIED, "it is a hard link");
	if (kind != AE_IFDIR && kind != AE_IFLNK && kind != AE_IFREG)
		return err_set(err, ERR_DENIED, "it is %s",
			       kind == AE_IFIFO	  ? "a pipe"
			       : kind == AE_IFCHR ? "a device"
			       : kind == AE_IFBLK ? "a device"
						  : "neither a file, a folder nor a symlink");
	if (archive_entry_perm(entry) & 07000)
		return err_set(err, ERR_DENIED, "it has a set-uid, set-gid or sticky bit");
	return true;
}

static bool read_entry(struct reader *reader, struct archive_entry *entry, const char *given,
		       struct err *err)
{
	char name[SOURCE_PATH_MAX + 1];
	bool folder = archive_entry_filetype(entry) == AE_IFDIR;
	if (!check_kind(entry, err) || !entry_name_check(given, folder, name, err))
		return false;
	if (!name[0])
		return true;
	switch (names_add(reader->names, name, folder, on_parent, reader, err)) {
	case NAMES_REFUSED:
		return false;
	case NAMES_KNOWN:
		return true;
	case NAMES_NEW:
		return check_count(reader, err) && make_entry(reader, entry, name, err);
	}
	return false;
}

/* One layer of compression: those of a bomb are many. */
static bool check_filters(struct reader *reader, struct err *err)
{
	return archive_filter_count(reader->archive) <= 2 ||
	       err_set(err, ERR_DENIED, "it is compressed more than once");
}

static bool read_all(struct reader *reader, struct err *err)
{
	for (size_t count = 0;; count++) {
		struct archive_entry *entry;
		int result = archive_read_next_header(reader->archive, &entry);
		if (result == ARCHIVE_EOF)
			return count > 0 || err_set(err, ERR_PROTOCOL, "it is empty");
		if (result != ARCHIVE_OK)
			return fail_reading(reader, err);
		if (count == 0 && !check_filters(reader, err))
			return false;
		if (count >= SOURCE_ENTRIES_MAX)
			return err_set(err, ERR_LIMIT, "the archive has more than %u entries",
				       SOURCE_ENTRIES_MAX);
		const char *name = archive_entry_pathname(entry);
		if (!name)
			return err_set(err, ERR_DENIED, "entry %zu: its name is no UTF-8",
				       count + 1);
		if (!read_entry(reader, entry, name, err))
			return err_prefix(err, "entry %.200s", name);
	}
}

typedef int open_fn(struct archive *archive, const void *source, size_t len);

static int open_fd(struct archive *archive, const void *source, size_t len)
{
	return archive_read_open_fd(archive, *(const int *)source, BLOCK);
}

static int open_memory(struct archive *archive, const void *source, size_t len)
{
	return archive_read_open_memory(archive, source, len);
}

static bool run(open_fn *open_source, const void *source, size_t len,
		const struct unpack_sink *sink, struct err *err)
{
	struct reader reader = {.archive = archive_read_new(), .sink = sink, .names = names_new()};
	bool ok = reader.archive && archive_read_support_format_tar(reader.archive) == ARCHIVE_OK &&
		  archive_read_support_filter_gzip(reader.archive) == ARCHIVE_OK &&
		  archive_read_support_filter_zstd(reader.archive) == ARCHIVE_OK;
	if (!ok)
		err_set(err, ERR_UNSUPPORTED, "libarchive lacks tar, gzip or zstd");
	else if (open_source(reader.archive, source, len) != ARCHIVE_OK)
		ok = fail_reading(&reader, err);
	ok = ok && read_all(&reader, err);
	archive_read_free(reader.archive);
	names_free(&reader.names);
	return ok;
}

bool unpack_fd(int fd, const struct unpack_sink *sink, struct err *err)
{
	return run(open_fd, &fd, 0, sink, err);
}

bool unpack_memory(const void *data, size_t len, const struct unpack_sink *sink, struct err *err)
{
	return run(open_memory, data, len, sink, err);
}
