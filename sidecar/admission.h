// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Who gets in through the edge (kit-contract.md, section 4): pure decisions. First the owner of
 * the connection (admission_uid, once a connection), then each request (admission_decide), before
 * anything else is made of it.
 *
 *	struct admission_request request;
 *	admission_request_init(&request, method, method_len);
 *	for each header field: admission_request_header(&request, name, ..., value, ...);
 *	admission_decide(&rules, &request, &decision);
 *
 * The request points into the caller's bytes; nothing is owned.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct admission_rules {
	const char *address; // "127.83.1.2", "::1": as in ServeEdge
	uint16_t port;
	const char *const *allow_origins; // of the expose entry that the path leads to, if any
	size_t n_allow_origins;
};

struct admission_value {
	const char *text; // NULL: no such field
	size_t len;
	unsigned count; // how often the field was there
};

enum admission_field {
	ADMISSION_HOST, // or :authority
	ADMISSION_ORIGIN,
	ADMISSION_FETCH_SITE,
	ADMISSION_FETCH_MODE,
	ADMISSION_FETCH_DEST,
	ADMISSION_CORS_METHOD,	// Access-Control-Request-Method
	ADMISSION_CORS_HEADERS, // Access-Control-Request-Headers
	ADMISSION_CORS_PRIVATE, // Access-Control-Request-Private-Network
	ADMISSION_FIELDS,
};

struct admission_request {
	const char *method;
	size_t method_len;
	struct admission_value fields[ADMISSION_FIELDS];
};

void admission_request_init(struct admission_request *request, const char *method,
			    size_t method_len);
/* Names in any case; fields that do not matter here are ignored. */
void admission_request_header(struct admission_request *request, const char *name, size_t name_len,
			      const char *value, size_t value_len);

enum admission_verdict {
	ADMISSION_PASS,
	ADMISSION_PREFLIGHT, // answer it at once: 204 with admission_preflight_headers()
	ADMISSION_REFUSE,    // 403 with `reason` as the body, then close the connection
};

struct admission_decision {
	enum admission_verdict verdict;
	const char *reason; // REFUSE: a whole sentence, static
	bool cors; // a foreign origin that is allowed: admission_cors_headers() on responses
};

void admission_decide(const struct admission_rules *rules, const struct admission_request *request,
		      struct admission_decision *decision);

/* May a process of this user connect? The reason for a refusal is ADMISSION_UID_REASON. */
bool admission_uid(const uint32_t *allow_uids, size_t n_allow_uids, uint32_t uid);
#define ADMISSION_UID_REASON                                                                       \
	"this app belongs to another user of this machine; its owner can let you in with "         \
	"--allow-user\n"

/*
 * Header lines, each "Name: value\r\n", for the answer to a preflight, and for the final response
 * to a request with decision.cors. Of the latter leave out the lines of any field that the workload
 * set itself: Access-Control-Allow-Origin, Access-Control-Expose-Headers (Vary may stand twice).
 * False when `out` is full.
 */
bool admission_preflight_headers(const struct admission_request *request, struct buf *out);
bool admission_cors_headers(const struct admission_request *request, bool has_allow_origin,
			    bool has_expose_headers, struct buf *out);
