// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What libfyaml gets to see. It holds every token of a line that may yet become a key, and of all
 * open brackets, at some 300 bytes for one byte of text; so what has far more of them than any
 * manifest is refused before, by counting alone.
 */
#include "controller/manifest/yaml_bytes.h"

#include "base/limits.h"
#include "base/mem.h"

/* Length of the well-formed UTF-8 sequence at `text`, or 0 (Unicode, table 3-7). */
static size_t utf8_sequence(const uint8_t *text, size_t len)
{
	static const struct {
		uint8_t first, last, second_least, second_most, size;
	} FORMS[] = {
		{0x01, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < array_len(FORMS); i++) {
		if (text[0] < FORMS[i].first || text[0] > FORMS[i].last)
			continue;
		if (FORMS[i].size > len)
			return 0;
		if (FORMS[i].size > 1 &&
		    (text[1] < FORMS[i].second_least || text[1] > FORMS[i].second_most))
			return 0;
		for (size_t j = 2; j < FORMS[i].size; j++) {
			if ((text[j] & 0xc0) != 0x80)
				return 0;
		}
		return FORMS[i].size;
	}
	return 0;
}

struct look { // what yaml_bytes_fault keeps in mind
	struct location at;
	size_t line_start;
	size_t open_brackets; // by count alone, whatever they mean
};

/* NULL, or why the byte at `i` is not let through. */
static const char *byte_fault(const struct look *look, size_t sequence, const char *text, size_t i)
{
	if (text[i] == '\0')
		return "a NUL byte is not text";
	if (!sequence)
		return "this is not UTF-8 text";
	if (i - look->line_start > MANIFEST_LINE_MAX)
		return "this line is too long";
	if (look->open_brackets > MANIFEST_BRACKETS_MAX)
		return "there are too many open brackets";
	return NULL;
}

static void look_at(struct look *look, char byte, size_t next)
{
	look->at.column++;
	if (byte == '\n') {
		look->at = (struct location){look->at.line + 1, 1};
		look->line_start = next;
	} else if (byte == '[' || byte == '{') {
		look->open_brackets++;
	} else if ((byte == ']' || byte == '}') && look->open_brackets) {
		look->open_brackets--;
	}
}

const char *yaml_bytes_fault(const char *text, size_t len, struct location *at)
{
	struct look look = {.at = {1, 1}};

	*at = (struct location){0};
	if (len > MANIFEST_BYTES_MAX)
		return "the file is too large";
	for (size_t i = 0; i < len;) {
		size_t size = utf8_sequence((const uint8_t *)text + i, len - i);
		const char *fault = byte_fault(&look, size, text, i);

		if (fault) {
			*at = look.at;
			return fault;
		}
		look_at(&look, text[i], i + size);
		i += size;
	}
	return NULL;
}
