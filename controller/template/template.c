// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Files are looked for before the first is written, and made with O_EXCL all the same: somebody's
 * file is never written over.
 */
#include "controller/template/template.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

#define NAME_MARK "@NAME@"
#define NAME_MAX_BYTES 63

extern const struct embedded_file TEMPLATE_FILES[];
extern const size_t TEMPLATE_FILES_count;

static bool taken(const char *label, const char *path, struct err *err)
{
	return err_set(err, ERR_EXISTS,
		       "%s has a %s already, and nothing is written over: name another folder",
		       label, path);
}

/* The folder above `path` that ends at `slash`: missing, or a folder and no symlink to one. */
static bool check_parent(int folder, const char *label, const char *path, const char *slash,
			 struct err *err)
{
	auto_free char *parent = xstrndup(path, (size_t)(slash - path));
	struct stat st;
	if (fstatat(folder, parent, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
		return true;
	return taken(label, parent, err);
}

static bool check_free(int folder, const char *label, struct err *err)
{
	struct stat ignored;
	for (size_t i = 0; i < TEMPLATE_FILES_count; i++) {
		const char *path = TEMPLATE_FILES[i].name;
		for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/'))
			if (!check_parent(folder, label, path, slash, err))
				return false;
		if (fstatat(folder, path, &ignored, AT_SYMLINK_NOFOLLOW) == 0)
			return taken(label, path, err);
	}
	return true;
}

static void put_name(const struct embedded_file *file, const char *name, struct buf *text)
{
	for (const char *rest = file->data; *rest;) {
		const char *mark = strstr(rest, NAME_MARK);
		size_t len = mark ? (size_t)(mark - rest) : strlen(rest);
		(void)buf_append(text, rest, len);
		if (mark)
			(void)buf_append_str(text, name);
		rest += len + (mark ? strlen(NAME_MARK) : 0);
	}
}

static bool make_parents(int folder, const char *path, struct err *err)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		auto_free char *parent = xstrndup(path, (size_t)(slash - path));
		if (mkdirat(folder, parent, 0777) < 0 && errno != EEXIST)
			return err_sys(err, errno, "cannot make the folder %s", parent);
	}
	return true;
}

static bool write_file(int folder, const struct embedded_file *file, const char *name,
		       struct err *err)
{
	auto_buf struct buf text = {.max = 64 * KIB};
	if (!make_parents(folder, file->name, err))
		return false;
	auto_fd int fd = path_open_beneath(folder, file->name,
					   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666, err);
	if (fd < 0)
		return err_prefix(err, "cannot write %s", file->name);
	put_name(file, name, &text);
	return fd_write_all(fd, buf_bytes(&text), buf_len(&text), err) ||
	       err_prefix(err, "cannot write %s", file->name);
}

bool template_write(const char *folder, const char *name, void (*written)(const char *path),
		    struct err *err)
{
	if (mkdir(folder, 0777) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make the folder %s", folder);
	auto_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "cannot open the folder %s", folder);
	if (!check_free(fd, folder, err))
		return false;
	for (size_t i = 0; i < TEMPLATE_FILES_count; i++) {
		if (!write_file(fd, &TEMPLATE_FILES[i], name, err))
			return false;
		written(TEMPLATE_FILES[i].name);
	}
	return true;
}

char *template_name_of(const char *folder_name)
{
	auto_buf struct buf name = {.max = NAME_MAX_BYTES};
	for (const char *at = folder_name; *at; at++) {
		char c = (char)tolower((unsigned char)*at);
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		bool after_dash =
			buf_len(&name) == 0 || buf_bytes(&name)[buf_len(&name) - 1] == '-';
		if (plain || !after_dash)
			(void)buf_append(&name, plain ? &c : "-", 1);
	}
	size_t len = buf_len(&name);
	while (len > 0 && buf_bytes(&name)[len - 1] == '-')
		len--;
	return len ? xstrndup((const char *)buf_bytes(&name), len) : xstrdup("kit");
}
