// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * --allow-host-service NAME=ADDRESS:PORT: a program of this machine, or of its private network,
 * that a person lets the app reach. Inside it is called NAME.host.capakit.internal, with the same
 * port. Pure.
 */
#include <netinet/in.h>

#include "base/err.h"

#define HOST_SERVICE_DOMAIN ".host.capakit.internal"

struct host_service {
	char *name;			 // "ollama"
	char *host;			 // "ollama.host.capakit.internal"
	struct in6_addr address;	 // IPv4 as ::ffff:a.b.c.d
	char text[INET6_ADDRSTRLEN + 2]; // of the address, IPv6 in brackets
	uint16_t port;
};

/* ERR_USAGE says how to write it. The service is to be freed, also after a failure. */
must_check bool host_service_parse(const char *text, struct host_service *service, struct err *err);
void host_service_free(struct host_service *service);
