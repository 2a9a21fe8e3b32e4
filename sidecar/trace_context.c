// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which trace a request belongs to. The fields come from workloads and from the host: what goes on
 * is either as the standard has it, byte for byte, or made here, so that nobody behind has to cope
 * with anything else.
 */
#include "sidecar/trace_context.h"

#include "base/limits.h"

enum { VERSION_AT = 0, TRACE_AT = 3, PARENT_AT = 36, FLAGS_AT = 53 };
enum { VERSION_LEN = 2, TRACE_LEN = 32, PARENT_LEN = 16, FLAGS_LEN = 2 };

static bool is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return false;
	return true;
}

static bool is_id(const char *text, size_t len)
{
	bool zero = true;

	for (size_t i = 0; i < len; i++)
		zero = zero && text[i] == '0';
	return !zero && is_hex(text, len);
}

/* Version 00 ends with the flags; a later one may go on after a dash, and 255 is forbidden. */
static bool has_valid_length(struct http_text value)
{
	bool first = value.data[0] == '0' && value.data[1] == '0';
	bool forbidden = value.data[0] == 'f' && value.data[1] == 'f';

	if (value.len == TRACEPARENT_LEN)
		return !forbidden;
	return !first && !forbidden && value.len <= TRACEPARENT_MAX &&
	       value.data[TRACEPARENT_LEN] == '-';
}

static bool is_valid(struct http_text value)
{
	const char *text = value.data;

	return value.len >= TRACEPARENT_LEN && is_hex(text + VERSION_AT, VERSION_LEN) &&
	       text[TRACE_AT - 1] == '-' && is_id(text + TRACE_AT, TRACE_LEN) &&
	       text[PARENT_AT - 1] == '-' && is_id(text + PARENT_AT, PARENT_LEN) &&
	       text[FLAGS_AT - 1] == '-' && is_hex(text + FLAGS_AT, FLAGS_LEN) &&
	       has_valid_length(value);
}

static size_t members(struct http_text value)
{
	size_t n = 1;

	for (size_t i = 0; i < value.len; i++)
		n += value.data[i] == ',';
	return n;
}

struct trace_decision trace_context_decide(const struct http_head *head)
{
	const struct http_field *parent = NULL;
	size_t n_parents = 0, n_members = 0, state_len = 0;
	bool begin;

	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (field->id == HTTP_FIELD_TRACEPARENT) {
			parent = field;
			n_parents++;
		} else if (field->id == HTTP_FIELD_TRACESTATE) {
			n_members += members(field->value);
			state_len += field->value.len;
		}
	}
	begin = n_parents != 1 || parent->hop || !is_valid(parent->value);
	return (struct trace_decision){
		.begin = begin,
		.keep_state = !begin && state_len <= TRACESTATE_MAX &&
			      n_members <= TRACESTATE_MEMBERS_MAX,
	};
}

static char *put_hex(char *to, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	return to;
}

void trace_context_begin(const uint8_t random[TRACE_RANDOM_LEN], char to[TRACEPARENT_LEN])
{
	static const uint8_t version[] = {0};
	static const uint8_t sampled[] = {1};
	uint8_t ids[TRACE_RANDOM_LEN];

	memcpy(ids, random, sizeof(ids));
	ids[0] |= 1; // neither id may be all zeros
	ids[TRACE_LEN / 2] |= 1;
	to = put_hex(to, version, sizeof(version));
	*to++ = '-';
	to = put_hex(to, ids, TRACE_LEN / 2);
	*to++ = '-';
	to = put_hex(to, ids + TRACE_LEN / 2, PARENT_LEN / 2);
	*to++ = '-';
	put_hex(to, sampled, sizeof(sampled));
}
