// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The one strict number parser. Foreign bytes reach it (lengths, ports, chunk sizes), where a
 * forgiving parser and another one's forgiveness make a smuggled request.
 */
#include "base/num.h"

#include <string.h>

#include "base/mem.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit SIZES[] = {
	{"B", 1},
	{"KiB", 1ULL << 10},
	{"MiB", 1ULL << 20},
	{"GiB", 1ULL << 30},
	{"TiB", 1ULL << 40},
};
static const struct unit DURATIONS[] = {
	{"ms", 1},
	{"s", 1000},
	{"m", 60ULL * 1000},
	{"h", 3600ULL * 1000},
};

size_t num_put_u64(char digits[static NUM_U64_DIGITS], uint64_t value)
{
	size_t n = 1;

	for (uint64_t rest = value; rest >= 10; rest /= 10)
		n++;
	for (size_t at = n; at > 0; value /= 10)
		digits[--at] = (char)('0' + value % 10);
	return n;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool parse_digits(const char *text, size_t len, unsigned base, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		int digit = digit_value(text[i]);

		if (digit < 0 || (unsigned)digit >= base)
			return false;
		if (__builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, (unsigned)digit, &sum))
			return false;
	}
	if (!len || sum > max)
		return false;
	*value = sum;
	return true;
}

bool num_parse_u64(const char *text, size_t len, uint64_t max, uint64_t *value)
{
	if (len > 1 && text[0] == '0')
		return false;
	return parse_digits(text, len, 10, max, value);
}

bool num_parse_hex(const char *text, size_t len, uint64_t max, uint64_t *value)
{
	return parse_digits(text, len, 16, max, value);
}

static bool parse_with_unit(const char *text, const struct unit *units, size_t count,
			    uint64_t *value)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t number;
	uint64_t product;

	if (!num_parse_u64(text, digits, UINT64_MAX, &number))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(text + digits, units[i].name))
			continue;
		if (__builtin_mul_overflow(number, units[i].factor, &product))
			return false;
		*value = product;
		return true;
	}
	return false;
}

bool num_parse_size(const char *text, uint64_t *bytes)
{
	return num_parse_u64(text, strlen(text), UINT64_MAX, bytes) ||
	       parse_with_unit(text, SIZES, array_len(SIZES), bytes);
}

bool num_parse_duration(const char *text, uint64_t *milliseconds)
{
	return parse_with_unit(text, DURATIONS, array_len(DURATIONS), milliseconds);
}
