// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who is attacked, outside of every sandbox: `victim USER FOLDER PASS [SOCKET...]` puts a secret
 * into files, memory, IPC and sockets, prints where (lines of NAME=VALUE, the last one READY=1),
 * greets whoever connects (at PASS with the folder itself), and ends with its standard input.
 * Started by root it is the user that the sandbox's workload is too, so that no permission of a
 * file stands between them.
 */
#include "controller/attack/attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/num.h"

enum { SOCKETS_MAX = 64 };

static struct pollfd polled[SOCKETS_MAX];
static nfds_t n_polled;
static int passing = -1; // the listener that hands the folder over

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "victim: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void listen_at(const struct sockaddr *address, socklen_t len, const char *name)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, address, len) < 0 || listen(fd, 16) < 0)
		fail(name);
	if (n_polled == SOCKETS_MAX)
		fail("too many sockets");
	polled[n_polled++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void listen_path(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listen_at((struct sockaddr *)&address, sizeof(address), path);
	if (chmod(path, 0666) < 0)
		fail(path);
}

static void listen_abstract(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int len = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "capakit-attack-%d",
			   (int)getpid());

	listen_at((struct sockaddr *)&address,
		  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len),
		  "an abstract socket");
	printf("ABSTRACT=%s\n", address.sun_path + 1);
}

static void listen_tcp(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	listen_at((struct sockaddr *)&address, len, "127.0.0.1");
	getsockname(polled[n_polled - 1].fd, (struct sockaddr *)&address, &len);
	printf("PORT=%d\n", ntohs(address.sin_port));
}

static void become(const char *user)
{
	uint64_t number;

	if (geteuid() != 0)
		return;
	if (!num_parse_u64(user, strlen(user), UINT32_MAX - 1, &number))
		fail(user);
	uid_t id = (uid_t)number;
	if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0 ||
	    prctl(PR_SET_DUMPABLE, 1) < 0)
		fail("becoming the workload's user");
}

static int make_secret_file(void)
{
	int fd = open("secret", O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, ATTACK_SECRET "\n", strlen(ATTACK_SECRET) + 1) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		fail("the secret file");
	return fd;
}

static void print_handle(void)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} room = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	if (name_to_handle_at(AT_FDCWD, "secret", &room.handle, &mount, 0) < 0)
		return; // a file system without handles
	printf("TYPE=%d\nHANDLE=", room.handle.handle_type);
	for (unsigned i = 0; i < room.handle.handle_bytes; i++)
		printf("%02x", room.handle.f_handle[i]);
	printf("\n");
}

static int make_shared_memory(void)
{
	int id = shmget((key_t)getpid(), 4096, IPC_CREAT | 0666);
	char *text = id < 0 ? (char *)-1 : shmat(id, NULL, 0);

	if ((intptr_t)text == -1)
		fail("shared memory");
	memcpy(text, ATTACK_SECRET, sizeof(ATTACK_SECRET));
	return id;
}

static void make_queue(char *name, size_t size)
{
	snprintf(name, size, "/capakit-attack-%d", (int)getpid());
	mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0666, NULL);
	if (queue == (mqd_t)-1)
		fail("a message queue");
	fchmod((int)queue, 0666);
	printf("QUEUE=%s\n", name);
}

static void greet(int client, int folder)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char text[] = "host\n";
	struct iovec vector = {text, 5};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

	if (folder >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
							    .cmsg_type = SCM_RIGHTS,
							    .cmsg_len = CMSG_LEN(sizeof(int))};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &folder, sizeof(int));
	}
	sendmsg(client, &message, MSG_NOSIGNAL);
	close(client);
}

static void serve(int folder)
{
	for (;;) {
		if (poll(polled, n_polled, -1) < 0 && errno != EINTR)
			fail("poll");
		if (polled[0].revents)
			return;
		for (nfds_t i = 1; i < n_polled; i++) {
			if (!(polled[i].revents & POLLIN))
				continue;
			int client = accept(polled[i].fd, NULL, NULL);
			if (client >= 0)
				greet(client, polled[i].fd == passing ? folder : -1);
		}
	}
}

int attack_victim(int argc, char **argv)
{
	static char in_memory[] = ATTACK_SECRET;
	char queue[64];

	if (argc < 3 || chdir(argv[1]) < 0)
		fail("usage: victim USER FOLDER PASS [SOCKET...]");
	signal(SIGUSR1, SIG_IGN);
	polled[n_polled++] = (struct pollfd){.fd = 0, .events = POLLIN};
	for (int i = 2; i < argc; i++)
		listen_path(argv[i]);
	passing = polled[1].fd;
	become(argv[0]);
	listen_abstract();
	listen_tcp();
	int file = make_secret_file();
	int memory = make_shared_memory();
	make_queue(queue, sizeof(queue));
	print_handle();
	printf("PID=%d\nADDRESS=%lx\nDESCRIPTOR=%d\nKEY=%d\nREADY=1\n", (int)getpid(),
	       (unsigned long)(uintptr_t)in_memory, file, (int)getpid());
	fflush(stdout);
	serve(open(".", O_RDONLY | O_DIRECTORY));
	shmctl(memory, IPC_RMID, NULL);
	mq_unlink(queue);
	return 0;
}
