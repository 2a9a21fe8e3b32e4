// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The parts of a message as nghttp2 wants them: fields, the bytes of a body, trailers behind it.
 */
#include <string.h>

#include "base/mem.h"
#include "sidecar/http2_parts.h"
#include "sidecar/trailers.h"

void h2_add_field(struct h2_fields *fields, struct http_text name, struct http_text value)
{
	fields->nv[fields->n++] = (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name.data,
		.namelen = name.len,
		.value = (uint8_t *)(uintptr_t)value.data,
		.valuelen = value.len,
		.flags = NGHTTP2_NV_FLAG_NONE,
	};
}

void h2_add_named(struct h2_fields *fields, struct http_text name, struct http_text value)
{
	h2_add_field(fields, name, value);
	fields->nv[fields->n - 1].flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
}

void h2_add_same(struct h2_fields *fields, const struct http_field *field)
{
	nghttp2_nv *nv = &fields->nv[fields->n];

	h2_add_field(fields, field->name, field->value);
	if (field->constant)
		nv->flags |= NGHTTP2_NV_FLAG_NO_COPY_NAME;
	if (field->id == HTTP_FIELD_TRACEPARENT) // comes once: would push others out of the table
		nv->flags |= NGHTTP2_NV_FLAG_NO_INDEX;
}

void h2_add_passing(struct h2_fields *fields, const struct http_head *head, unsigned drop)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (http_field_passes(field) && !(drop & HTTP_DROP(field->id)))
			h2_add_same(fields, field);
	}
}

void h2_add_status(struct h2_fields *fields, unsigned status)
{
	size_t n = num_put_u64(fields->status, status);

	h2_add_named(fields, HTTP_TEXT(":status"), (struct http_text){fields->status, n});
}

void h2_add_length(struct h2_fields *fields, uint64_t length)
{
	size_t n = num_put_u64(fields->length, length);

	h2_add_named(fields, HTTP_TEXT("content-length"), (struct http_text){fields->length, n});
}

/* False: there are none. */
static bool submit_trailers(struct h2 *h2, int32_t stream, const struct exchange_body *body)
{
	static struct h2_fields fields;
	struct http_text lines, name, value;

	if (!buf_len(&body->trailers))
		return false;
	fields.n = 0;
	lines = trailers_text(&body->trailers);
	while (fields.n < array_len(fields.nv) && trailers_next(&lines, &name, &value))
		h2_add_field(&fields, name, value);
	return nghttp2_submit_trailer(h2->session, stream, fields.nv, fields.n) == 0;
}

bool h2_take_trailers(struct h2 *h2, struct exchange_body *body)
{
	if (h2->head_too_large)
		return false;
	for (size_t i = 0; i < h2->head.n_fields; i++)
		if (!trailers_add(&body->trailers, h2->head.fields[i].name,
				  h2->head.fields[i].value))
			return false;
	return true;
}

ssize_t h2_fill_data(struct h2 *h2, int32_t stream, struct exchange_body *body, uint8_t *to,
		     size_t size, uint32_t *flags, size_t *taken)
{
	size_t len = buf_len(&body->bytes);

	if (len > size)
		len = size;
	*taken = len;
	if (len) {
		memcpy(to, buf_bytes(&body->bytes), len);
		buf_consume(&body->bytes, len);
	}
	if (exchange_body_done(body)) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (submit_trailers(h2, stream, body))
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
	} else if (!len)
		return NGHTTP2_ERR_DEFERRED;
	return (ssize_t)len;
}
