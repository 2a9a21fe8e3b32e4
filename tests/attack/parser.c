// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * attack-parser: reads requests from standard input, each after a line with its length, and says on
 * one line of JSON each how the product's own parser reads it: {"bad": status}, {"more": true}, or
 * method, target, fields and body (bytes as Latin-1). For parser.ts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "sidecar/http1.h"

static void put_text(const char *data, size_t len)
{
	putchar('"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_head(const struct http_head *head)
{
	fputs("{\"method\":", stdout);
	put_text(head->method.data, head->method.len);
	fputs(",\"target\":", stdout);
	put_text(head->target.data, head->target.len);
	fputs(",\"fields\":[", stdout);
	for (size_t i = 0; i < head->n_fields; i++) {
		fputs(i ? ",[" : "[", stdout);
		put_text(head->fields[i].name.data, head->fields[i].name.len);
		putchar(',');
		put_text(head->fields[i].value.data, head->fields[i].value.len);
		putchar(']');
	}
	putchar(']');
}

static void read_request(char *data, size_t len)
{
	static struct http_head head;
	struct http1_body body;
	struct http1_error error;
	auto_buf struct buf out;
	size_t scanned = 0, used = 0, taken = 0;
	enum http1_result result = http1_parse_request(data, len, &scanned, &head, &used, &error);

	buf_init(&out, len + 1);
	if (result == HTTP1_OK) {
		http1_body_start(&body, &head);
		result = http1_body_decode(&body, data + used, len - used, &out, &taken, &error);
	}
	if (result == HTTP1_BAD) {
		printf("{\"bad\":%u}\n", error.status);
	} else if (result == HTTP1_MORE) {
		puts("{\"more\":true}");
	} else {
		put_head(&head);
		fputs(",\"body\":", stdout);
		put_text((const char *)buf_bytes(&out), buf_len(&out));
		printf(",\"rest\":%zu}\n", len - used - taken);
	}
}

int main(void)
{
	char line[32];
	uint64_t len;

	while (fgets(line, sizeof(line), stdin)) {
		auto_free char *data = NULL;

		if (!num_parse_u64(line, strcspn(line, "\n"), 1 << 20, &len))
			return 1;
		data = xmalloc((size_t)len + 1);
		if (fread(data, 1, (size_t)len, stdin) != len)
			return 1;
		read_request(data, (size_t)len);
	}
	return 0;
}
