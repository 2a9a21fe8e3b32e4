// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Heads of responses as an HTTP/1.1 client gets them: which fields pass, how the body is framed for
 * its version, and whether the connection stays open afterwards.
 */
#include "sidecar/h1_server.h"

/* How the body of a final response is framed towards this client. */
static enum http_framing frame(struct h1_server *server, const struct http_head *head)
{
	if (!http_response_has_body(head->status, server->x.to_head) ||
	    head->framing == HTTP_BODY_NONE)
		return HTTP_BODY_NONE;
	if (head->has_length)
		return HTTP_BODY_LENGTH;
	return server->minor ? HTTP_BODY_CHUNKED : HTTP_BODY_UNTIL_CLOSE;
}

static bool put_framing(struct h1_server *server, const struct http_head *head,
			enum http_framing framing, struct buf *out)
{
	bool may_have_body = http_response_has_body(head->status, server->x.to_head);

	if (framing == HTTP_BODY_CHUNKED)
		return http1_put_chunked(out);
	if (head->has_length && head->status != 204)
		return http1_put_length(out, head->content_length);
	if (framing == HTTP_BODY_NONE && may_have_body)
		return http1_put_length(out, 0);
	return true;
}

static bool put_final_head(struct h1_server *server, const struct http_head *head, struct buf *out)
{
	enum http_framing framing = frame(server, head);

	if (framing == HTTP_BODY_UNTIL_CLOSE || (!server->x.request.ended && head->status >= 400))
		server->keep_alive = false;
	if (!service_put_fields(&server->x, head, out) || !put_framing(server, head, framing, out))
		return false;
	if (!server->keep_alive && !buf_append_str(out, "connection: close\r\n"))
		return false;
	h1_writer_head_done(&server->writer, framing);
	return http1_put_end(out);
}

static bool put_interim_head(struct h1_server *server, const struct http_head *head,
			     struct buf *out)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (!service_put_field(&head->fields[i], out))
			return false;
	return http1_put_end(out);
}

/* The connection is a tunnel from here on. */
static bool put_switching_head(struct h1_server *server, const struct http_head *head,
			       struct buf *out)
{
	h1_writer_head_done(&server->writer, HTTP_BODY_TUNNEL);
	return service_put_fields(&server->x, head, out) &&
	       buf_append_str(out, "connection: upgrade\r\nupgrade: websocket\r\n") &&
	       http1_put_end(out);
}

bool h1_server_put_head(struct h1_server *server, const struct http_head *head)
{
	struct buf *out = &server->writer.head;
	bool final = head->status >= 200;
	struct http_text reason =
		head->reason.len ? head->reason : http_text_of(http_reason(head->status));

	if (!final && (server->minor == 0 || (head->status == 100 && !server->awaits_continue)))
		return true; // HTTP/1.0 knows none; nobody waits for this one any more
	if (!http1_put_status_line(out, head->status, reason))
		return false;
	if (head->status == 101)
		return put_switching_head(server, head, out);
	return final ? put_final_head(server, head, out) : put_interim_head(server, head, out);
}
