// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The messages of sidecar.proto that say nothing about an app. */
#include "controller/app/plan_egress.h"
#include "controller/app/sidecar_process.h"
#include "controller/app/upstream.h"

#define SIDECAR_COMMAND(kind_name, member_name, value)                                             \
	(sidecar_command)                                                                          \
	{                                                                                          \
		PROTOBUF_C_MESSAGE_INIT(&capakit__sidecar__v1__command__descriptor),               \
			CAPAKIT__SIDECAR__V1__COMMAND__KIND_##kind_name,                           \
		{                                                                                  \
			.member_name = (value)                                                     \
		}                                                                                  \
	}

/* The first message of all: what it is, its SPIFFE ID (egress has none: ""), its name in logs, whether
 * it takes faults. */
must_check bool sidecar_send_identity(struct sidecar *sidecar, Capakit__Sidecar__V1__Role role,
				      char *identity, const char *name, bool test_run,
				      struct err *err);

/* The host's own proxies as a message, made in `to`; its strings stay the caller's. */
struct sidecar_upstreams {
	Capakit__Sidecar__V1__EgressUpstreams all;
	Capakit__Sidecar__V1__EgressUpstream http, https;
};
Capakit__Sidecar__V1__EgressUpstreams *sidecar_fill_upstreams(struct sidecar_upstreams *to,
							      const struct upstreams *upstreams);

/* Makes it an egress sidecar that serves the listener `fd`; `name` is for its log. */
must_check bool sidecar_configure_egress(struct sidecar *sidecar, const struct plan_egress *egress,
					 const struct upstreams *upstreams, const char *name,
					 int fd, struct err *err);
