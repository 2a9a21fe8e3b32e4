// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The framing of gRPC, apart from any connection, so that it can be tested and fuzzed alone. A
 * length prefix is believed only as far as the maximum: nothing is allocated ahead of what came.
 */
#include "proto/grpc_frame.h"

#include <string.h>

#include "base/mem.h"
#include "base/num.h"

void grpc_reader_init(struct grpc_reader *reader, size_t message_max)
{
	*reader = (struct grpc_reader){0};
	buf_init(&reader->message, message_max);
}

void grpc_reader_free(struct grpc_reader *reader)
{
	buf_free(&reader->message);
}

static size_t read_length(const uint8_t prefix[GRPC_PREFIX])
{
	return (size_t)prefix[1] << 24 | (size_t)prefix[2] << 16 | (size_t)prefix[3] << 8 |
	       (size_t)prefix[4];
}

static struct grpc_verdict check_prefix(struct grpc_reader *reader)
{
	if (reader->prefix[0] == 1)
		return (struct grpc_verdict){GRPC_UNIMPLEMENTED, "compressed messages are refused"};
	if (reader->prefix[0] != 0)
		return (struct grpc_verdict){GRPC_INTERNAL, "a message has an unknown flag"};
	reader->length = read_length(reader->prefix);
	if (reader->length > reader->message.max)
		return (struct grpc_verdict){GRPC_RESOURCE_EXHAUSTED, "the message is too large"};
	return (struct grpc_verdict){GRPC_OK, NULL};
}

static size_t take_prefix(struct grpc_reader *reader, const uint8_t *data, size_t len)
{
	size_t missing = GRPC_PREFIX - reader->prefix_len;
	size_t n = len < missing ? len : missing;

	memcpy(reader->prefix + reader->prefix_len, data, n);
	reader->prefix_len += n;
	return n;
}

struct grpc_verdict grpc_reader_feed(struct grpc_reader *reader, const uint8_t *data, size_t len)
{
	struct grpc_verdict verdict = {GRPC_OK, NULL};

	if (len > 0 && reader->prefix_len < GRPC_PREFIX) {
		size_t n = take_prefix(reader, data, len);

		data += n;
		len -= n;
		if (reader->prefix_len == GRPC_PREFIX)
			verdict = check_prefix(reader);
	}
	if (verdict.status != GRPC_OK || len == 0)
		return verdict;
	if (len > reader->length - buf_len(&reader->message))
		return (struct grpc_verdict){GRPC_UNIMPLEMENTED, "more than one message was sent"};
	if (!buf_append(&reader->message, data, len))
		return (struct grpc_verdict){GRPC_RESOURCE_EXHAUSTED, "the message is too large"};
	return verdict;
}

struct grpc_verdict grpc_reader_finish(const struct grpc_reader *reader)
{
	if (reader->prefix_len == 0)
		return (struct grpc_verdict){GRPC_UNIMPLEMENTED, "no message was sent"};
	if (reader->prefix_len < GRPC_PREFIX || buf_len(&reader->message) < reader->length)
		return (struct grpc_verdict){GRPC_INTERNAL, "the message ends too early"};
	return (struct grpc_verdict){GRPC_OK, NULL};
}

bool grpc_frame_append(struct buf *out, const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *place;

	if (len > UINT32_MAX || len + GRPC_PREFIX > buf_room(out))
		return false;
	place = buf_reserve(out, len + GRPC_PREFIX);
	if (!place)
		return false;
	place[0] = 0;
	place[1] = (uint8_t)(len >> 24);
	place[2] = (uint8_t)(len >> 16);
	place[3] = (uint8_t)(len >> 8);
	place[4] = (uint8_t)len;
	(void)protobuf_c_message_pack(message, place + GRPC_PREFIX);
	buf_commit(out, len + GRPC_PREFIX);
	return true;
}

/* Digits with leading zeros, which the protocol allows and num_parse_u64 does not. */
static bool parse_digits(const char *text, size_t len, uint64_t *value)
{
	while (len > 1 && *text == '0') {
		text++;
		len--;
	}
	return num_parse_u64(text, len, 99999999, value);
}

bool grpc_timeout_parse(const char *text, size_t len, uint64_t *milliseconds)
{
	static const struct {
		char unit;
		uint64_t multiply, divide;
	} UNITS[] = {{'H', 3600000, 1}, {'M', 60000, 1}, {'S', 1000, 1},
		     {'m', 1, 1},	{'u', 1, 1000},	 {'n', 1, 1000000}};
	uint64_t value;

	if (len < 2 || len > 9 || !parse_digits(text, len - 1, &value))
		return false;
	for (size_t i = 0; i < array_len(UNITS); i++) {
		if (UNITS[i].unit != text[len - 1])
			continue;
		*milliseconds = (value * UNITS[i].multiply + UNITS[i].divide - 1) / UNITS[i].divide;
		return true;
	}
	return false;
}

bool grpc_status_parse(const char *text, size_t len, unsigned *status)
{
	uint64_t value;

	if (len > 2 || !num_parse_u64(text, len, 99, &value))
		return false;
	*status = (unsigned)value;
	return true;
}

void grpc_message_encode(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte >= 0x20 && byte <= 0x7e && byte != '%')
			(void)buf_append(out, &byte, 1);
		else
			(void)buf_printf(out, "%%%02X", byte);
	}
}

void grpc_message_decode(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t byte;

		if (text[i] == '%' && len - i > 2 && num_parse_hex(text + i + 1, 2, 255, &byte)) {
			(void)buf_append(out, &(uint8_t){(uint8_t)byte}, 1);
			i += 2;
		} else {
			(void)buf_append(out, text + i, 1);
		}
	}
}

bool grpc_content_type_ok(const char *text, size_t len)
{
	static const char TYPE[] = "application/grpc";
	size_t type_len = sizeof(TYPE) - 1;

	if (len < type_len || memcmp(text, TYPE, type_len) != 0)
		return false;
	text += type_len;
	len -= type_len;
	if (len >= 6 && memcmp(text, "+proto", 6) == 0) {
		text += 6;
		len -= 6;
	}
	return len == 0 || text[0] == ';';
}
