// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Certificates are written and read by this project itself, because it wants to say and to check
 * every byte of them: exactly one name, critical where RFC 5280 says so, nothing unknown. Only
 * the few DER types of that profile exist here.
 */
#include "certs/der.h"

#include <string.h>

#define TIME_2050 2524608000 // RFC 5280: UTCTime before 2050, GeneralizedTime from then on

static bool take_header(const struct der *in, uint8_t tag, size_t *header, size_t *len)
{
	if (in->left < 2 || in->at[0] != tag)
		return false;
	size_t first = in->at[1];
	if (first < 0x80) {
		*header = 2;
		*len = first;
	} else if (first == 0x81) {
		if (in->left < 3 || in->at[2] < 0x80)
			return false;
		*header = 3;
		*len = in->at[2];
	} else if (first == 0x82) {
		if (in->left < 4 || in->at[2] == 0)
			return false;
		*header = 4;
		*len = (size_t)in->at[2] << 8 | in->at[3];
	} else {
		return false;
	}
	return *len <= in->left - *header;
}

static void advance(struct der *in, size_t len)
{
	in->at += len;
	in->left -= len;
}

bool der_take(struct der *in, uint8_t tag, struct der *content)
{
	size_t header, len;
	if (!take_header(in, tag, &header, &len))
		return false;
	if (content)
		*content = (struct der){in->at + header, len};
	advance(in, header + len);
	return true;
}

bool der_take_whole(struct der *in, uint8_t tag, struct der *whole)
{
	size_t header, len;
	if (!take_header(in, tag, &header, &len))
		return false;
	*whole = (struct der){in->at, header + len};
	advance(in, header + len);
	return true;
}

bool der_next_is(const struct der *in, uint8_t tag)
{
	return in->left > 0 && in->at[0] == tag;
}

bool der_equal(const struct der *value, const void *data, size_t len)
{
	return value->left == len && (len == 0 || memcmp(value->at, data, len) == 0);
}

static bool two_digits(const uint8_t *at, int least, int most, int *value)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*value = (at[0] - '0') * 10 + at[1] - '0';
	return *value >= least && *value <= most;
}

/* MMDDHHMMSSZ */
static bool read_after_year(const uint8_t *at, int year, time_t *value)
{
	struct tm tm = {.tm_year = year - 1900};
	if (!two_digits(at, 1, 12, &tm.tm_mon) || !two_digits(at + 2, 1, 31, &tm.tm_mday) ||
	    !two_digits(at + 4, 0, 23, &tm.tm_hour) || !two_digits(at + 6, 0, 59, &tm.tm_min) ||
	    !two_digits(at + 8, 0, 59, &tm.tm_sec) || at[10] != 'Z')
		return false;
	tm.tm_mon--;
	int day = tm.tm_mday;
	*value = timegm(&tm);
	return tm.tm_mday == day; // timegm moves a 31st of February
}

bool der_take_time(struct der *in, time_t *value)
{
	struct der text;
	int century, year;
	if (der_take(in, DER_UTC_TIME, &text))
		return text.left == 13 && two_digits(text.at, 0, 99, &year) &&
		       read_after_year(text.at + 2, year < 50 ? 2000 + year : 1900 + year, value);
	return der_take(in, DER_GENERALIZED_TIME, &text) && text.left == 15 &&
	       two_digits(text.at, 20, 99, &century) && two_digits(text.at + 2, 0, 99, &year) &&
	       read_after_year(text.at + 4, century * 100 + year, value) && *value >= TIME_2050;
}

size_t der_open(struct buf *out, uint8_t tag)
{
	size_t mark = buf_len(out);
	const uint8_t header[4] = {tag, 0x82, 0, 0};
	return buf_append(out, header, sizeof(header)) ? mark : SIZE_MAX;
}

/* The header was written for the longest length; the content moves to where the shortest ends. */
bool der_close(struct buf *out, size_t mark)
{
	if (mark == SIZE_MAX)
		return false;
	uint8_t *at = buf_bytes(out) + mark;
	size_t len = buf_len(out) - mark - 4;
	if (len > 0xffff)
		return false;
	size_t header = len < 0x80 ? 2 : len < 0x100 ? 3 : 4;
	if (header == 2) {
		at[1] = (uint8_t)len;
	} else if (header == 3) {
		at[1] = 0x81;
		at[2] = (uint8_t)len;
	} else {
		at[2] = (uint8_t)(len >> 8);
		at[3] = (uint8_t)len;
	}
	memmove(at + header, at + 4, len);
	out->end -= 4 - header;
	return true;
}

bool der_put(struct buf *out, uint8_t tag, const void *data, size_t len)
{
	size_t mark = der_open(out, tag);
	return buf_append(out, data, len) && der_close(out, mark);
}

bool der_put_time(struct buf *out, time_t value)
{
	struct tm tm;
	char text[32];
	if (value < 0 || !gmtime_r(&value, &tm))
		return false;
	bool utc = value < TIME_2050;
	size_t skip = utc ? 2 : 0; // of the year
	size_t len = strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	return der_put(out, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, text + skip, len - skip);
}
