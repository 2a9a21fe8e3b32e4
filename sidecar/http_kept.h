// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A copy of a request's head that lives on its own, for a request that is asked again. */
#include "sidecar/http.h"

struct http_kept;

struct http_kept *http_kept_new(const struct http_head *head);
void http_kept_free(struct http_kept **kept);
size_t http_kept_size(const struct http_kept *kept); // bytes; they are counted in the pool

/* Fills `head`, which is good as long as `kept` lives. */
void http_kept_restore(const struct http_kept *kept, struct http_head *head);
