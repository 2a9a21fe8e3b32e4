// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sidecars' channels. A channel stands for the identity that the controller named when it
 * handed the channel over; nothing that comes through it can change that. There is one for each
 * identity: a restarted sidecar's takes the place of the old one.
 */
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "secrets/keeper_state.h"

void principal_drop(struct principal *principal)
{
	LIST_REMOVE(principal, next);
	principal->keeper->n_principals--;
	channel_free(&principal->channel);
	grants_free(&principal->grants);
	free(principal->identity);
	free(principal);
}

static void on_closed(void *owner, const struct err *why)
{
	struct principal *principal = owner;

	if (why->code != ERR_CLOSED)
		keeper_refuse(principal->keeper, principal->identity, why->text);
	principal_drop(principal);
}

static struct principal *principal_find(struct keeper *keeper, const char *identity)
{
	struct principal *principal;

	LIST_FOREACH(principal, &keeper->principals, next)
	if (str_eq(principal->identity, identity))
		return principal;
	return NULL;
}

static bool acceptable(const struct keeper *keeper, const char *identity, struct err *err)
{
	if (!str_starts(identity, keeper->identity_prefix) ||
	    strlen(identity) == strlen(keeper->identity_prefix))
		return err_set(err, ERR_PROTOCOL, "the identity \"%s\" is not one of %s", identity,
			       keeper->identity_prefix);
	if (keeper->n_principals >= KEEPER_PRINCIPALS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d sidecars in one app",
			       KEEPER_PRINCIPALS_MAX);
	return true;
}

bool principal_add(struct keeper *keeper, const char *identity, struct grants *grants, int *fd,
		   struct err *err)
{
	struct principal *principal = principal_find(keeper, identity);

	if (principal)
		principal_drop(principal);
	if (!acceptable(keeper, identity, err))
		return false;
	principal = xcalloc(1, sizeof(*principal));
	principal->keeper = keeper;
	principal->identity = xstrdup(identity);
	principal->rate =
		(struct rate){.burst = KEEPER_REQUESTS_BURST, .per_second = KEEPER_REQUESTS_PER_S};
	principal->grants = *grants;
	*grants = (struct grants){0};
	keeper_revoke_from(keeper, principal);
	principal->channel =
		channel_new(keeper->loop, take_fd(fd), &capakit__keeper__v1__request__descriptor,
			    keeper_on_request, on_closed, principal);
	LIST_INSERT_HEAD(&keeper->principals, principal, next);
	keeper->n_principals++;
	return true;
}

void principals_free(struct keeper *keeper)
{
	while (!LIST_EMPTY(&keeper->principals))
		principal_drop(LIST_FIRST(&keeper->principals));
	keeper_revocations_free(keeper);
}

void keeper_refuse(struct keeper *keeper, const char *peer, const char *what)
{
	keeper->refused++;
	log_warn("dropped %s (refusal %llu of this run): %s", peer,
		 (unsigned long long)keeper->refused, what);
}
