// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What stands behind a listening socket, whichever version of HTTP its clients speak: the sockets
 * in connect/, the edge, the bridge.
 */
#include "sidecar/exchange.h"

struct http_service {
	/*
	 * A request, its body still to come. Either joins a back to x, or fails it (exchange_fail),
	 * or has it wait (exchange_wait), before returning. `head` is good during the call only.
	 */
	void (*request)(struct http_service *service, struct exchange *x,
			const struct http_head *head);
	/* Optional: appends the fields of a response head in its own way; false: they do not fit.
	 */
	bool (*response)(struct http_service *service, struct exchange *x,
			 const struct http_head *head, struct buf *out);
	/* Optional: x->client is the service's, of a connection or of one of its streams. */
	void *(*client_copy)(const void *client);
	void (*client_free)(void *client);
	/*
	 * Has the client of this socket gone? Asked when nothing is read of it, or it has sent an
	 * end of file, which TCP does not tell from a half close. NULL: the socket itself says so
	 * (Unix).
	 */
	bool (*is_gone)(struct http_service *service, int fd);
	bool http1_only;
};

/* The fields of a response that are passed on, each as http_service.response would. */
bool service_put_field(const struct http_field *field, struct buf *out);

/* All fields of a response, as the service of x (NULL: none) wants them: lines "name: value". */
bool service_put_fields(struct exchange *x, const struct http_head *head, struct buf *out);
