// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FOLDERS_MAX = 8, PROXY_PORT = 3128 };

#define GIVER "/mnt/read-write/give.sock"

/* ---- the proxy ---- */

static int connect_proxy(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(PROXY_PORT),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* HOST:PORT; the status of the answer to CONNECT, 0: there was none. */
static void add_host(json_t *list, char *host)
{
	char text[512];
	int status = 0, fd = connect_proxy();

	if (fd >= 0) {
		int len = snprintf(text, sizeof(text), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n",
				   host, host);
		ssize_t sent = write(fd, text, (size_t)len);
		ssize_t got = sent == len ? read(fd, text, sizeof(text) - 1) : 0;
		text[got > 0 ? got : 0] = '\0';
		sscanf(text, "HTTP/1.1 %d", &status);
		close(fd);
	}
	json_array_append_new(list, json_integer(status));
}

/* ---- folders from outside ---- */

static struct msghdr *message(void *data, size_t len, int *fds, size_t n_fds)
{
	static struct iovec part;
	static char control[CMSG_SPACE(FOLDERS_MAX * sizeof(int))]
		__attribute__((aligned(_Alignof(struct cmsghdr))));
	static struct msghdr head;

	part = (struct iovec){data, len};
	head = (struct msghdr){.msg_iov = &part,
			       .msg_iovlen = 1,
			       .msg_control = control,
			       .msg_controllen =
				       n_fds ? CMSG_SPACE(n_fds * sizeof(int)) : sizeof(control)};
	if (n_fds) {
		struct cmsghdr *rights = CMSG_FIRSTHDR(&head);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, n_fds * sizeof(int));
	}
	return &head;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(path, 0777) < 0 || listen(fd, 8) < 0)
		witness_fail(path);
	return fd;
}

int witness_give(const char *path, char **folders)
{
	int fds[FOLDERS_MAX];
	size_t n = 0;
	struct pollfd polled[] = {{listen_at(path), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};

	for (; folders[n] && n < FOLDERS_MAX; n++)
		if ((fds[n] = open(folders[n], O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
			witness_fail(folders[n]);
	puts("ready");
	fflush(stdout);
	while (poll(polled, 2, -1) > 0 && !polled[1].revents) {
		int peer = accept(polled[0].fd, NULL, NULL);
		if (peer < 0 || sendmsg(peer, message((char[]){"x"}, 1, fds, n), MSG_NOSIGNAL) < 0)
			witness_fail("passing the folders");
		close(peer);
	}
	return 0;
}

static int attempt(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags | O_CLOEXEC, 0600);
	int error = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	if (flags & O_EXCL)
		unlinkat(folder, name, 0);
	return error;
}

/* For each folder the error of reading its file `file`, and of making another one; 0: it worked. */
static json_t *given(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = GIVER};
	json_t *list = json_array();
	int fds[FOLDERS_MAX], fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;
	struct msghdr *head = message(&byte, 1, NULL, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    recvmsg(fd, head, 0) < 0)
		return list;
	struct cmsghdr *rights = CMSG_FIRSTHDR(head);
	size_t n = rights ? (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
	if (n)
		memcpy(fds, CMSG_DATA(rights), n * sizeof(int));
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(
			list,
			json_pack("{s:i, s:i}", "read", attempt(fds[i], "file", O_RDONLY), "create",
				  attempt(fds[i], "made", O_WRONLY | O_CREAT | O_EXCL)));
	}
	close(fd);
	return list;
}

void witness_add_network(json_t *report)
{
	json_t *hosts = json_array();
	char *interfaces = witness_read("/proc/self/net/dev");

	witness_each_line("hosts", add_host, hosts);
	json_object_set_new(report, "hosts", hosts);
	json_object_set_new(report, "given", given());
	json_object_set_new(report, "interfaces",
			    interfaces ? json_string(interfaces) : json_null());
	free(interfaces);
}
