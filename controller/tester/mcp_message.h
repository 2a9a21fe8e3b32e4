// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The messages of a client of the Model Context Protocol (specification 2025-11-25, and what
 * earlier ones say otherwise), as JSON values. Pure.
 */
#include <jansson.h>

#include "base/err.h"

#define MCP_VERSION "2025-11-25"

/* All return a new value. */
json_t *mcp_initialize(int id);
json_t *mcp_initialized(void);
json_t *mcp_call(int id, const char *tool, json_t *inputs); // takes the inputs over

/* Whether this client can speak the version that a server chose. */
bool mcp_knows_version(const char *version);

enum mcp_kind {
	MCP_ANSWER,  // a response to the request `id`
	MCP_REQUEST, // of the server: it wants an answer
	MCP_OTHER,   // notifications, and what is nothing to us
};

/* What a message from the server is to the client that waits for the answer to `id`. */
enum mcp_kind mcp_kind_of(const json_t *message, int id);

/* The answer to a request of the server: to a ping an empty result, to all else "no such method".
 */
json_t *mcp_answer(const json_t *request);

/* The result in an answer, borrowed; NULL: the server answered with an error, which err tells. */
const json_t *mcp_result(const json_t *answer, struct err *err);

/*
 * What `$` stands for: the structured content of a tool's result, else {text, content, is_error}
 * with the texts of the content joined by LF. A new value; NULL: the result is no tool's.
 */
json_t *mcp_value(const json_t *result, struct err *err);
