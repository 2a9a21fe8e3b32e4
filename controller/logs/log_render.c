// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From a stored line to what is shown. Everything in a line is hostile: text is escaped for the
 * terminal, a line break inside of a message is shown with a mark that no line begins with, and
 * JSON is pure ASCII.
 */
#include "controller/logs/log_render.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/logs/log_event.h"

#define DIM "\033[2m"
#define RESET "\033[0m"

static const struct {
	const char *label, *colour;
} SHOWN[] = {
	[LOG_SEVERITY_TRACE] = {"TRACE", DIM},
	[LOG_SEVERITY_DEBUG] = {"DEBUG", DIM},
	[LOG_SEVERITY_INFO] = {"INFO ", "\033[32m"},
	[LOG_SEVERITY_WARN] = {"WARN ", "\033[33m"},
	[LOG_SEVERITY_ERROR] = {"ERROR", "\033[31m"},
	[LOG_SEVERITY_FATAL] = {"FATAL", "\033[1;31m"},
};

static void add(struct buf *out, const char *text)
{
	(void)buf_append_str(out, text);
}

static void add_if(struct buf *out, bool wanted, const char *text)
{
	if (wanted)
		add(out, text);
}

static void add_name(struct buf *out, const struct log_style *style, const char *name)
{
	size_t width = strlen(name);

	add_if(out, style->colour, "\033[36m");
	(void)text_escape(out, name, width);
	add_if(out, style->colour, RESET);
	for (; width < style->name_width; width++)
		add(out, " ");
	add(out, " ");
}

static void add_message(struct buf *out, const char *text, size_t len)
{
	for (;;) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		(void)text_escape(out, text, n);
		if (!end)
			return;
		text += n + 1;
		len -= n + 1;
		add(out, "\n    | ");
	}
}

static void add_field(struct buf *out, const char *key, const json_t *value)
{
	auto_free char *dumped = NULL;

	add(out, " ");
	(void)text_escape(out, key, strlen(key));
	add(out, "=");
	if (json_is_string(value)) {
		(void)text_escape(out, json_string_value(value), json_string_length(value));
		return;
	}
	dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (dumped)
		(void)text_escape(out, dumped, strlen(dumped));
}

static bool is_shown_already(const char *key)
{
	return str_eq(key, "level") || str_eq(key, "msg") || str_eq(key, "time");
}

static void add_fields(struct buf *out, const struct log_style *style, json_t *ev)
{
	const char *key;
	json_t *value;

	add_if(out, style->colour, DIM);
	json_object_foreach(ev, key, value)
	{
		if (!is_shown_already(key))
			add_field(out, key, value);
	}
	add_if(out, style->colour, RESET);
}

static void render_text(struct buf *out, const struct log_style *style, const char *source,
			const struct log_record *record, const struct log_event *event)
{
	char stamp[LOG_STAMP_LEN + 1];

	log_stamp_format(stamp, record->time_ms);
	add_if(out, style->colour, DIM);
	add(out, stamp);
	add_if(out, style->colour, RESET);
	add(out, " ");
	add_name(out, style, source);
	add_if(out, style->colour, SHOWN[event->level].colour);
	add(out, SHOWN[event->level].label);
	add_if(out, style->colour, RESET);
	add(out, " ");
	add_message(out, event->message, event->message_len);
	if (event->ev)
		add_fields(out, style, event->ev);
	add_if(out, record->cut, " [cut]");
	add(out, "\n");
}

/* A JSON string of bytes that may be no UTF-8: those are shown escaped. */
static json_t *json_text(const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);
	auto_buf struct buf escaped;

	buf_init(&escaped, 4 * LOG_LINE_MAX);
	if (string)
		return string;
	(void)text_escape(&escaped, text, len);
	string = json_stringn((const char *)buf_bytes(&escaped), buf_len(&escaped));
	return string ? string : json_string("");
}

static json_t *json_fields(json_t *ev)
{
	json_t *fields = json_object();
	const char *key;
	json_t *value;

	json_object_foreach(ev, key, value)
	{
		if (!str_eq(key, "level") && !str_eq(key, "msg"))
			(void)json_object_set(fields, key, value);
	}
	return fields;
}

static const char *stream_name(enum log_stream stream)
{
	static const char *const NAMES[] = {
		[LOG_STREAM_OUT] = "stdout",
		[LOG_STREAM_ERR] = "stderr",
		[LOG_STREAM_OWN] = "capakit",
	};

	return NAMES[stream];
}

/* Jansson leaves DEL as it is; it can only stand within strings. */
static void add_json(struct buf *out, const char *json)
{
	for (;;) {
		size_t n = strcspn(json, "\x7f");

		(void)buf_append(out, json, n);
		if (!json[n])
			return;
		add(out, "\\u007F");
		json += n + 1;
	}
}

static void render_json(struct buf *out, const char *source, const struct log_record *record,
			const struct log_event *event)
{
	json_t *line = json_object();
	auto_free char *dumped = NULL;
	char stamp[LOG_STAMP_LEN + 1];

	log_stamp_format(stamp, record->time_ms);
	(void)json_object_set_new(line, "time", json_string(stamp));
	(void)json_object_set_new(line, "workload", json_text(source, strlen(source)));
	(void)json_object_set_new(line, "stream", json_string(stream_name(record->stream)));
	(void)json_object_set_new(line, "level", json_string(log_severity_name(event->level)));
	(void)json_object_set_new(line, "message", json_text(event->message, event->message_len));
	if (record->cut)
		(void)json_object_set_new(line, "cut", json_true());
	if (event->ev)
		(void)json_object_set_new(line, "fields", json_fields(event->ev));
	if (event->ctx)
		(void)json_object_set(line, "ctx", event->ctx);
	dumped = json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(line);
	add_json(out, dumped ? dumped : "{}");
	add(out, "\n");
}

void log_render(struct buf *out, const struct log_style *style, const char *source,
		const struct log_record *record)
{
	struct log_event event;

	log_event_read(record, &event);
	if (style->json)
		render_json(out, source, record, &event);
	else
		render_text(out, style, source, record, &event);
	log_event_free(&event);
}
