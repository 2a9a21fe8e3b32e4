// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sandbox's network namespace. It starts with a loopback interface that is down, and never
 * gets another one. The listener of the egress sidecar can only be made from inside, so it is
 * made here, before anything is dropped, and handed to the controller.
 */
#include "controller/sandbox/parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

static bool loopback_up(struct err *err)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_sys(err, errno, "bringing the loopback interface up");
	return true;
}

static int listen_egress(uint16_t port, struct err *err)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 128) < 0) {
		err_sys(err, errno, "listening on 127.0.0.1:%u for the egress sidecar", port);
		return -1;
	}
	return take_fd(&fd);
}

static bool send_fd(int channel, int fd, struct err *err)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec byte = {.iov_base = (char[1]){'l'}, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(channel, &message, MSG_NOSIGNAL) != 1)
		return err_sys(err, errno, "handing over the egress listener");
	return true;
}

bool network_set_up(const struct policy *policy, struct err *err)
{
	if (policy->network == POLICY_NET_NONE)
		return true;
	if (!loopback_up(err))
		return false;
	if (policy->network != POLICY_NET_EGRESS)
		return true;
	auto_fd int listener = listen_egress(policy->egress_port, err);
	return listener >= 0 && send_fd(policy->handoff_fd, listener, err);
}

bool network_await_egress(const struct policy *policy, struct err *err)
{
	char byte;

	if (policy->network != POLICY_NET_EGRESS)
		return true;
	for (;;) {
		struct pollfd wait = {.fd = policy->handoff_fd, .events = POLLIN};
		if (poll(&wait, 1, -1) < 0 && errno != EINTR)
			return err_sys(err, errno, "waiting for the egress sidecar");
		ssize_t got = read(policy->handoff_fd, &byte, 1);
		if (got == 1)
			return close(policy->handoff_fd) == 0 ||
			       err_sys(err, errno, "closing handoff_fd");
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return err_set(err, ERR_CLOSED, "the egress sidecar did not start");
	}
}
