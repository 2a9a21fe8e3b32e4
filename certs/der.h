// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The part of DER (X.690) that certificates and signing requests need. The reader never reads
 * outside of what it was given, takes lengths in their shortest form only and up to 65535.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};
#define DER_CONTEXT(n) (0x80 | (n))
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

struct der {
	const uint8_t *at;
	size_t left;
};

/* The next element when it has this tag; `content` may be NULL. False leaves `in` as it was. */
bool der_take(struct der *in, uint8_t tag, struct der *content);
/* As der_take, with tag and length included in `whole`. */
bool der_take_whole(struct der *in, uint8_t tag, struct der *whole);
bool der_next_is(const struct der *in, uint8_t tag);
bool der_equal(const struct der *value, const void *data, size_t len);
/* UTCTime or GeneralizedTime in the forms that RFC 5280, section 4.1.2.5 allows. */
bool der_take_time(struct der *in, time_t *value);

/*
 * Writing: open, put the content, close with what open returned. False when the buffer's maximum
 * is reached (the buffer then holds a part and is of no use).
 */
size_t der_open(struct buf *out, uint8_t tag);
bool der_close(struct buf *out, size_t mark);
bool der_put(struct buf *out, uint8_t tag, const void *data, size_t len);
bool der_put_time(struct buf *out, time_t value);
