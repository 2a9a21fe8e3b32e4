// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * WebSockets of HTTP/2 (RFC 8441) as HTTP/1.1 knows them, at the server's side: a CONNECT with
 * :protocol becomes a GET for an upgrade. A client of HTTP/2 sends no key and wants no answer to
 * one (section 5.1), so the key is made here; between sidecars both travel as they were.
 */
#include "sidecar/http2_parts.h"
#include "sidecar/random.h"
#include "sidecar/websocket.h"

static const char KEY_FIELD[] = "sec-websocket-key";
static const char ACCEPT_FIELD[] = "sec-websocket-accept";

bool h2_take_connect(struct http_head *head)
{
	static char key[WEBSOCKET_KEY]; // good as long as the head
	uint8_t nonce[WEBSOCKET_NONCE];

	if (!http_text_is(head->method, "CONNECT"))
		return true;
	if (!http_text_is(head->protocol, "websocket") || head->framing == HTTP_BODY_NONE)
		return false;
	head->method = HTTP_TEXT("GET");
	head->framing = HTTP_BODY_TUNNEL;
	head->has_length = false;
	if (http_head_find(head, KEY_FIELD))
		return true;
	random_take(nonce, sizeof(nonce));
	websocket_key(nonce, key);
	return http_head_add(head, HTTP_TEXT(KEY_FIELD), (struct http_text){key, sizeof(key)});
}

unsigned h2_connect_status(const struct exchange *x, const struct http_head *head)
{
	if (head->status == 101)
		return 200;
	if (x->asked_tunnel && x->service && head->status / 100 == 2)
		return 502; // to the client any 2xx would say that the tunnel is open
	return head->status;
}

void h2_add_opened(struct h2_fields *fields, const struct http_head *head)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (http_field_passes(field) && !http_text_is(field->name, ACCEPT_FIELD))
			h2_add_same(fields, field);
	}
}
