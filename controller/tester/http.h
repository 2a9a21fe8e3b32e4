// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * HTTP/1.1 requests of a test case, one after another, through libcurl (libcurl-easy(3)): to a host
 * and port, or to a Unix socket in the working directory. No proxy, no redirect, no name is
 * resolved; a reply is bounded by TEST_REPLY_MAX. It blocks: whoever started this process ends it
 * when it takes too long.
 */
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

struct http_client;

struct http_request {
	const char *method;
	const char *url;
	const char *const *headers; // lines "Name: value", NULL-terminated
	const char *body;	    // NULL: none
	size_t body_len;
	/*
	 * The bytes of an event stream, as they come; false: no more, please, which is no error.
	 * Everything else, and all without it, is collected.
	 */
	bool (*on_events)(void *owner, const char *bytes, size_t len);
	void *owner;
};

struct http_reply {
	long status;
	json_t *headers; // object: names in lower case; a repeated one has its values joined by ",
			 // "
	struct buf body;
	bool is_event_stream; // its body went to on_events
};

/*
 * `socket` is a name in the working directory; NULL: the URL's host and port. What a client needs
 * of the system is there from then on: it may be used in a process that has confined itself since.
 */
struct http_client *http_client_new(const char *socket);
void http_client_free(struct http_client **client);

/* False: there is no whole reply, and err says why. The reply is to be cleared in any case. */
must_check bool http_send(struct http_client *client, const struct http_request *request,
			  struct http_reply *reply, struct err *err);
void http_reply_clear(struct http_reply *reply);
