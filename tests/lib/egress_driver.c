// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Serves egress on 127.0.0.1, for trying it by hand and in tests:
 *	egress_driver [-c] PORT RULE...
 * A rule is NAME[:PORT]; with "!" before it, exempt. -c: confined (as an ordinary user). Prints the
 *port.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "sidecar/confine.h"
#include "sidecar/egress.h"

typedef Capakit__Sidecar__V1__EgressRule rule_message;

static char phase[] = "prepare of workload test";

static bool read_rule(char *text, rule_message *rule)
{
	capakit__sidecar__v1__egress_rule__init(rule);
	rule->exempt = text[0] == '!';
	rule->name = text + rule->exempt;
	char *colon = strrchr(text, ':');
	uint64_t port = 0;
	if (colon && !num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port))
		return false;
	if (colon)
		*colon = '\0';
	rule->port = (uint32_t)port;
	return true;
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int on = 1;
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 1000) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return -1;
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return take_fd(&fd);
}

static void on_drained(void *owner)
{
	loop_stop(owner);
}

static struct egress *served;

static void on_signal(struct loop_signal *signal, int number)
{
	egress_drain(served, on_drained, signal->loop);
}

static int fail(const struct err *err)
{
	fprintf(stderr, "egress_driver: %s\n", err->text);
	return 1;
}

int main(int argc, char **argv)
{
	rule_message rules[16], *pointers[16];
	Capakit__Sidecar__V1__ServeEgress serve = CAPAKIT__SIDECAR__V1__SERVE_EGRESS__INIT;
	struct err err = {.text = "usage: egress_driver [-c] PORT RULE..."};
	bool confined = argc > 1 && str_eq(argv[1], "-c");
	char **args = argv + 1 + confined;
	uint64_t port;
	serve.phase = phase;
	serve.rules = pointers;
	if (!args[0] || !num_parse_u64(args[0], strlen(args[0]), UINT16_MAX, &port))
		return fail(&err);
	for (char **rule = args + 1; *rule && serve.n_rules < array_len(rules); rule++) {
		pointers[serve.n_rules] = &rules[serve.n_rules];
		if (!read_rule(*rule, &rules[serve.n_rules++]))
			return fail(&err);
	}
	log_open("egress", LOG_LEVEL_INFO);
	int listen_fd = listen_on((uint16_t)port);
	struct loop *loop = loop_new(&err);
	struct loop_signal stop;
	if (loop)
		loop_signal_start(&stop, loop, SIGTERM, on_signal);
	struct egress_resolver *resolver = loop ? egress_prepare(&err) : NULL;
	if (!resolver || (confined && !confine_self(CONFINE_EGRESS, -1, &err)))
		return fail(&err);
	served = egress_new(loop, &resolver, &listen_fd, &serve, &err);
	if (!served)
		return fail(&err);
	loop_run(loop);
	egress_free(&served);
	loop_signal_stop(&stop);
	loop_free(&loop);
	return 0;
}
