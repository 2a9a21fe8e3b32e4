// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One request to the proxy. A plain HTTP request is rewritten so that the server sees the host that
 * was judged and nothing else: exactly one request goes over each connection.
 */
#include "sidecar/egress_request.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "sidecar/http1.h"

#define SCHEME "http://"

static bool is_http_url(struct http_text target)
{
	return target.len > strlen(SCHEME) && strncasecmp(target.data, SCHEME, strlen(SCHEME)) == 0;
}

static bool read_url(struct http_text url, struct egress_request *request, struct err *err)
{
	struct http_text rest = {url.data + strlen(SCHEME), url.len - strlen(SCHEME)};
	size_t authority = 0;
	while (authority < rest.len && !strchr("/?#", rest.data[authority]))
		authority++;
	request->path = (struct http_text){rest.data + authority, rest.len - authority};
	if (memchr(request->path.data, '#', request->path.len))
		return err_set(err, ERR_PROTOCOL, "the target has a fragment (#)");
	return egress_target_parse(rest.data, authority, 80, &request->target, err);
}

bool egress_request_read(const struct http_head *head, struct egress_request *request,
			 struct err *err)
{
	*request = (struct egress_request){.connect = head->form == HTTP_TARGET_AUTHORITY};
	if (request->connect) {
		if (head->framing != HTTP_BODY_NONE)
			return err_set(err, ERR_PROTOCOL, "CONNECT with a body");
		return egress_target_parse(head->target.data, head->target.len, 0, &request->target,
					   err);
	}
	if (head->form != HTTP_TARGET_ABSOLUTE)
		return err_set(err, ERR_PROTOCOL,
			       "this is a proxy: it takes CONNECT host:port and http:// URLs");
	if (!is_http_url(head->target))
		return err_set(err, ERR_UNSUPPORTED,
			       "only http:// URLs can be asked for; use "
			       "CONNECT for others");
	if (head->minor == 0)
		return err_set(err, ERR_UNSUPPORTED, "HTTP/1.0 is not passed on");
	return read_url(head->target, request, err);
}

static bool is_for_the_proxy(const struct http_field *field)
{
	static const char prefix[] = "proxy-";
	if (field->id == HTTP_FIELD_TRANSFER_ENCODING) // the body is passed on as it is
		return false;
	return field->hop || field->id == HTTP_FIELD_HOST ||
	       (field->name.len >= strlen(prefix) &&
		memcmp(field->name.data, prefix, strlen(prefix)) == 0);
}

static bool write_authority(const struct egress_target *target, struct buf *out)
{
	bool v6 = strchr(target->name, ':') != NULL;
	return buf_printf(out, "%s%s%s", v6 ? "[" : "", target->name, v6 ? "]" : "") &&
	       (target->port == 80 || buf_printf(out, ":%u", target->port));
}

static bool write_request_line(const struct http_head *head, const struct egress_request *request,
			       bool absolute, struct buf *out)
{
	bool slash = request->path.len && request->path.data[0] == '/';
	if (!buf_append(out, head->method.data, head->method.len) || !buf_append_str(out, " "))
		return false;
	if (absolute && (!buf_append_str(out, SCHEME) || !write_authority(&request->target, out)))
		return false;
	return buf_append_str(out, slash ? "" : "/") &&
	       buf_append(out, request->path.data, request->path.len) &&
	       buf_append_str(out, " HTTP/1.1\r\nhost: ") &&
	       write_authority(&request->target, out) && buf_append_str(out, "\r\n");
}

bool egress_request_write(const struct http_head *head, const struct egress_request *request,
			  const struct egress_upstream *upstream, struct buf *out)
{
	if (!write_request_line(head, request, upstream != NULL, out))
		return false;
	if (upstream && upstream->authorization &&
	    !http1_put_field(out, HTTP_TEXT("proxy-authorization"),
			     http_text_of(upstream->authorization)))
		return false;
	for (size_t i = 0; i < head->n_fields; i++)
		if (!is_for_the_proxy(&head->fields[i]) &&
		    !http1_put_field(out, head->fields[i].name, head->fields[i].value))
			return false;
	return http1_put_field(out, HTTP_TEXT("connection"), HTTP_TEXT("close")) &&
	       http1_put_end(out);
}
