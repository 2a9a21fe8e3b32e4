// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What exchange.c, exchange_wait.c and exchange_failure.c need of each other; of nobody else. */
#include "sidecar/exchange.h"

/* exchange_wait.c. The first is part of exchange_init; waiting ends, if it waits, unanswered. */
void exchange_wait_init(struct exchange *x);
void exchange_stop_waiting(struct exchange *x);

/* exchange.c. Whoever it is tells, is told once, and forgotten. */
void exchange_drop_back(struct exchange *x);
void exchange_drop_watch(struct exchange *x);

/* exchange.c: a head to the front, whoever has made it. */
void exchange_pass_head(struct exchange *x, const struct http_head *head);
