// SPDX-License-Identifier: GPL-3.0-or-later
/* The record of an entry as JSON: written once, before the entry is published; read at each `up`.
 */
#include "controller/store/record.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

#define FILE_NAME "record"
#define RECORD_VERSION 1
#define RECORD_BYTES_MAX (16 * KIB)

static bool fill(const json_t *json, struct store_record *record)
{
	int version;
	const char *kit, *what, *seal;
	json_int_t files, bytes, made;
	if (json_unpack((json_t *)(uintptr_t)json, "{s:i, s:s, s:s, s:s, s:I, s:I, s:I !}",
			"version", &version, "kit", &kit, "what", &what, "seal", &seal, "files",
			&files, "bytes", &bytes, "made_unix_ms", &made) < 0 ||
	    version != RECORD_VERSION || strlen(seal) != RECORD_SEAL_HEX - 1 || files < 0 ||
	    bytes < 0)
		return false;
	record->kit = xstrdup(kit);
	record->what = xstrdup(what);
	record->files = (uint64_t)files;
	record->bytes = (uint64_t)bytes;
	record->made_ms = made;
	snprintf(record->seal, sizeof(record->seal), "%s", seal);
	return true;
}

bool record_read(int entry, struct store_record *record)
{
	*record = (struct store_record){0};
	struct err ignored;
	struct stat st;
	auto_fd int fd = path_open_beneath(entry, FILE_NAME, O_RDONLY | O_CLOEXEC, 0, &ignored);
	auto_free char *text = NULL;
	size_t len;
	if (fd < 0 || fstat(fd, &st) < 0 ||
	    !fd_read_all(fd, RECORD_BYTES_MAX, &text, &len, &ignored))
		return false;
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	bool ok = json && fill(json, record);
	json_decref(json);
	record->used_ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return ok;
}

bool record_write(int entry, const struct store_record *record, struct err *err)
{
	json_t *json =
		json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:I}", "version", RECORD_VERSION, "kit",
			  record->kit, "what", record->what, "seal", record->seal, "files",
			  (json_int_t)record->files, "bytes", (json_int_t)record->bytes,
			  "made_unix_ms", (json_int_t)record->made_ms);
	auto_free char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return err_set(err, ERR_SYSTEM,
			       "cannot write down what was made: its name is no "
			       "text");
	return path_write_atomic(entry, FILE_NAME, text, strlen(text), 0600, err);
}

void record_free(struct store_record *record)
{
	free(record->kit);
	free(record->what);
	*record = (struct store_record){0};
}

void record_touch(int entry)
{
	(void)utimensat(entry, FILE_NAME, NULL, AT_SYMLINK_NOFOLLOW); // only prune looks at it
}
