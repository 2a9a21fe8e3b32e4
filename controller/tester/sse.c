// SPDX-License-Identifier: GPL-3.0-or-later
/* The event stream format, line by line; see sse.h. */
#include "controller/tester/sse.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

#define RETRY_MAX_MS 600000

void sse_init(struct sse *sse)
{
	*sse = (struct sse){0};
	buf_init(&sse->line, TEST_REPLY_MAX);
	buf_init(&sse->data, TEST_REPLY_MAX);
}

void sse_free(struct sse *sse)
{
	buf_free(&sse->line);
	buf_free(&sse->data);
}

static bool take_data(struct sse *sse, const char *value, size_t len)
{
	bool joined = !sse->has_data || buf_append(&sse->data, "\n", 1);

	sse->has_data = true;
	return joined && buf_append(&sse->data, value, len);
}

static void take_id(struct sse *sse, const char *value, size_t len)
{
	if (len >= sizeof(sse->last_id) || memchr(value, '\0', len))
		return;
	memcpy(sse->last_id, value, len);
	sse->last_id[len] = '\0';
}

static bool is_name(const char *line, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(line, name, len) == 0;
}

static bool take_field(struct sse *sse, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t name_len = colon ? (size_t)(colon - line) : len;
	const char *value = colon ? colon + 1 : line + len;
	uint64_t ms;

	if (value < line + len && *value == ' ')
		value++;
	size_t value_len = (size_t)(line + len - value);

	if (is_name(line, name_len, "data"))
		return take_data(sse, value, value_len);
	if (is_name(line, name_len, "id"))
		take_id(sse, value, value_len);
	else if (is_name(line, name_len, "retry") &&
		 num_parse_u64(value, value_len, RETRY_MAX_MS, &ms))
		sse->retry_ms = ms;
	return true; // comments, event types and unknown fields say nothing to us
}

static bool end_event(struct sse *sse, sse_event_fn *event, void *owner)
{
	bool go_on = !sse->has_data ||
		     event(owner, (const char *)buf_bytes(&sse->data), buf_len(&sse->data));

	sse->has_data = false;
	buf_clear(&sse->data);
	return go_on;
}

static bool end_line(struct sse *sse, sse_event_fn *event, void *owner)
{
	const char *line = (const char *)buf_bytes(&sse->line);
	size_t len = buf_len(&sse->line);

	if (!sse->begun && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	sse->begun = true;
	bool go_on = len ? take_field(sse, line, len) : end_event(sse, event, owner);
	buf_clear(&sse->line);
	return go_on;
}

static size_t line_length(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && bytes[n] != '\n' && bytes[n] != '\r')
		n++;
	return n;
}

bool sse_feed(struct sse *sse, const char *bytes, size_t len, sse_event_fn *event, void *owner)
{
	while (len) {
		if (sse->after_cr && *bytes == '\n') {
			sse->after_cr = false;
			bytes++;
			len--;
			continue;
		}
		size_t n = line_length(bytes, len);

		sse->after_cr = n < len && bytes[n] == '\r';
		if (!buf_append(&sse->line, bytes, n))
			return false;
		if (n < len && !end_line(sse, event, owner))
			return false;
		n += n < len;
		bytes += n;
		len -= n;
	}
	return true;
}
