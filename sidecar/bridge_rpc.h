// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The lines of the bridge (kit-contract.md, section 3): one JSON request a line, one JSON answer a
 * line. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"

#define BRIDGE_ID_MAX 256

enum bridge_op { BRIDGE_INVALID, BRIDGE_RESOLVE_SECRET, BRIDGE_WORKLOAD_READY };

struct bridge_request {
	enum bridge_op op;
	char id[BRIDGE_ID_MAX + 1];	  // "" when the line has none that could be read
	char secret[SECRET_NAME_MAX + 1]; // BRIDGE_RESOLVE_SECRET
	const char *code;		  // BRIDGE_INVALID: the error to answer with
	const char *message;
};

/* Any bytes may be given. What is not understood is BRIDGE_INVALID, with its reason. */
void bridge_parse(const char *line, size_t len, struct bridge_request *request);

/* Answers, each with its LF. False when `out` is full, or a value is no UTF-8 text. */
bool bridge_put_done(struct buf *out, const char *id);
bool bridge_put_value(struct buf *out, const char *id, const void *value, size_t len);
bool bridge_put_error(struct buf *out, const char *id, const char *code, const char *message,
		      bool retryable);

/* The most that bridge_put_value appends. */
size_t bridge_value_size(const char *id, size_t len);
