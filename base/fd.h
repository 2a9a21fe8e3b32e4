// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Descriptors: scope cleanup, explicit transfer, and the few ways in which this project makes
 * them. Everything made here is close-on-exec.
 */
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

void fd_close(int *fd); // closes *fd unless negative, leaves -1 behind
int take_fd(int *fd);	// returns *fd and leaves -1 behind
#define auto_fd __attribute__((cleanup(fd_close)))

must_check bool fd_set_nonblocking(int fd, struct err *err);
must_check bool fd_write_all(int fd, const void *data, size_t len, struct err *err);

/* The whole of a file that is at most `max` bytes; *data is NUL-terminated, the caller frees it. */
must_check bool fd_read_all(int fd, size_t max, char **data, size_t *len, struct err *err);

/* A memory file with this content, sealed against every change (memfd_create(2), F_SEAL_*). */
int fd_sealed(const char *name, const void *data, size_t len, struct err *err);

/* socketpair(2) of AF_UNIX; type is SOCK_STREAM or SOCK_SEQPACKET, both ends non-blocking. */
must_check bool fd_socket_pair(int type, int pair[2], struct err *err);

/*
 * A listening Unix stream socket at `name` in the folder `dir`, non-blocking, with this mode. It
 * goes through the folder's descriptor, so the folder's own path may be longer than 107 bytes.
 */
int fd_listen_unix(int dir, const char *name, mode_t mode, int backlog, struct err *err);

/* A connected Unix stream socket, non-blocking (the connect itself is not delayed). */
int fd_connect_unix(int dir, const char *name, struct err *err);
