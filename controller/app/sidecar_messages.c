// SPDX-License-Identifier: GPL-3.0-or-later
/* Builds and sends those messages; an egress sidecar serves phases of apps, and fetches of sources.
 */
#include "controller/app/sidecar_messages.h"

#include "base/mem.h"
#include "controller/app/host_service.h"

bool sidecar_send_identity(struct sidecar *sidecar, Capakit__Sidecar__V1__Role role, char *identity,
			   const char *name, bool test_run, struct err *err)
{
	Capakit__Sidecar__V1__Configure configure = CAPAKIT__SIDECAR__V1__CONFIGURE__INIT;
	auto_free char *full_name = xasprintf("sidecar %s", name);
	configure.role = role;
	configure.identity = identity;
	configure.name = full_name;
	configure.test_run = test_run;
	sidecar_command command = SIDECAR_COMMAND(CONFIGURE, configure, &configure);
	return sidecar_send(sidecar, &command, -1, err);
}

static void fill_rule(Capakit__Sidecar__V1__EgressRule *to, const struct plan_egress_rule *rule)
{
	capakit__sidecar__v1__egress_rule__init(to);
	to->name = rule->name;
	to->port = rule->port;
	to->exempt = rule->exempt;
	if (rule->service) {
		to->address.data = (uint8_t *)(uintptr_t)rule->service->address.s6_addr;
		to->address.len = sizeof(rule->service->address);
	}
}

/* NULL: there is none. The message is made in `to`. */
static Capakit__Sidecar__V1__EgressUpstream *fill_upstream(Capakit__Sidecar__V1__EgressUpstream *to,
							   const struct upstream *upstream)
{
	if (!upstream->host)
		return NULL;
	capakit__sidecar__v1__egress_upstream__init(to);
	to->host = upstream->host;
	to->port = upstream->port;
	if (upstream->authorization)
		to->authorization = upstream->authorization;
	return to;
}

Capakit__Sidecar__V1__EgressUpstreams *sidecar_fill_upstreams(struct sidecar_upstreams *to,
							      const struct upstreams *upstreams)
{
	capakit__sidecar__v1__egress_upstreams__init(&to->all);
	to->all.http = fill_upstream(&to->http, &upstreams->http);
	to->all.https = fill_upstream(&to->https, &upstreams->https);
	to->all.direct = upstreams->direct;
	to->all.n_direct = upstreams->n_direct;
	return &to->all;
}

bool sidecar_configure_egress(struct sidecar *sidecar, const struct plan_egress *egress,
			      const struct upstreams *upstreams, const char *name, int fd,
			      struct err *err)
{
	struct sidecar_upstreams by;
	Capakit__Sidecar__V1__EgressRule *rules = xcalloc(egress->n_rules + 1, sizeof(*rules));
	Capakit__Sidecar__V1__EgressRule **list = xcalloc(egress->n_rules + 1, sizeof(*list));
	Capakit__Sidecar__V1__ServeEgress serve = CAPAKIT__SIDECAR__V1__SERVE_EGRESS__INIT;
	for (size_t i = 0; i < egress->n_rules; i++) {
		fill_rule(&rules[i], &egress->rules[i]);
		list[i] = &rules[i];
	}
	serve.n_rules = egress->n_rules;
	serve.rules = list;
	serve.phase = (char *)(uintptr_t)name;
	serve.upstreams = sidecar_fill_upstreams(&by, upstreams);
	serve.service_domain = (char[]){HOST_SERVICE_DOMAIN};
	sidecar_command command = SIDECAR_COMMAND(SERVE_EGRESS, serve_egress, &serve);
	bool ok = sidecar_send_identity(sidecar, CAPAKIT__SIDECAR__V1__ROLE__EGRESS, (char[]){""},
					name, false, err) &&
		  sidecar_send(sidecar, &command, fd, err);
	free(list);
	free(rules);
	return ok;
}
