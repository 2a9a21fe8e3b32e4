// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Text decisions. text_escape decides what of a hostile byte string a person's terminal gets to
 * see: besides control characters it escapes those code points that reorder or hide text.
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

struct range {
	uint32_t first, last;
};

/* Controls, and what changes the direction of text, is invisible, or is no character. */
static const struct range UNSHOWN[] = {
	{0x00, 0x08},	  {0x0a, 0x1f},	    {0x7f, 0x9f},     {0xad, 0xad},	  {0x61c, 0x61c},
	{0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},	  {0xd800, 0xdfff},
	{0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff9, 0xffff}, {0xe0000, 0xe0fff},
};

static bool is_shown(uint32_t code)
{
	for (size_t i = 0; i < array_len(UNSHOWN); i++) {
		if (code >= UNSHOWN[i].first && code <= UNSHOWN[i].last)
			return false;
	}
	return (code & 0xfffe) != 0xfffe;
}

/* Length of the UTF-8 sequence that begins here, with its code point; 0 when it is none. */
static size_t decode_utf8(const uint8_t *data, size_t len, uint32_t *code)
{
	static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t size = data[0] < 0x80   ? 1
		      : data[0] < 0xc0 ? 0
		      : data[0] < 0xe0 ? 2
		      : data[0] < 0xf0 ? 3
				       : 4;

	if (!size || size > len || data[0] > 0xf4)
		return 0;
	*code = size == 1 ? data[0] : data[0] & (0xffU >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (data[i] & 0x3fU);
	}
	return *code >= LEAST[size] && *code <= 0x10ffff ? size : 0;
}

bool text_escape(struct buf *out, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint32_t code;

	for (size_t i = 0; i < len;) {
		size_t size = decode_utf8(bytes + i, len - i, &code);

		if (size && is_shown(code)) {
			if (!buf_append(out, bytes + i, size))
				return false;
			i += size;
			continue;
		}
		char escaped[] = "\\x00";
		text_hex(escaped + 2, bytes + i, 1);
		if (!buf_append(out, escaped, 4))
			return false;
		i++;
	}
	return true;
}

bool text_to_utf8(struct buf *out, const void *data, size_t len)
{
	static const char REPLACEMENT[] = "\xef\xbf\xbd";
	const uint8_t *bytes = data;
	uint32_t code;

	for (size_t i = 0; i < len;) {
		size_t size = decode_utf8(bytes + i, len - i, &code);
		bool good = size && (code < 0xd800 || code > 0xdfff);

		if (good ? !buf_append(out, bytes + i, size)
			 : !buf_append(out, REPLACEMENT, sizeof(REPLACEMENT) - 1))
			return false;
		i += good ? size : 1;
	}
	return true;
}

void text_hex(char *out, const uint8_t *data, size_t len)
{
	static const char DIGITS[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = DIGITS[data[i] >> 4];
		*out++ = DIGITS[data[i] & 15];
	}
	*out = '\0';
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits from a to b where swapped neighbours count once; both at most TEXT_NEAREST_MAX long. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][TEXT_NEAREST_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		before = last;
		last = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(least(last[j], row[j - 1]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return row[b_len];
}

const char *text_nearest(const char *text, const char *const *candidates, size_t count)
{
	size_t len = strlen(text);
	size_t best = len / 3 + 1;
	const char *nearest = NULL;

	if (len > TEXT_NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t candidate_len = strlen(candidates[i]);
		size_t distance;

		if (candidate_len > TEXT_NEAREST_MAX)
			continue;
		distance = edit_distance(text, len, candidates[i], candidate_len);
		if (distance < best) {
			best = distance;
			nearest = candidates[i];
		}
	}
	return nearest;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_lower_or_digit(char c)
{
	return is_lower(c) || (c >= '0' && c <= '9');
}

bool text_is_key(const char *text)
{
	size_t len = strlen(text);

	if (!len || !is_lower(text[0]) || !is_lower_or_digit(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_lower_or_digit(text[i]) && text[i] != '_' && text[i] != '-')
			return false;
	}
	return true;
}

bool text_is_name(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 63 || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_lower_or_digit(text[i]) && text[i] != '-')
			return false;
	}
	return true;
}
