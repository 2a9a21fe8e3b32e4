// SPDX-License-Identifier: GPL-3.0-or-later
/* The fields of responses on their way to a client: the same for both versions of HTTP. */
#include "sidecar/service.h"

#include "sidecar/http1.h"

bool service_put_field(const struct http_field *field, struct buf *out)
{
	return !http_field_passes(field) || http1_put_field(out, field->name, field->value);
}

bool service_put_fields(struct exchange *x, const struct http_head *head, struct buf *out)
{
	if (x->service && x->service->response)
		return x->service->response(x->service, x, head, out);
	for (size_t i = 0; i < head->n_fields; i++)
		if (!service_put_field(&head->fields[i], out))
			return false;
	return true;
}
