// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The numbers of a client's streams (RFC 9113, section 5.1.1). A higher one closes all lower ones
 * that were never used, and nghttp2 keeps nothing of closed streams: this tells a stream that was
 * used, whose trailers may still be on their way, from one that never was. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

enum { H2_SKIPPED_MAX = 4 }; // no client in good order skips any; one that began at 3 skipped 1

struct h2_numbers { // zeroed at first
	uint32_t last;
	struct {
		uint32_t from, to;
	} skipped[H2_SKIPPED_MAX]; // the latest
	unsigned n_skipped;	   // so far
};

/* A head came for this stream. False: it is one that was skipped, a connection error. */
bool h2_numbers_take(struct h2_numbers *numbers, uint32_t number);
