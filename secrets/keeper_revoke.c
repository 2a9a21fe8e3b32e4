// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a person takes back while the app runs. It is kept here until the run ends, because a
 * sidecar that starts again comes with the grants that the manifest gives it.
 */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "secrets/keeper_state.h"

/* The identity itself, and those below it: a workload has a second sidecar, for hosts outside. */
static bool concerns(const struct revocation *revocation, const struct principal *principal)
{
	size_t len = strlen(revocation->identity);

	return len == 0 || (strncmp(revocation->identity, principal->identity, len) == 0 &&
			    (principal->identity[len] == '\0' || principal->identity[len] == '/'));
}

static size_t take(const struct revocation *revocation, struct principal *principal)
{
	if (!concerns(revocation, principal))
		return 0;
	return grants_revoke(&principal->grants, revocation->kit, revocation->secret_name);
}

static struct revocation *add(struct keeper *keeper, const char *kit, const char *name,
			      const char *identity)
{
	keeper->revoked =
		xreallocarray(keeper->revoked, keeper->n_revoked + 1, sizeof(*keeper->revoked));
	struct revocation *revocation = &keeper->revoked[keeper->n_revoked++];
	*revocation = (struct revocation){
		.kit = xstrdup(kit), .secret_name = xstrdup(name), .identity = xstrdup(identity)};
	return revocation;
}

/* It is taken first: one that could not be written down is taken all the same, and said. */
bool keeper_revoke(struct keeper *keeper, const char *kit, const char *name, const char *identity,
		   size_t *count, struct err *err)
{
	struct principal *principal;
	bool written = true;

	if (keeper->n_revoked >= KEEPER_REVOCATIONS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d secrets taken from one app",
			       KEEPER_REVOCATIONS_MAX);
	const struct revocation *revocation = add(keeper, kit, name, identity);
	LIST_FOREACH(principal, &keeper->principals, next)
	{
		size_t taken = take(revocation, principal);

		*count += taken;
		if (taken && written)
			written = keeper_write_audit(keeper, principal->identity, "revoke_secret",
						     name, "revoked", err);
	}
	return written || err_prefix(err, "the secret was taken, but not all of that written down");
}

void keeper_revoke_from(const struct keeper *keeper, struct principal *principal)
{
	for (size_t i = 0; i < keeper->n_revoked; i++)
		(void)take(&keeper->revoked[i], principal);
}

void keeper_revocations_free(struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->n_revoked; i++) {
		free(keeper->revoked[i].kit);
		free(keeper->revoked[i].secret_name);
		free(keeper->revoked[i].identity);
	}
	free(keeper->revoked);
}
