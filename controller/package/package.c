// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What of a Kit goes into its package, and why the rest does not. Whatever would keep the package
 * from running somewhere else is an error here, not there.
 */
#include "controller/package/package.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/package/archive.h"
#include "controller/package/ignore.h"
#include "controller/package/secret_file.h"
#include "controller/store/walk.h"

#define READ_BLOCK (256 * KIB)

struct package {
	const struct package_request *request;
	struct package_result *result;
	struct archive_writer *archive;
	struct ignore_rules ignored;
	bool *include_seen;
	bool *root_seen; // of each workload
	bool manifest_seen;
	char *block;
};

/* ---- what is left out ---- */

static void leave_out(struct package *package, const char *path, const char *reason)
{
	struct package_result *result = package->result;
	result->left_out =
		xreallocarray(result->left_out, result->n_left_out + 1, sizeof(*result->left_out));
	result->left_out[result->n_left_out++] =
		(struct package_left_out){.path = xstrdup(path), .reason = reason};
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void on_left_out(void *owner, const char *path)
{
	const char *reason = str_starts(name_of(path), ".env") ? "may hold passwords or tokens"
							       : "belongs to no Kit";
	leave_out(owner, path, reason);
}

static bool is_included(const struct package *package, const char *path)
{
	for (size_t i = 0; package->request->include && package->request->include[i]; i++)
		if (str_eq(package->request->include[i], path))
			return package->include_seen[i] = true;
	return false;
}

static const char *reason_by_name(const struct package *package, const char *path, bool folder)
{
	const char *name = name_of(path);
	size_t len = strlen(name), suffix = strlen(PACKAGE_SUFFIX);
	if (len > suffix && str_eq(name + len - suffix, PACKAGE_SUFFIX))
		return "is a package itself";
	if (ignore_fits(&package->ignored, path, folder))
		return "is in " IGNORE_FILE;
	return is_included(package, path) ? NULL : secret_file_by_name(name, folder);
}

static bool on_wants(void *owner, const char *path, bool folder)
{
	const char *reason = reason_by_name(owner, path, folder);
	if (reason)
		leave_out(owner, path, reason);
	return !reason;
}

/* The .gitignore of a folder, if there; a symlink of that name is none, as in git. */
static bool read_ignore_file(struct package *package, int folder, const char *path, struct err *err)
{
	struct stat st;
	if (fstatat(folder, IGNORE_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return true;
	auto_free char *text = NULL;
	size_t len;
	auto_fd int fd = path_open_beneath(folder, IGNORE_FILE, O_RDONLY | O_CLOEXEC, 0, err);
	if (fd < 0 || !fd_read_all(fd, IGNORE_FILE_MAX, &text, &len, err))
		return err_prefix(err, "reading %s in %s", IGNORE_FILE, *path ? path : "the Kit");
	return ignore_add(&package->ignored, path, text) ||
	       err_set(err, ERR_LIMIT, "the Kit's %s files have more than %d patterns", IGNORE_FILE,
		       IGNORE_RULES_MAX);
}

/* ---- what goes in ---- */

/*
 * Whether a path, as somebody reads it in the folder of `from`, stays inside of the Kit. By its
 * words alone, for a good error: who unpacks a package relies on none of this.
 */
static bool stays_inside(const char *from, const char *path)
{
	unsigned depth = 0;
	for (; *from; from++)
		depth += *from == '/';
	if (*path == '/')
		return false;
	for (; *path; path += strspn(path, "/")) {
		size_t len = strcspn(path, "/");
		if (len == 2 && str_starts(path, "..")) {
			if (depth-- == 0)
				return false;
		} else if (len != 1 || *path != '.') {
			depth++;
		}
		path += len;
	}
	return true;
}

static bool changed(const char *path, struct err *err)
{
	return err_set(err, ERR_SYSTEM, "%s changed while it was read; try again", path);
}

/* 0 at the end of the file. */
static bool read_block(const struct package *package, const struct kit_entry *entry, size_t *have,
		       struct err *err)
{
	ssize_t got;
	do
		got = read(entry->fd, package->block, READ_BLOCK);
	while (got < 0 && errno == EINTR);
	*have = got > 0 ? (size_t)got : 0;
	return got >= 0 || err_sys(err, errno, "reading %s", entry->path);
}

/* The file's first bytes are in the block already. */
static bool put_bytes(struct package *package, const struct kit_entry *entry, size_t have,
		      uint64_t size, struct err *err)
{
	uint64_t done = 0;
	while (have > 0) {
		done += have;
		if (done > size)
			return changed(entry->path, err);
		if (!archive_put_bytes(package->archive, package->block, have, err) ||
		    !read_block(package, entry, &have, err))
			return false;
	}
	return done == size || changed(entry->path, err);
}

static bool put_file(struct package *package, const struct kit_entry *entry, struct err *err)
{
	struct stat st;
	size_t have;
	if (fstat(entry->fd, &st) < 0)
		return err_sys(err, errno, "looking at %s", entry->path);
	if (!read_block(package, entry, &have, err))
		return false;
	size_t look = have < SECRET_FILE_LOOK ? have : SECRET_FILE_LOOK;
	const char *reason =
		is_included(package, entry->path)
			? NULL
			: secret_file_by_content(name_of(entry->path), package->block, look);
	if (reason) {
		leave_out(package, entry->path, reason);
		return true;
	}
	package->manifest_seen |= str_eq(entry->path, MANIFEST_FILE);
	package->result->files++;
	return archive_put_file(package->archive, entry->path, (uint64_t)st.st_size,
				entry->runnable, err) &&
	       put_bytes(package, entry, have, (uint64_t)st.st_size, err);
}

static bool put_link(struct package *package, const struct kit_entry *entry, struct err *err)
{
	if (!stays_inside(entry->path, entry->target))
		return err_set(err, ERR_USAGE,
			       "the symlink %s leads out of the Kit, to %s: it would lead nowhere "
			       "from a package; put the file itself there",
			       entry->path, entry->target);
	package->result->files++;
	return archive_put_link(package->archive, entry->path, entry->target, err);
}

/* The same folder, written in two ways: "./a//b" and "a/b". */
static bool same_folder(const char *a, const char *b)
{
	for (;;) {
		while (*a == '/' || (*a == '.' && (a[1] == '/' || !a[1])))
			a++;
		while (*b == '/' || (*b == '.' && (b[1] == '/' || !b[1])))
			b++;
		size_t len = strcspn(a, "/");
		if (len != strcspn(b, "/") || strncmp(a, b, len) != 0)
			return false;
		if (len == 0)
			return true;
		a += len;
		b += len;
	}
}

static void note_root(struct package *package, const char *path)
{
	const struct manifest *manifest = package->request->manifest;
	for (size_t i = 0; i < manifest->n_workloads; i++)
		if (same_folder(manifest->workloads[i].root, path))
			package->root_seen[i] = true;
}

static bool put_folder(struct package *package, const struct kit_entry *entry, struct err *err)
{
	note_root(package, entry->path);
	package->result->files++;
	return archive_put_folder(package->archive, entry->path, err) &&
	       read_ignore_file(package, entry->fd, entry->path, err);
}

static bool on_visit(void *owner, const struct kit_entry *entry, struct err *err)
{
	switch (entry->kind) {
	case KIT_ENTRY_FOLDER:
		return put_folder(owner, entry, err);
	case KIT_ENTRY_LINK:
		return put_link(owner, entry, err);
	default:
		return put_file(owner, entry, err);
	}
}

/* ---- whether it would run ---- */

static bool check_dependencies(const struct manifest *manifest, struct err *err)
{
	for (size_t i = 0; i < manifest->n_dependencies; i++) {
		const struct manifest_dependency *dependency = &manifest->dependencies[i];
		if (dependency->path && !stays_inside("", dependency->path))
			return err_set(err, ERR_USAGE,
				       "the dependency %s is at %s, outside of the Kit, and would "
				       "not be in the package: name it by `git:`, or put it below "
				       "the Kit",
				       dependency->key, dependency->path);
	}
	return true;
}

static bool check_seen(const struct package *package, struct err *err)
{
	const struct manifest *manifest = package->request->manifest;
	for (size_t i = 0; package->request->include && package->request->include[i]; i++)
		if (!package->include_seen[i])
			return err_set(err, ERR_USAGE,
				       "--include %s: no such file of the Kit is left out for "
				       "looking like a secret; give its path below the Kit",
				       package->request->include[i]);
	if (!package->manifest_seen)
		return err_set(err, ERR_USAGE, "%s itself is left out by %s; take it back with !%s",
			       MANIFEST_FILE, IGNORE_FILE, MANIFEST_FILE);
	for (size_t i = 0; i < manifest->n_workloads; i++)
		if (!manifest->workloads[i].import.dependency && !package->root_seen[i])
			return err_set(err, ERR_USAGE,
				       "workload %s: its folder %s is not there, or is left out "
				       "(see %s)",
				       manifest->workloads[i].key, manifest->workloads[i].root,
				       IGNORE_FILE);
	return true;
}

/* ---- all of it ---- */

static bool write_all(struct package *package, struct err *err)
{
	const struct kit_visitor visitor = {
		.owner = package,
		.left_out = on_left_out,
		.wants = on_wants,
		.visit = on_visit,
	};
	int kit = package->request->kit;
	note_root(package, "");
	return read_ignore_file(package, kit, "", err) && kit_walk(kit, &visitor, err) &&
	       check_seen(package, err) &&
	       archive_finish(package->archive, package->result->digest, &package->result->bytes,
			      err);
}

static size_t count(char *const *list)
{
	size_t n = 0;
	while (list && list[n])
		n++;
	return n;
}

bool package_write(const struct package_request *request, int out, struct package_result *result,
		   struct err *err)
{
	*result = (struct package_result){0};
	if (!check_dependencies(request->manifest, err))
		return false;
	auto_free bool *include_seen = xcalloc(count(request->include) + 1, sizeof(bool));
	auto_free bool *root_seen = xcalloc(request->manifest->n_workloads + 1, sizeof(bool));
	auto_free char *block = xmalloc(READ_BLOCK);
	struct package package = {
		.request = request,
		.result = result,
		.archive = archive_writer_new(out, err),
		.include_seen = include_seen,
		.root_seen = root_seen,
		.block = block,
	};
	bool ok = package.archive && write_all(&package, err);
	archive_writer_free(&package.archive);
	ignore_free(&package.ignored);
	return ok;
}

void package_result_free(struct package_result *result)
{
	for (size_t i = 0; i < result->n_left_out; i++)
		free(result->left_out[i].path);
	free(result->left_out);
	*result = (struct package_result){0};
}
