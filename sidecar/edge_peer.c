// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Loopback is shared by all users of a machine, and a TCP connection carries no credentials. The
 * kernel's socket table knows who made each socket; it is asked for exactly the client's end of
 * the connection. The netlink socket is opened before confinement, because the answer depends on
 * the network and user namespaces it was opened in.
 */
#include "sidecar/edge_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"

struct edge_peer {
	int netlink;
	uint32_t sequence;
	uint32_t overflow_uid; // stands for users that this user namespace does not know
};

struct endpoint {
	int family;
	uint8_t address[16];
	in_port_t port; // network byte order
};

struct question {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

union answer { // as the kernel aligns it; attributes may follow the message
	struct nlmsghdr header;
	char bytes[1024];
};

/* Of a socket address, with an IPv4-mapped one as IPv4. */
static bool endpoint_of(const struct sockaddr_storage *from, struct endpoint *to)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	memset(to, 0, sizeof(*to));
	if (from->ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
		to->family = AF_INET;
		to->port = v4->sin_port;
		memcpy(to->address, &v4->sin_addr, 4);
		return true;
	}
	if (from->ss_family != AF_INET6)
		return false;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	bool is_mapped = memcmp(&v6->sin6_addr, mapped, sizeof(mapped)) == 0;
	to->family = is_mapped ? AF_INET : AF_INET6;
	to->port = v6->sin6_port;
	memcpy(to->address, v6->sin6_addr.s6_addr + (is_mapped ? 12 : 0), is_mapped ? 4 : 16);
	return true;
}

/* Asks for the socket whose own address is `local` and whose peer's is `remote`. */
static bool ask(struct edge_peer *peer, const struct endpoint *local, const struct endpoint *remote,
		struct err *err)
{
	struct question question = {
		.header = {.nlmsg_len = sizeof(question),
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags = NLM_F_REQUEST,
			   .nlmsg_seq = ++peer->sequence},
		.request = {.sdiag_family = (uint8_t)local->family,
			    .sdiag_protocol = IPPROTO_TCP,
			    .idiag_states = UINT32_MAX},
	};
	struct inet_diag_sockid *id = &question.request.id;
	id->idiag_sport = local->port;
	id->idiag_dport = remote->port;
	memcpy(id->idiag_src, local->address, sizeof(id->idiag_src));
	memcpy(id->idiag_dst, remote->address, sizeof(id->idiag_dst));
	id->idiag_cookie[0] = id->idiag_cookie[1] = (uint32_t)INET_DIAG_NOCOOKIE;
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	if (sendto(peer->netlink, &question, sizeof(question), 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) != (ssize_t)sizeof(question))
		return err_sys(err, errno, "asking the kernel who connects");
	return true;
}

/* The kernel answers within sendto(2), so there is nothing to wait for. */
static bool hear(struct edge_peer *peer, struct inet_diag_msg *message, struct err *err)
{
	union answer answer;
	ssize_t len;
	do { // older answers, if a question failed halfway
		len = recv(peer->netlink, &answer, sizeof(answer), MSG_DONTWAIT);
		if (len < 0)
			return err_sys(err, errno, "hearing from the kernel who connects");
		if (!NLMSG_OK(&answer.header, (size_t)len))
			return err_set(err, ERR_SYSTEM, "the kernel's answer is too short");
	} while (answer.header.nlmsg_seq != peer->sequence);
	if (answer.header.nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *failure = NLMSG_DATA(&answer.header);
		if (answer.header.nlmsg_len < NLMSG_LENGTH(sizeof(*failure)))
			return err_set(err, ERR_SYSTEM, "the kernel's answer is too short");
		return err_sys(err, -failure->error, "looking for the connecting socket");
	}
	if (answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    answer.header.nlmsg_len < NLMSG_LENGTH(sizeof(*message)))
		return err_set(err, ERR_SYSTEM, "the kernel's answer is not about a socket");
	memcpy(message, NLMSG_DATA(&answer.header), sizeof(*message));
	return true;
}

/* A socket that nobody holds any more, or a remnant of one, is reported as root's. */
static bool is_held(const struct inet_diag_msg *message)
{
	switch (message->idiag_state) {
	case TCP_ESTABLISHED:
	case TCP_FIN_WAIT1: // shut down for writing by a client that still reads
	case TCP_FIN_WAIT2:
	case TCP_CLOSE_WAIT:
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return message->idiag_inode != 0;
	default: // a listener at that address, TIME_WAIT, a half-open connection
		return false;
	}
}

bool edge_peer_uid(struct edge_peer *peer, int fd, uint32_t *uid, struct err *err)
{
	struct sockaddr_storage ours = {0}, theirs = {0};
	socklen_t ours_len = sizeof(ours), theirs_len = sizeof(theirs);
	struct endpoint local, remote;
	if (getsockname(fd, (struct sockaddr *)&ours, &ours_len) != 0 ||
	    getpeername(fd, (struct sockaddr *)&theirs, &theirs_len) != 0)
		return err_sys(err, errno, "reading the addresses of a connection");
	if (!endpoint_of(&ours, &local) || !endpoint_of(&theirs, &remote) ||
	    local.family != remote.family)
		return err_set(err, ERR_DENIED, "the connection is not TCP over IP");
	struct inet_diag_msg message = {0};
	if (!ask(peer, &remote, &local, err) || !hear(peer, &message, err)) {
		err->code = ERR_DENIED;
		return false;
	}
	if (message.id.idiag_sport != remote.port || message.id.idiag_dport != local.port ||
	    !is_held(&message))
		return err_set(err, ERR_DENIED, "the connecting process has closed its socket");
	if (message.idiag_uid == peer->overflow_uid)
		return err_set(err, ERR_DENIED,
			       "the connecting user is unknown in this user "
			       "namespace");
	*uid = message.idiag_uid;
	return true;
}

static bool read_overflow_uid(uint32_t *uid, struct err *err)
{
	static const char path[] = "/proc/sys/kernel/overflowuid";
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "opening %s", path);
	auto_free char *text = NULL;
	size_t len;
	uint64_t value;
	if (!fd_read_all(fd, 64, &text, &len, err))
		return false;
	if (len == 0 || !num_parse_u64(text, len - 1, UINT32_MAX, &value))
		return err_set(err, ERR_SYSTEM, "%s holds no number", path);
	*uid = (uint32_t)value;
	return true;
}

/* Connects to itself and asks about that: a kernel without the module says "no such socket" too. */
static bool try_out(struct edge_peer *peer, struct err *err)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	auto_fd int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_fd int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || client < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &len) != 0 ||
	    connect(client, (struct sockaddr *)&address, len) != 0)
		return err_sys(err, errno, "connecting to this machine's loopback");
	auto_fd int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	uint32_t uid;
	err_set(err, ERR_UNSUPPORTED, "asked about itself it names somebody else");
	if (accepted >= 0 && edge_peer_uid(peer, accepted, &uid, err) && uid == geteuid())
		return true;
	err->code = ERR_UNSUPPORTED;
	return err_prefix(err, "the kernel does not say who owns a TCP connection (it needs "
			       "CONFIG_INET_DIAG: modprobe tcp_diag)");
}

struct edge_peer *edge_peer_open(struct err *err)
{
	struct edge_peer *peer = xcalloc(1, sizeof(*peer));
	peer->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (peer->netlink < 0)
		err_sys(err, errno, "opening a netlink socket to ask who connects");
	else if (read_overflow_uid(&peer->overflow_uid, err) && try_out(peer, err))
		return peer;
	edge_peer_close(&peer);
	return NULL;
}

void edge_peer_close(struct edge_peer **peer)
{
	if (!*peer)
		return;
	fd_close(&(*peer)->netlink);
	free(take_ptr(peer));
}
