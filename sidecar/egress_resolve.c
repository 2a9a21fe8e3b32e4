// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * c-ares on the event loop. It reads the host's configuration before the process is confined, and
 * later only opens sockets to the name servers it found then. The only file that includes ares.h.
 */
#include "sidecar/egress_resolve.h"

#include <ares.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/egress_hosts.h"

enum { SERVER_SOCKETS_MAX = 32 }; // UDP and TCP to each of a few name servers

struct server_socket { // of c-ares; unused ones have fd -1
	struct loop_io io;
	struct egress_resolver *resolver;
	int fd;
};

/*
 * One question to the name servers, for all who want the same name while it is under way and for
 * a moment after: a package manager opens dozens of connections to one host at once.
 */
struct question {
	struct egress_resolver *resolver;
	struct question *next;
	char *name;
	struct egress_lookup *waiting; // while it is under way
	uint64_t answered_ms;	       // 0: it is under way
	struct in6_addr addresses[EGRESS_ADDRESSES_MAX];
	size_t n_addresses;
	const char *failure;
};

struct egress_resolver {
	ares_channel channel;
	struct loop *loop; // NULL until started
	struct loop_timer timer;
	struct server_socket sockets[SERVER_SOCKETS_MAX];
	struct question *questions;
	char *hosts; // the text of /etc/hosts
	size_t hosts_len;
};

struct egress_lookup {
	egress_found_fn *on_found;
	void *owner;
	struct question *question;  // while it waits for it
	struct egress_lookup *next; // who waits for the same
	struct loop_timer soon;	    // delivers the answer
	struct in6_addr addresses[EGRESS_ADDRESSES_MAX];
	size_t n_addresses;
	const char *failure;
};

static void on_server(struct loop_io *io, int events)
{
	struct server_socket *socket = container_of(io, struct server_socket, io);
	ares_process_fd(socket->resolver->channel,
			events & LOOP_READ ? socket->fd : ARES_SOCKET_BAD,
			events & LOOP_WRITE ? socket->fd : ARES_SOCKET_BAD);
}

static struct server_socket *socket_of(struct egress_resolver *resolver, int fd)
{
	for (size_t i = 0; i < SERVER_SOCKETS_MAX; i++)
		if (resolver->sockets[i].fd == fd)
			return &resolver->sockets[i];
	return NULL;
}

/* c-ares opens, closes or wants something else of a socket. */
static void on_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
	struct egress_resolver *resolver = data;
	struct server_socket *socket = socket_of(resolver, fd);
	if (!resolver->loop)
		return;
	if (!socket && (socket = socket_of(resolver, -1))) {
		socket->fd = fd;
		loop_io_init(&socket->io, resolver->loop, fd, on_server);
	}
	if (!socket)
		return; // more name servers than that: the question times out and asks another
	loop_io_want(&socket->io, (readable ? LOOP_READ : 0) | (writable ? LOOP_WRITE : 0));
	if (!readable && !writable)
		socket->fd = -1;
}

static void arm(struct egress_resolver *resolver)
{
	struct timeval wait;
	if (!ares_timeout(resolver->channel, NULL, &wait))
		loop_timer_stop(&resolver->timer);
	else
		loop_timer_start(&resolver->timer,
				 (uint64_t)wait.tv_sec * 1000 + (uint64_t)wait.tv_usec / 1000 + 1);
}

static void on_timer(struct loop_timer *timer)
{
	struct egress_resolver *resolver = container_of(timer, struct egress_resolver, timer);
	ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(resolver);
}

/* The search list is left out: "registry" must not mean registry.some.domain. */
static bool open_channel(struct egress_resolver *resolver, struct err *err)
{
	struct ares_options options = {
		.timeout = EGRESS_RESOLVE_MS,
		.tries = 3,
		.ndomains = 0,
		.lookups = (char[]){"b"},
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = resolver,
	};
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS)
		status = ares_init_options(&resolver->channel, &options,
					   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
						   ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
	return status == ARES_SUCCESS ||
	       err_set(err, ERR_SYSTEM, "setting up the resolver: %s", ares_strerror(status));
}

static void read_hosts(struct egress_resolver *resolver)
{
	struct err err;
	auto_fd int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 &&
	    !fd_read_all(fd, EGRESS_HOSTS_MAX, &resolver->hosts, &resolver->hosts_len, &err))
		log_warn("names in /etc/hosts are not known to this phase: %s", err.text);
}

struct egress_resolver *egress_prepare(struct err *err)
{
	struct egress_resolver *resolver = xcalloc(1, sizeof(*resolver));
	for (size_t i = 0; i < SERVER_SOCKETS_MAX; i++) {
		resolver->sockets[i].resolver = resolver;
		resolver->sockets[i].fd = -1;
	}
	if (!open_channel(resolver, err)) {
		egress_resolver_free(&resolver);
		return NULL;
	}
	read_hosts(resolver);
	return resolver;
}

static void free_question(struct question *question)
{
	free(question->name);
	free(question);
}

void egress_resolver_free(struct egress_resolver **resolver)
{
	if (!*resolver)
		return;
	if ((*resolver)->channel)
		ares_destroy((*resolver)->channel); // answers all that is under way
	while ((*resolver)->questions) {
		struct question *question = (*resolver)->questions;
		(*resolver)->questions = question->next;
		free_question(question);
	}
	loop_timer_stop(&(*resolver)->timer);
	ares_library_cleanup();
	free((*resolver)->hosts);
	free(take_ptr(resolver));
}

void egress_resolver_start(struct egress_resolver *resolver, struct loop *loop)
{
	resolver->loop = loop;
	loop_timer_init(&resolver->timer, loop, on_timer);
}

static void copy_addresses(const struct ares_addrinfo *info, struct question *question)
{
	for (const struct ares_addrinfo_node *node = info->nodes; node; node = node->ai_next) {
		if (question->n_addresses == EGRESS_ADDRESSES_MAX)
			return;
		struct in6_addr *to = &question->addresses[question->n_addresses++];
		if (node->ai_family == AF_INET6) {
			const struct sockaddr_in6 *v6 = (const void *)node->ai_addr;
			*to = v6->sin6_addr;
		} else {
			const struct sockaddr_in *v4 = (const void *)node->ai_addr;
			*to = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
			memcpy(to->s6_addr + 12, &v4->sin_addr, 4);
		}
	}
}

static void on_soon(struct loop_timer *timer)
{
	struct egress_lookup *lookup = container_of(timer, struct egress_lookup, soon);
	lookup->on_found(lookup->owner, lookup->addresses, lookup->n_addresses, lookup->failure);
	free(lookup);
}

static void take_answer(struct egress_lookup *lookup, const struct question *question)
{
	lookup->question = NULL;
	lookup->n_addresses = question->n_addresses;
	memcpy(lookup->addresses, question->addresses, sizeof(lookup->addresses));
	lookup->failure = question->failure;
	loop_timer_start(&lookup->soon, 0);
}

static void on_answer(void *data, int status, int timeouts, struct ares_addrinfo *info)
{
	(void)timeouts;
	struct question *question = data;
	if (status == ARES_SUCCESS && info)
		copy_addresses(info, question);
	if (info)
		ares_freeaddrinfo(info);
	if (question->n_addresses == 0)
		question->failure =
			status == ARES_SUCCESS ? "it has no address" : ares_strerror(status);
	question->answered_ms = loop_now(question->resolver->loop) + 1; // never 0
	struct egress_lookup *waiting = take_ptr(&question->waiting);
	while (waiting) {
		struct egress_lookup *lookup = waiting;
		waiting = lookup->next;
		take_answer(lookup, question);
	}
}

static bool is_kept(const struct question *question, uint64_t now_ms)
{
	return question->answered_ms == 0 ||
	       (!question->failure && now_ms < question->answered_ms + EGRESS_ANSWER_KEPT_MS);
}

/* The question for this name, of those that still count; drops the others. */
static struct question *find_question(struct egress_resolver *resolver, const char *name)
{
	struct question *found = NULL;
	for (struct question **link = &resolver->questions; *link;) {
		struct question *question = *link;
		if (!is_kept(question, loop_now(resolver->loop))) {
			*link = question->next;
			free_question(question);
			continue;
		}
		if (str_eq(question->name, name))
			found = question;
		link = &question->next;
	}
	return found;
}

static struct question *ask(struct egress_resolver *resolver, const char *name)
{
	const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct question *question = xcalloc(1, sizeof(*question));
	question->resolver = resolver;
	question->name = xstrdup(name);
	question->next = resolver->questions;
	resolver->questions = question;
	ares_getaddrinfo(resolver->channel, name, NULL, &hints, on_answer, question);
	arm(resolver);
	return question;
}

static void wait_for(struct egress_resolver *resolver, struct egress_lookup *lookup,
		     const char *name)
{
	struct question *question = find_question(resolver, name);
	if (!question)
		question = ask(resolver, name);
	if (question->answered_ms) {
		take_answer(lookup, question);
		return;
	}
	lookup->question = question;
	lookup->next = question->waiting;
	question->waiting = lookup;
}

struct egress_lookup *egress_lookup_new(struct egress_resolver *resolver, const char *name,
					egress_found_fn *on_found, void *owner)
{
	struct egress_lookup *lookup = xcalloc(1, sizeof(*lookup));
	lookup->on_found = on_found;
	lookup->owner = owner;
	loop_timer_init(&lookup->soon, resolver->loop, on_soon);
	if (resolver->hosts)
		lookup->n_addresses = egress_hosts_find(resolver->hosts, resolver->hosts_len, name,
							lookup->addresses, EGRESS_ADDRESSES_MAX);
	if (lookup->n_addresses == 0)
		wait_for(resolver, lookup, name);
	else
		loop_timer_start(&lookup->soon, 0);
	return lookup;
}

void egress_lookup_cancel(struct egress_lookup **lookup)
{
	struct egress_lookup *done = take_ptr(lookup);
	if (!done)
		return;
	if (done->question) {
		struct egress_lookup **link = &done->question->waiting;
		while (*link != done)
			link = &(*link)->next;
		*link = done->next;
	}
	loop_timer_stop(&done->soon);
	free(done);
}
