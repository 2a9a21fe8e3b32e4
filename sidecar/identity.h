// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Who this process is: a key of its own and the keeper's certificate for it, renewed at half of
 * its life. Links that are made afterwards use the new one.
 */
#include "base/err.h"
#include "base/loop.h"
#include "certs/tls.h"
#include "sidecar/keeper.h"

struct own_identity;

/*
 * Asks; `on_ready` is called once: with NULL when the first certificate is here, else with what
 * failed. Later failures are logged and tried again.
 */
typedef void own_identity_ready_fn(void *owner, const struct err *failed);

struct own_identity *own_identity_new(struct loop *loop, struct keeper *keeper,
				      own_identity_ready_fn *on_ready, void *owner,
				      struct err *err);
void own_identity_free(struct own_identity **identity);

/* Of the newest certificate; owned by the identity. NULL before the first. */
struct tls_context *own_identity_tls(const struct own_identity *identity);
