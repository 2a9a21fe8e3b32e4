// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Descriptors. Unix sockets are bound and connected by a name relative to a folder's descriptor:
 * the working folder is changed for that moment, since a process that lives in a root of its own
 * (a sidecar) has no /proc to go through. There are no threads that could notice.
 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { READ_STEP = 16 * 1024 };

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

bool fd_set_nonblocking(int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(err, errno, "making descriptor %d non-blocking", fd);
	return true;
}

bool fd_write_all(int fd, const void *data, size_t len, struct err *err)
{
	const char *next = data;

	while (len) {
		ssize_t written = write(fd, next, len);

		if (written >= 0) {
			next += written;
			len -= (size_t)written;
		} else if (errno == EAGAIN) {
			struct pollfd waiting = {.fd = fd, .events = POLLOUT};

			(void)poll(&waiting, 1, -1);
		} else if (errno != EINTR) {
			return err_sys(err, errno, "writing %zu bytes", len);
		}
	}
	return true;
}

bool fd_read_all(int fd, size_t max, char **data, size_t *len, struct err *err)
{
	auto_buf struct buf content;

	buf_init(&content, max + 1); // one more, so that the end of the file is seen at the maximum
	for (;;) {
		size_t step = buf_room(&content) < READ_STEP ? buf_room(&content) : READ_STEP;
		ssize_t got = step ? read(fd, buf_reserve(&content, step), step) : 0;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, errno, "reading");
		if (got == 0)
			break;
		buf_commit(&content, (size_t)got);
	}
	if (buf_len(&content) > max)
		return err_set(err, ERR_LIMIT, "it is longer than the %zu bytes that are allowed",
			       max);
	*len = buf_len(&content);
	*data = buf_take_str(&content);
	return true;
}

int fd_sealed(const char *name, const void *data, size_t len, struct err *err)
{
	auto_fd int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		err_sys(err, errno, "making the memory file %s", name);
		return -1;
	}
	if (!fd_write_all(fd, data, len, err)) {
		err_prefix(err, "memory file %s", name);
		return -1;
	}
	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
		err_sys(err, errno, "sealing the memory file %s", name);
		return -1;
	}
	return take_fd(&fd);
}

bool fd_socket_pair(int type, int pair[2], struct err *err)
{
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		pair[0] = pair[1] = -1;
		return err_sys(err, errno, "making a socket pair");
	}
	return true;
}

typedef int address_fn(int fd, const struct sockaddr *address, socklen_t len);

/* Calls bind(2) or connect(2) with `name` as seen from the folder `dir`. */
static bool with_unix_name(address_fn *call, int fd, int dir, const char *name, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int back = -1;
	int failed;

	if (!*name || strlen(name) >= sizeof(address.sun_path))
		return err_set(err, ERR_LIMIT, "the socket name %.200s is empty or too long", name);
	memcpy(address.sun_path, name, strlen(name));
	if (dir != AT_FDCWD) {
		back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (back < 0 || fchdir(dir) < 0)
			return err_sys(err, errno, "entering the folder of socket %s", name);
	}
	failed = call(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
	if (back >= 0 && fchdir(back) < 0)
		return err_sys(err, errno, "returning from the folder of socket %s", name);
	if (failed)
		return err_sys(err, failed, "socket %s", name);
	return true;
}

static int new_unix_socket(struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		err_sys(err, errno, "making a Unix socket");
	return fd;
}

int fd_listen_unix(int dir, const char *name, mode_t mode, int backlog, struct err *err)
{
	auto_fd int fd = new_unix_socket(err);
	mode_t mask;
	bool bound;

	if (fd < 0)
		return -1;
	/* bind(2) takes the mode from the descriptor, so the name never exists with a wider one. */
	if (fchmod(fd, mode) < 0) {
		err_sys(err, errno, "setting the mode of socket %s", name);
		return -1;
	}
	mask = umask(0);
	bound = with_unix_name(bind, fd, dir, name, err);
	umask(mask);
	if (!bound) {
		err_prefix(err, "binding");
		return -1;
	}
	if (listen(fd, backlog) < 0) {
		err_sys(err, errno, "listening on socket %s", name);
		return -1;
	}
	return take_fd(&fd);
}

int fd_connect_unix(int dir, const char *name, struct err *err)
{
	auto_fd int fd = new_unix_socket(err);

	if (fd < 0)
		return -1;
	if (!with_unix_name(connect, fd, dir, name, err)) {
		err_prefix(err, "connecting");
		return -1;
	}
	return take_fd(&fd);
}
