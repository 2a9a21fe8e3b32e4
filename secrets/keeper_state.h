// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the keeper holds; shared by its files and by nobody else. */
#include <stdint.h>
#include <sys/queue.h>

#include "certs/authority.h"
#include "proto/channel.h"
#include "secrets/audit_db.h"
#include "secrets/grants.h"
#include "secrets/rate.h"
#include "secrets/store_db.h"

enum keeper_state {
	KEEPER_NEW,	// Begin has not come yet
	KEEPER_SERVING, // there is an authority
};

/* One sidecar's channel, and what it stands for. */
struct principal {
	LIST_ENTRY(principal) next;
	struct keeper *keeper;
	struct channel *channel;
	char *identity;
	struct grants grants;
	struct rate rate;
	bool throttled; // since its burst was last there as a whole
};

/* Taken by the person, for as long as this run lasts. */
struct revocation {
	char *kit;
	char *secret_name;
	char *identity; // "": from everybody
};

struct keeper {
	enum keeper_state state;
	struct loop *loop;
	struct channel *controller;
	struct secret_store *store;
	struct audit *audit;
	struct authority *authority;
	char *app;
	char *identity_prefix; // every identity of this app run begins so
	uint32_t lifetime_s;
	LIST_HEAD(, principal) principals;
	size_t n_principals;
	struct revocation *revoked;
	size_t n_revoked;
	uint64_t refused; // requests that dropped their peer
};

/* secrets/keeper_principals.c */
must_check bool principal_add(struct keeper *keeper, const char *identity, struct grants *grants,
			      int *fd, struct err *err); // takes grants and *fd when it succeeds
void principals_free(struct keeper *keeper);

/* secrets/keeper_revoke.c */
must_check bool keeper_revoke(struct keeper *keeper, const char *kit, const char *name,
			      const char *identity, size_t *count, struct err *err);
void keeper_revoke_from(const struct keeper *keeper, struct principal *principal); // a new one
void keeper_revocations_free(struct keeper *keeper);

/* secrets/keeper_serve.c */
must_check bool keeper_write_audit(const struct keeper *keeper, const char *identity,
				   const char *action, const char *object, const char *outcome,
				   struct err *err);

/* secrets/keeper_control.c and secrets/keeper_serve.c: the two tables of requests */
channel_message_fn keeper_on_control; // owner: struct keeper
channel_message_fn keeper_on_request; // owner: struct principal

/* A peer sent what it may not: counts it and says so. The caller then drops the peer. */
void keeper_refuse(struct keeper *keeper, const char *peer, const char *what);
void principal_drop(struct principal *principal);
