// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Parts of the HTTP/1.1 head of a request that goes on, to a workload or to a host outside. Pure. */
#include "base/buf.h"
#include "sidecar/http1.h"

/* HTTP/2 clients may cut Cookie into several fields; HTTP/1.1 knows one (RFC 9113, 8.2.3). */
bool request_put_cookies(const struct http_head *head, struct buf *out);

/* The fields that frame the body (Expect among them), and the empty line. *framing: how. */
bool request_put_end(const struct http_head *head, struct buf *out, enum http_framing *framing);

/* Is it safe to send again on another connection, as far as can be told from its head? */
bool request_may_repeat(const struct http_head *head);
