// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where this user's folders and this installation's programs are, and file operations through
 * descriptors: openat2(2) decides about symlinks, not a check that came before. Taking away whole
 * trees is in path_remove.c.
 */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/text.h"

enum { PROGRAM_PATH_MAX = 4096 };

static int openat2_(int dir, const char *name, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
		.resolve = resolve,
	};
	long fd;

	/* A rename elsewhere in the tree makes a scoped look-up uncertain: EAGAIN means try again.
	 */
	for (int tries = 0; tries < 100; tries++) {
		fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

int path_open_beneath(int dir, const char *name, int flags, mode_t mode, struct err *err)
{
	int fd = openat2_(dir, name, flags, mode,
			  RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

	if (fd < 0)
		err_sys(err, errno, "opening %s", name);
	return fd;
}

int path_open_absolute(const char *path, int flags, struct err *err)
{
	int fd;

	if (path[0] != '/') {
		err_set(err, ERR_USAGE, "opening %s: the path must be absolute", path);
		return -1;
	}
	fd = openat2_(AT_FDCWD, path, flags, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd < 0 && errno == ELOOP)
		err_set(err, ERR_DENIED, "opening %s: a part of this path is a symbolic link",
			path);
	else if (fd < 0)
		err_sys(err, errno, "opening %s", path);
	return fd;
}

/* Opens the folder `name` in `dir`, making it with exactly `mode` when it is missing. */
static int open_or_make(int dir, const char *name, mode_t mode)
{
	auto_fd int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT)
		return take_fd(&fd);
	if (mkdirat(dir, name, mode) < 0 && errno != EEXIST)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fchmod(fd, mode) < 0) // the umask may have taken something away
		return -1;
	return take_fd(&fd);
}

bool path_make_dirs(const char *path, mode_t mode, struct err *err)
{
	auto_free char *copy = xstrdup(path);
	auto_fd int dir = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = NULL;

	for (char *name = strtok_r(copy, "/", &rest); dir >= 0 && name;
	     name = strtok_r(NULL, "/", &rest)) {
		int next = open_or_make(dir, name, mode);

		fd_close(&dir);
		dir = next;
	}
	if (dir < 0)
		return err_sys(err, errno, "making the folder %s", path);
	return true;
}

static char *home_dir(struct err *err)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home && home[0] == '/')
		return xstrdup(home);
	user = getpwuid(geteuid());
	if (user && user->pw_dir && user->pw_dir[0] == '/')
		return xstrdup(user->pw_dir);
	err_set(err, ERR_MISSING, "no home folder is known: set HOME or CAPAKIT_HOME");
	return NULL;
}

/* $CAPAKIT_HOME/<part>, absolute; NULL without an error when it is not set. */
static char *below_capakit_home(const char *part)
{
	const char *home = getenv("CAPAKIT_HOME");
	auto_free char *cwd = NULL;

	if (!home || !*home)
		return NULL;
	if (home[0] == '/')
		return xasprintf("%s/%s", home, part);
	cwd = getcwd(NULL, 0);
	return cwd ? xasprintf("%s/%s/%s", cwd, home, part) : NULL;
}

static char *user_dir(const char *part, const char *variable, const char *below_home,
		      struct err *err)
{
	const char *set = getenv(variable);
	auto_free char *path = below_capakit_home(part);
	auto_free char *home = NULL;

	if (!path && set && set[0] == '/')
		path = xasprintf("%s/capakit", set);
	if (!path) {
		home = home_dir(err);
		if (!home)
			return NULL;
		path = xasprintf("%s/%s/capakit", home, below_home);
	}
	if (!path_make_dirs(path, 0700, err))
		return NULL;
	return take_ptr(&path);
}

char *path_state_dir(struct err *err)
{
	return user_dir("state", "XDG_STATE_HOME", ".local/state", err);
}

char *path_data_dir(struct err *err)
{
	return user_dir("data", "XDG_DATA_HOME", ".local/share", err);
}

/* Whether $XDG_RUNTIME_DIR is this user's own; it is not after su or sudo that kept it. */
static bool own_folder(const char *path)
{
	struct stat st;

	return path && path[0] == '/' && stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

static bool check_private(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(err, errno, "checking the runtime folder %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_DENIED,
			       "the runtime folder %s is a symbolic link or no folder: remove it",
			       path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_DENIED,
			       "the runtime folder %s belongs to user %u: set CAPAKIT_HOME to a "
			       "folder of your own",
			       path, (unsigned)st.st_uid);
	if (st.st_mode & 077)
		return err_set(err, ERR_DENIED,
			       "the runtime folder %s is open to other users: chmod 700 it", path);
	return true;
}

char *path_runtime_dir(struct err *err)
{
	const char *set = getenv("XDG_RUNTIME_DIR");
	auto_free char *path = below_capakit_home("run");

	if (!path)
		path = own_folder(set) ? xasprintf("%s/capakit", set)
				       : xasprintf("/tmp/capakit-%u", (unsigned)geteuid());
	if (!path_make_dirs(path, 0700, err) || !check_private(path, err))
		return NULL;
	return take_ptr(&path);
}

static bool write_and_rename(int dir, const char *temporary, const char *name, const void *data,
			     size_t len, mode_t mode, struct err *err)
{
	auto_fd int fd =
		openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, "making a temporary file beside %s", name);
	if (!fd_write_all(fd, data, len, err))
		return err_prefix(err, "file %s", name);
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0 || renameat(dir, temporary, dir, name) < 0)
		return err_sys(err, errno, "writing the file %s", name);
	return true;
}

/* A folder opened with O_PATH cannot be synced itself. */
static bool sync_dir(int dir, struct err *err)
{
	auto_fd int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(err, errno, "syncing a folder");
	return true;
}

bool path_write_atomic(int dir, const char *name, const void *data, size_t len, mode_t mode,
		       struct err *err)
{
	auto_free char *temporary = NULL;
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_sys(err, errno, "asking for random bytes");
	text_hex(hex, random, sizeof(random));
	temporary = xasprintf(".%s.%s", name, hex);
	if (!write_and_rename(dir, temporary, name, data, len, mode, err)) {
		(void)unlinkat(dir, temporary, 0);
		return false;
	}
	return sync_dir(dir, err);
}

char *path_program_dir(struct err *err)
{
	char target[PROGRAM_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", target, sizeof(target) - 1);
	char *slash;

	if (len < 0) {
		err_sys(err, errno, "asking where this program is (is /proc mounted?)");
		return NULL;
	}
	target[len] = '\0';
	slash = strrchr(target, '/');
	if (!slash) {
		err_set(err, ERR_SYSTEM, "the program's own path %s is not absolute", target);
		return NULL;
	}
	return xstrndup(target, slash == target ? 1 : (size_t)(slash - target));
}

char *path_helper_program(const char *name, struct err *err)
{
	static const char *const PLACES[] = {"", "../libexec/capakit/"};
	auto_free char *dir = path_program_dir(err);

	if (!dir)
		return NULL;
	for (size_t i = 0; i < array_len(PLACES); i++) {
		auto_free char *path = xasprintf("%s/%s%s", dir, PLACES[i], name);

		if (access(path, X_OK) == 0)
			return take_ptr(&path);
	}
	err_set(err, ERR_MISSING,
		"the program %s is neither in %s nor in %s/../libexec/capakit: reinstall capakit",
		name, dir, dir);
	return NULL;
}
