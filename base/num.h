// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Numbers are parsed here and nowhere else: the whole input, in range, or false. On the hot path
 * they are written here too.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUM_U64_DIGITS 20

/* Writes `value` in decimal, without a NUL; returns how many digits it has. */
size_t num_put_u64(char digits[static NUM_U64_DIGITS], uint64_t value);

/* Decimal digits only: no sign, no white space, no leading zero unless the number is 0. */
bool num_parse_u64(const char *text, size_t len, uint64_t max, uint64_t *value);

/* Hexadecimal digits only, either case, leading zeros allowed (RFC 9112, section 7.1). */
bool num_parse_hex(const char *text, size_t len, uint64_t max, uint64_t *value);

/* A size such as 64MiB, 1GiB, 512KiB, 100B or a plain number of bytes. */
bool num_parse_size(const char *text, uint64_t *bytes);

/* A duration such as 250ms, 60s, 5m, 1h, in milliseconds. */
bool num_parse_duration(const char *text, uint64_t *milliseconds);
