// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One walk does both jobs: it digests a tree, and, when it is given somewhere to write, copies it
 * on the way. The digest of a copy is made of the bytes that were written, so a file that changes
 * meanwhile cannot make a snapshot that differs from its name.
 */
#include "controller/store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/store/store.h"
#include "controller/store/walk.h"

struct copy {
	struct sha256 *hash;
	int out; // the folder that is written to; -1: the Kit is only digested
	uint8_t *block;
};

#define COPY_BLOCK (256 * KIB)

/* Digests the bytes of `in`; writes them to `out` unless that is -1. */
static bool stream_file(const struct copy *copy, const char *path, int in, int out, struct err *err)
{
	uint64_t size = 0;
	for (;;) {
		ssize_t n = read(in, copy->block, COPY_BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "cannot read %s of the Kit", path);
		if (n == 0)
			break;
		size += (uint64_t)n;
		sha256_add(copy->hash, copy->block, (size_t)n);
		if (out >= 0 && !fd_write_all(out, copy->block, (size_t)n, err))
			return err_prefix(err, "cannot copy %s of the Kit", path);
	}
	sha256_add(copy->hash, &size, sizeof(size));
	return true;
}

static bool copy_file(const struct copy *copy, const struct kit_entry *entry, struct err *err)
{
	sha256_add_field(copy->hash, entry->runnable ? "x" : "f");
	sha256_add_field(copy->hash, entry->path);
	if (copy->out < 0)
		return stream_file(copy, entry->path, entry->fd, -1, err);

	auto_fd int out =
		path_open_beneath(copy->out, entry->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
				  entry->runnable ? 0755 : 0644, err);
	if (out < 0)
		return err_prefix(err, "cannot copy %s of the Kit", entry->path);
	if (ioctl(out, FICLONE, entry->fd) == 0)
		return stream_file(copy, entry->path, out, -1, err);
	return stream_file(copy, entry->path, entry->fd, out, err);
}

static bool copy_link(const struct copy *copy, const struct kit_entry *entry, struct err *err)
{
	sha256_add_field(copy->hash, "l");
	sha256_add_field(copy->hash, entry->path);
	sha256_add_field(copy->hash, entry->target);
	if (copy->out >= 0 && symlinkat(entry->target, copy->out, entry->path) < 0)
		return err_sys(err, errno, "cannot copy the symlink %s of the Kit", entry->path);
	return true;
}

static bool copy_folder(const struct copy *copy, const struct kit_entry *entry, struct err *err)
{
	sha256_add_field(copy->hash, "d");
	sha256_add_field(copy->hash, entry->path);
	if (copy->out >= 0 && mkdirat(copy->out, entry->path, 0755) < 0)
		return err_sys(err, errno, "cannot copy the folder %s", entry->path);
	return true;
}

static bool copy_entry(void *owner, const struct kit_entry *entry, struct err *err)
{
	const struct copy *copy = owner;
	switch (entry->kind) {
	case KIT_ENTRY_FOLDER:
		return copy_folder(copy, entry, err);
	case KIT_ENTRY_LINK:
		return copy_link(copy, entry, err);
	default:
		return copy_file(copy, entry, err);
	}
}

static bool walk_tree(int kit, int out, char digest[SHA256_HEX], struct err *err)
{
	auto_free uint8_t *block = xmalloc(COPY_BLOCK);
	struct copy copy = {.hash = sha256_new(), .out = out, .block = block};
	const struct kit_visitor visitor = {.owner = &copy, .visit = copy_entry};
	bool ok = kit_walk(kit, &visitor, err);
	sha256_finish_hex(&copy.hash, digest);
	return ok;
}

static bool copy_into(struct store_draft *draft, int kit, char digest[SHA256_HEX], struct err *err)
{
	if (mkdirat(draft->folder, "tree", 0755) < 0)
		return err_sys(err, errno, "cannot make a folder for the snapshot of the Kit");
	auto_fd int out = path_open_beneath(draft->folder, "tree",
					    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	return out >= 0 && walk_tree(kit, out, digest, err);
}

bool snapshot_take(int kit, int state, const char *identity, char digest[SHA256_HEX],
		   struct err *err)
{
	struct store_draft draft;
	if (!walk_tree(kit, -1, digest, err))
		return false;
	if (store_has(state, STORE_SNAPSHOT, digest))
		return true;
	if (!store_draft_open(&draft, state, STORE_SNAPSHOT, err))
		return false;
	if (copy_into(&draft, kit, digest, err))
		return store_draft_publish(&draft, digest, identity, "the Kit", err) ||
		       err_prefix(err, "the snapshot of the Kit");
	store_draft_discard(&draft);
	return false;
}

bool snapshot_copy(int from, int to, struct err *err)
{
	char ignored[SHA256_HEX];
	return walk_tree(from, to, ignored, err);
}
