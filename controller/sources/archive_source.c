// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An archive is known by the digest of its bytes, but for signatures. To unpack it, it is copied
 * first, and what counts is the digest of the copy: whoever can write the original cannot have one
 * thing digested and another unpacked.
 */
#include "controller/sources/archive_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/package/signature.h"
#include "controller/sources/kept.h"
#include "controller/sources/unpack_job.h"

/* Of all but its signatures, so that signing makes no other Kit of it; writes them to `out` too. */
static bool digest(int in, const char *path, int out, char hex[SHA256_HEX], struct err *err)
{
	struct package_signatures signatures;
	uint8_t bytes[SHA256_SIZE];
	if (!package_signatures_read(in, path, &signatures, err))
		return false;
	if (signatures.signed_bytes > SOURCE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "it is larger than %zu MiB", SOURCE_BYTES_MAX / MIB);
	if (!package_digest(in, path, signatures.signed_bytes, out, bytes, err))
		return false;
	text_hex(hex, bytes, sizeof(bytes));
	return true;
}

static void say(const char *path)
{
	auto_buf struct buf shown = {.max = 4 * SOURCE_PATH_MAX};
	(void)text_escape(&shown, path, strlen(path));
	fprintf(stderr, "[i] unpacking [%.*s]\n", (int)buf_len(&shown),
		(const char *)buf_bytes(&shown));
}

static bool unpack(const struct workshop *workshop, int archive, const char *path,
		   struct kit_source *source, struct err *err)
{
	char version[SHA256_HEX], key[SHA256_HEX];
	auto_free char *copy = xasprintf("%s/archive", workshop->path);
	auto_fd int out =
		openat(workshop->dir, "archive", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(err, errno, "cannot make %s", copy);
	say(path);
	if (!digest(archive, path, out, version, err))
		return false;
	kept_key(KIT_SOURCE_ARCHIVE, "", version, key);
	if (!unpack_job(workshop, copy, path, version, key, err))
		return false;
	source->origin = xstrdup(version);
	source->tree = kept_open(workshop->state, key, &source->lock);
	return source->tree >= 0 || err_set(err, ERR_SYSTEM, "what was unpacked is gone again");
}

static bool open_tree(int archive, const char *path, struct kit_source *source, struct err *err)
{
	struct workshop workshop;
	char version[SHA256_HEX], key[SHA256_HEX];
	if (!digest(archive, path, -1, version, err))
		return false;
	kept_key(KIT_SOURCE_ARCHIVE, "", version, key);
	bool ok = workshop_open(&workshop, err);
	source->tree = ok ? kept_open(workshop.state, key, &source->lock) : -1;
	if (source->tree >= 0)
		source->origin = xstrdup(version);
	else
		ok = ok && unpack(&workshop, archive, path, source, err);
	workshop_close(&workshop);
	return ok;
}

bool archive_source_open(const char *path, struct kit_source *source, struct err *err)
{
	auto_fd int archive = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (archive < 0)
		return err_sys(err, errno, "cannot open the archive %s", path);
	if (!open_tree(archive, path, source, err))
		return err_prefix(err, "cannot open the archive");
	source->kind = KIT_SOURCE_ARCHIVE;
	source->name = xstrdup(path);
	source->below = xstrdup("");
	source->dir = fcntl(source->tree, F_DUPFD_CLOEXEC, 0);
	return true;
}
