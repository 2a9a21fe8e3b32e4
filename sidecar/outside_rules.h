// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What a request to a host outside may be, and what it is there. Pure. */
#include "base/buf.h"
#include "sidecar/http.h"

struct outside_rules {
	char *authority; // for Host: "api.example.com", with a port unless it is 443
	char **methods;
	size_t n_methods; // 0: any
	char **paths;	  // "/crm" is exact, "/crm/" and "*" behind it whatever begins so
	size_t n_paths;	  // 0: any
};

/* NULL: it may pass; else the reason, static, and the status to refuse it with. */
const char *outside_refusal(const struct outside_rules *rules, const struct http_head *head,
			    unsigned *status);

/*
 * The head for the host: its own Host, nothing that belongs to a hop, no x-capakit-*, and the
 * header `name` (NULL: none) with this value instead of the workload's. *framing: of the body.
 * False when `out` is full.
 */
bool outside_put_head(const struct outside_rules *rules, const struct http_head *head,
		      const char *name, struct http_text value, struct buf *out,
		      enum http_framing *framing);
