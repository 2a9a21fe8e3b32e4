// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Telling structured records from text. A record that was cut at the maximum is no JSON any more:
 * its open strings and brackets are closed again, so that its level and the beginning of its
 * message survive.
 */
#include "controller/logs/log_event.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"

enum { DEPTH_MAX = 64, TRIM_MAX = 12 }; // no UTF-8 sequence or escape is longer than TRIM_MAX

/* How far a document that ends too early makes sense. */
struct scan {
	char open[DEPTH_MAX]; // brackets that are open
	size_t depth;
	bool in_string, escaped;
	char last;	    // structural character outside of strings
	size_t whole;	    // bytes up to the end of the last whole member
	size_t whole_depth; // brackets that were open there
};

static const struct {
	const char *word;
	enum log_severity level;
} LEVELS[] = {
	{"trace", LOG_SEVERITY_TRACE},	  {"debug", LOG_SEVERITY_DEBUG},
	{"info", LOG_SEVERITY_INFO},	  {"warn", LOG_SEVERITY_WARN},
	{"error", LOG_SEVERITY_ERROR},	  {"fatal", LOG_SEVERITY_FATAL},
	{"warning", LOG_SEVERITY_WARN},	  {"log", LOG_SEVERITY_INFO},
	{"critical", LOG_SEVERITY_FATAL}, {"verbose", LOG_SEVERITY_DEBUG},
};

const char *log_severity_name(enum log_severity level)
{
	return LEVELS[level].word;
}

static enum log_severity read_level(const char *word)
{
	for (size_t i = 0; word && i < array_len(LEVELS); i++)
		if (strcasecmp(word, LEVELS[i].word) == 0)
			return LEVELS[i].level;
	return LOG_SEVERITY_INFO;
}

static void scan_string(struct scan *scan, char byte)
{
	if (scan->escaped)
		scan->escaped = false;
	else if (byte == '\\')
		scan->escaped = true;
	else if (byte == '"')
		scan->in_string = false;
}

/* False: it cannot be repaired. */
static bool scan_byte(struct scan *scan, char byte, size_t at)
{
	if (scan->in_string) {
		scan_string(scan, byte);
		return true;
	}
	if (byte == '"')
		scan->in_string = true;
	if (!strchr("{}[],:", byte) || !byte)
		return true;
	scan->last = byte;
	if (byte == '{' || byte == '[') {
		if (scan->depth == DEPTH_MAX)
			return false;
		scan->open[scan->depth++] = byte;
	} else if (byte != ':') {
		if (scan->depth == 0)
			return false;
		if (byte != ',')
			scan->depth--;
		scan->whole = byte == ',' ? at : at + 1;
		scan->whole_depth = scan->depth;
	}
	return true;
}

static bool is_value_string(const struct scan *scan)
{
	return scan->in_string && scan->depth > 0 &&
	       (scan->last == ':' || scan->open[scan->depth - 1] == '[');
}

static json_t *load(struct buf *text)
{
	return json_loadb((const char *)buf_bytes(text), buf_len(text), 0, NULL);
}

static json_t *load_closed(const struct scan *scan, const char *bytes, size_t len, size_t depth,
			   bool quote)
{
	auto_buf struct buf text;

	buf_init(&text, 2 * LOG_LINE_MAX);
	(void)buf_append(&text, bytes, len);
	if (quote)
		(void)buf_append(&text, "\"", 1);
	while (depth-- > 0)
		(void)buf_append(&text, scan->open[depth] == '{' ? "}" : "]", 1);
	return load(&text);
}

static json_t *load_repaired(const char *bytes, size_t len)
{
	struct scan scan = {0};
	json_t *document = NULL;

	for (size_t i = 0; i < len; i++)
		if (!scan_byte(&scan, bytes[i], i))
			return NULL;
	for (size_t trim = 0; is_value_string(&scan) && !document && trim <= TRIM_MAX; trim++)
		document =
			trim < len ? load_closed(&scan, bytes, len - trim, scan.depth, true) : NULL;
	return document ? document : load_closed(&scan, bytes, scan.whole, scan.whole_depth, false);
}

/* `[host-log][info] ` stands before messages that the SDK passes on. */
static size_t prefix_len(const char *message)
{
	static const char MARK[] = "[host-log][";
	const char *rest = message + sizeof(MARK) - 1;
	size_t level;

	if (!str_starts(message, MARK))
		return 0;
	level = strspn(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (level == 0 || !str_starts(rest + level, "] "))
		return 0;
	return sizeof(MARK) - 1 + level + 2;
}

static bool take_document(struct log_event *event, json_t *document)
{
	json_t *ev = json_object_get(document, "ev");
	json_t *message = json_object_get(ev, "msg");
	json_t *level = json_object_get(ev, "level");

	if (json_integer_value(json_object_get(document, "v")) != 1 ||
	    (!json_is_string(message) && !json_is_string(level)))
		return false;
	event->document = document;
	event->ev = ev;
	event->ctx = json_object_get(document, "ctx");
	event->level = read_level(json_string_value(level));
	event->message = json_is_string(message) ? json_string_value(message) : "";
	event->message += prefix_len(event->message);
	event->message_len = strlen(event->message);
	return true;
}

static void read_text(const struct log_record *record, struct log_event *event)
{
	static const enum log_severity OWN[] = {
		[LOG_LEVEL_DEBUG] = LOG_SEVERITY_DEBUG,
		[LOG_LEVEL_INFO] = LOG_SEVERITY_INFO,
		[LOG_LEVEL_WARN] = LOG_SEVERITY_WARN,
		[LOG_LEVEL_ERROR] = LOG_SEVERITY_ERROR,
	};

	if (record->stream == LOG_STREAM_OWN)
		event->level = OWN[record->level];
	else
		event->level =
			record->stream == LOG_STREAM_OUT ? LOG_SEVERITY_INFO : LOG_SEVERITY_WARN;
	event->message = record->bytes;
	event->message_len = record->len;
	if (record->len > 0 && record->bytes[record->len - 1] == '\r')
		event->message_len--;
}

void log_event_read(const struct log_record *record, struct log_event *event)
{
	json_t *document = NULL;

	*event = (struct log_event){0};
	if (record->stream != LOG_STREAM_OWN && record->len > 0 && record->bytes[0] == '{')
		document = record->cut ? load_repaired(record->bytes, record->len)
				       : json_loadb(record->bytes, record->len, 0, NULL);
	if (document && take_document(event, document))
		return;
	json_decref(document);
	read_text(record, event);
}

void log_event_free(struct log_event *event)
{
	json_decref(event->document);
	*event = (struct log_event){0};
}
