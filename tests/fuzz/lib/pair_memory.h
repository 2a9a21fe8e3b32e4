// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Two sidecars and the link between them in this process, without confinement and without a
 * controller: a socket in connect/ of the first for each endpoint of the second's workload. The
 * workload is played here: whatever it is asked, it says the same bytes. Time stands still but for
 * pair_memory_later. Everything aborts on what only a mistake of ours could cause.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum pair_memory_endpoint { PAIR_MEMORY_HTTP1, PAIR_MEMORY_HTTP2 };

#define PAIR_MEMORY_CALLER "spiffe://fuzz.capakit/workload/a"

/* "/one" and "/two": the paths of the endpoints. */
extern const char *const pair_memory_paths[];

/* Each head that the workload is sent over HTTP/1.1, as it came. */
typedef void pair_memory_head_fn(const char *head, size_t len);

void pair_memory_start(pair_memory_head_fn *on_head);

struct pair_memory_call {
	enum pair_memory_endpoint endpoint;
	const uint8_t *request; // what the client writes, the first `cut` bytes apart
	size_t request_len;
	size_t cut;
	const uint8_t *response; // what the workload writes, at each head or preface
	size_t response_len;
};

/*
 * Until nothing moves any more. What the client was sent is in *answer, as far as it fits. Then
 * both hang up, and nothing may be left of it in either sidecar.
 */
void pair_memory_call(const struct pair_memory_call *call, struct buf *answer);

void pair_memory_later(uint64_t ms);
