// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The controller's end of the keeper. Nothing here blocks: each request is answered through its
 * callback, in order, unless the keeper ends first; then `on_ended` is the only call.
 */
#include <sys/types.h>

#include "base/loop.h"

/*
 * Forks the keeper: before any Kit is read, and by the process and thread that stays (the keeper
 * dies with it, so detach first). Returns its pid, which the caller reaps, or -1. *channel is the
 * end for keeper_client_new.
 */
pid_t keeper_spawn(const char *data_dir, const char *state_dir, int *channel, struct err *err);

struct keeper_client;

/* The keeper is gone, or never started: the app must end. Called at most once; may free. */
typedef void keeper_ended_fn(void *owner, const struct err *why);

/* Takes the descriptor. */
struct keeper_client *keeper_client_new(struct loop *loop, int channel, keeper_ended_fn *on_ended,
					void *owner);

/* Closes the channel, at which the keeper ends. Allowed inside any of these callbacks. */
void keeper_client_free(struct keeper_client **client);

struct secret_ref {
	const char *kit; // controller/store/kit_identity.h
	const char *name;
};

struct keeper_grant {
	const char *name; // what the workload calls it
	struct secret_ref secret;
};

struct keeper_answer {
	const struct err *failed; // NULL: done
	const struct secret_ref *missing;
	size_t n_missing;
	size_t revoked; // grants that were taken
};
typedef void keeper_answer_fn(void *owner, const struct keeper_answer *answer);

/* Makes the authority; first, and once. trust_domain is "<app-run>.capakit". */
must_check bool keeper_begin(struct keeper_client *client, const char *trust_domain,
			     const char *app, unsigned lifetime_s, keeper_answer_fn *on_answer,
			     void *owner, struct err *err);

/* `fd` is the keeper's end of that sidecar's channel; it is duplicated, the caller closes its own.
 */
must_check bool keeper_add_principal(struct keeper_client *client, const char *identity,
				     const struct keeper_grant *grants, size_t n_grants, int fd,
				     keeper_answer_fn *on_answer, void *owner, struct err *err);

/* The answer lists those that have no value. */
must_check bool keeper_check_secrets(struct keeper_client *client, const struct secret_ref *secrets,
				     size_t n_secrets, keeper_answer_fn *on_answer, void *owner,
				     struct err *err);

/* Takes it from that identity, or from all when that is "", until the run ends. */
must_check bool keeper_revoke_secret(struct keeper_client *client, const struct secret_ref *secret,
				     const char *identity, keeper_answer_fn *on_answer,
				     void *owner, struct err *err);
