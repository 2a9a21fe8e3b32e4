// SPDX-License-Identifier: GPL-3.0-or-later
/* What all commands with --json share, so that foreign text is as harmless there as on a terminal.
 */
#include "controller/cli/json_out.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

#define JSON_TEXT_MAX (1 * MIB) // of one text, escaped

void json_put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value ? value : json_null());
}

json_t *json_escaped(const char *text)
{
	auto_buf struct buf out = {.max = JSON_TEXT_MAX};

	if (!text)
		return json_null();
	(void)text_escape(&out, text, strlen(text));
	return json_stringn((const char *)buf_bytes(&out), buf_len(&out));
}

void json_print(json_t *document)
{
	(void)json_dumpf(document, stdout, JSON_INDENT(2));
	(void)fputc('\n', stdout);
	json_decref(document);
}

void json_print_line(json_t *event, FILE *stream)
{
	auto_free char *text = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);

	fprintf(stream, "%s\n", text ? text : "{}");
	(void)fflush(stream);
	json_decref(event);
}
