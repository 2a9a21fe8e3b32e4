// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Small text decisions that several folders share. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Appends foreign bytes so that a terminal can show them: printable UTF-8 and tabs as they are,
 * every other byte as \xNN. False when the buffer is full (what fits has been appended).
 */
bool text_escape(struct buf *out, const void *data, size_t len);

/*
 * Appends the bytes as well-formed UTF-8: what is none becomes U+FFFD, byte by byte. False when the
 * buffer is full (what fits has been appended); three times the length always fits.
 */
bool text_to_utf8(struct buf *out, const void *data, size_t len);

/* Lower-case hexadecimal of `len` bytes; `out` has room for 2 * len + 1. */
void text_hex(char *out, const uint8_t *data, size_t len);

/*
 * The one of `count` candidates that is nearest to `text` (Damerau-Levenshtein distance of at
 * most a third of its length), or NULL.
 */
const char *text_nearest(const char *text, const char *const *candidates, size_t count);

/* `[a-z](?:[a-z0-9_-]*[a-z0-9])?`: keys of workloads, connections, secrets and mounts. */
bool text_is_key(const char *text);

/* `[a-z0-9][a-z0-9-]{0,62}`: names of Kits and apps. */
bool text_is_name(const char *text);
