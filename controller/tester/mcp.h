// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One call of a tool over MCP's Streamable HTTP transport (specification 2025-11-25, "Transports"):
 * a session is begun, the tool called, the session ended.
 */
#include <jansson.h>

#include "controller/tester/http.h"

/* What `$` stands for, a new value; NULL: err says which step failed and how. Takes `inputs` over.
 */
json_t *mcp_run(struct http_client *client, struct http_client *second, const char *url,
		const char *tool, json_t *inputs, struct err *err);
