// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One block of memory of the size that the head needs: the used part of struct http_head, then the
 * bytes of its texts, to which it points.
 */
#include "sidecar/http_kept.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sidecar/pool.h"

struct http_kept {
	size_t size; // of all of it
	size_t head_size;
	char *end; // of the texts copied so far
	_Alignas(struct http_head) char bytes[];
};

static size_t text_bytes(const struct http_head *head)
{
	size_t n = head->method.len + head->target.len + head->protocol.len + head->host.len;

	for (size_t i = 0; i < head->n_fields; i++)
		n += head->fields[i].name.len + head->fields[i].value.len;
	return n;
}

static void copy_text(struct http_kept *kept, struct http_text *text)
{
	if (!text->len)
		return;
	memcpy(kept->end, text->data, text->len);
	text->data = kept->end;
	kept->end += text->len;
}

struct http_kept *http_kept_new(const struct http_head *head)
{
	size_t size = offsetof(struct http_head, fields) + head->n_fields * sizeof(head->fields[0]);
	size_t all = sizeof(struct http_kept) + size + text_bytes(head);
	struct http_kept *kept = xmalloc(all);
	struct http_head *copy = (struct http_head *)kept->bytes;

	pool_add(all);
	kept->size = all;
	kept->head_size = size;
	kept->end = kept->bytes + size;
	memcpy(copy, head, size);
	copy->reason = (struct http_text){NULL, 0}; // of responses
	copy_text(kept, &copy->method);
	copy_text(kept, &copy->target);
	copy_text(kept, &copy->protocol);
	copy_text(kept, &copy->host);
	for (size_t i = 0; i < copy->n_fields; i++) {
		copy_text(kept, &copy->fields[i].name);
		copy_text(kept, &copy->fields[i].value);
	}
	return kept;
}

void http_kept_free(struct http_kept **kept)
{
	if (*kept)
		pool_sub((*kept)->size);
	free(take_ptr(kept));
}

size_t http_kept_size(const struct http_kept *kept)
{
	return kept->size;
}

void http_kept_restore(const struct http_kept *kept, struct http_head *head)
{
	memcpy(head, kept->bytes, kept->head_size);
}
