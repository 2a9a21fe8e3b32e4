// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What a client asks of the proxy, and how that is said to the server. Pure. */
#include "base/buf.h"
#include "base/err.h"
#include "sidecar/egress_policy.h"
#include "sidecar/egress_upstream.h"
#include "sidecar/http.h"

struct egress_request {
	bool connect; // a tunnel; else one request to be passed on
	struct egress_target target;
	struct http_text path; // of a request to be passed on: points into the head
};

/*
 * CONNECT host:port, or an absolute http:// target. ERR_PROTOCOL: answer 400 with the text;
 * ERR_UNSUPPORTED: 501.
 */
must_check bool egress_request_read(const struct http_head *head, struct egress_request *request,
				    struct err *err);

/*
 * The head for the server: origin form, its own Host, without the fields that were meant for the
 * proxy, with Connection: close; for `upstream` (unless NULL) in absolute form, with what lets us
 * through there. The body follows as it is. False when `out` is full.
 */
bool egress_request_write(const struct http_head *head, const struct egress_request *request,
			  const struct egress_upstream *upstream, struct buf *out);
