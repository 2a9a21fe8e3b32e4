// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The HTTP proxy that this host itself goes out by: http_proxy, HTTP_PROXY, https_proxy,
 * HTTPS_PROXY, all_proxy, ALL_PROXY, no_proxy and NO_PROXY of the controller's environment, as curl
 * reads them. Egress sidecars then dial it instead of the hosts themselves. What a person wrote
 * into the URL stays out of every error text and every sandbox.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct upstream {
	char *host; // NULL: none
	uint16_t port;
	char *authorization; // value of Proxy-Authorization; NULL: none
};

struct upstreams {
	struct upstream http;  // for http:// requests
	struct upstream https; // for tunnels
	char **direct;	       // entries of NO_PROXY: who is dialled directly all the same
	size_t n_direct;
};

/* The variables as getenv(3) gives them; NULL or empty: not set. */
struct upstream_variables {
	const char *http, *https, *all, *no;
};

/* ERR_USAGE or ERR_UNSUPPORTED without the URL's text. To be freed, also after a failure. */
must_check bool upstreams_parse(const struct upstream_variables *variables,
				struct upstreams *upstreams, struct err *err);
must_check bool upstreams_from_environment(struct upstreams *upstreams, struct err *err);
void upstreams_free(struct upstreams *upstreams);
