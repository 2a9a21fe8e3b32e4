// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The key's file appears whole or not at all: it is written under another name, and linked to its
 * own, which fails when somebody else was first. So two first uses at once end with one key.
 */
#include "secrets/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "secrets/private.h"

static bool read_key(int fd, const char *path, struct locked *key, struct err *err)
{
	ssize_t got = read(fd, key->data, SECRET_KEY_SIZE);
	uint8_t more;

	if (got < 0)
		return err_sys(err, errno, "reading the key %s", path);
	if (got != SECRET_KEY_SIZE || read(fd, &more, 1) != 0)
		return err_set(err, ERR_DENIED,
			       "the key %s is not %d bytes long: restore it from a backup", path,
			       SECRET_KEY_SIZE);
	key->len = SECRET_KEY_SIZE;
	return true;
}

static bool open_key(int folder, const char *path, struct locked *key, struct err *err)
{
	auto_fd int fd = openat(folder, SECRET_KEY_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_MISSING,
			       "the key %s is missing: restore it from a backup, or move the store "
			       "beside it away and set your secrets again",
			       path);
	if (fd < 0)
		return err_sys(err, errno, "opening the key %s", path);
	return private_file_check(fd, path, err) && read_key(fd, path, key, err);
}

static bool write_new(int folder, const char *name, struct locked *key, struct err *err)
{
	auto_fd int fd =
		openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, "making the secret store's key");
	if (getrandom(key->data, SECRET_KEY_SIZE, 0) != SECRET_KEY_SIZE)
		return err_sys(err, errno, "drawing the secret store's key");
	if (!fd_write_all(fd, key->data, SECRET_KEY_SIZE, err))
		return err_prefix(err, "writing the secret store's key");
	if (fsync(fd) < 0)
		return err_sys(err, errno, "writing the secret store's key");
	return true;
}

/* Somebody else may be first: theirs is read afterwards. */
static bool make_key(int folder, struct locked *key, struct err *err)
{
	auto_free char *name = xasprintf(SECRET_KEY_FILE ".%d", getpid());
	bool made = write_new(folder, name, key, err);

	if (made && linkat(folder, name, folder, SECRET_KEY_FILE, 0) < 0 && errno != EEXIST)
		made = err_sys(err, errno, "making the secret store's key");
	unlinkat(folder, name, 0);
	if (made && fsync(folder) < 0)
		return err_sys(err, errno, "making the secret store's key");
	return made;
}

bool secret_key_load(int folder, const char *folder_path, bool may_make, struct locked *key,
		     struct err *err)
{
	auto_free char *path = xasprintf("%s/" SECRET_KEY_FILE, folder_path);
	bool loaded;

	if (!locked_new(key, SECRET_KEY_SIZE, err))
		return false;
	loaded = open_key(folder, path, key, err);
	if (!loaded && err->code == ERR_MISSING && may_make)
		loaded = make_key(folder, key, err) && open_key(folder, path, key, err);
	if (!loaded)
		locked_free(key);
	return loaded;
}
