// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the controller may ask: make the authority, name a sidecar's channel, say which secrets
 * are missing. It gets neither a value nor a certificate. A request that cannot be fulfilled is
 * answered with an error; one that is not in the table for this state ends the run.
 */
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "secrets/keeper_state.h"

#define KIND(name) CAPAKIT__KEEPER__V1__CONTROLLER_REQUEST__KIND_##name

typedef Capakit__Keeper__V1__ControllerRequest control_request;
typedef Capakit__Keeper__V1__ControllerReply control_reply;
typedef Capakit__Keeper__V1__SecretRef secret_ref;

static bool begin(struct keeper *keeper, const control_request *request, int *fds,
		  control_reply *reply, struct err *err)
{
	const Capakit__Keeper__V1__Begin *begin = request->begin;

	if (begin->certificate_lifetime_s < 1 ||
	    begin->certificate_lifetime_s > CERTIFICATE_LIFETIME_MAX_S)
		return err_set(err, ERR_LIMIT, "a certificate's lifetime is 1 to %d seconds",
			       CERTIFICATE_LIFETIME_MAX_S);
	keeper->authority = authority_new(begin->trust_domain, time(NULL), err);
	if (!keeper->authority)
		return false;
	keeper->identity_prefix = xasprintf("spiffe://%s/", begin->trust_domain);
	keeper->app = xstrdup(begin->app);
	keeper->lifetime_s = begin->certificate_lifetime_s;
	keeper->state = KEEPER_SERVING;
	return true;
}

static bool take_grants(const Capakit__Keeper__V1__AddPrincipal *from, struct grants *grants,
			struct err *err)
{
	for (size_t i = 0; i < from->n_grants; i++) {
		const secret_ref *secret = from->grants[i]->secret;

		if (!secret)
			return err_set(err, ERR_PROTOCOL, "a grant of no secret");
		if (!grants_add(grants, from->grants[i]->name, secret->kit, secret->name, err))
			return false;
	}
	return true;
}

static bool add_principal(struct keeper *keeper, const control_request *request, int *fds,
			  control_reply *reply, struct err *err)
{
	struct grants grants = {0};
	bool added = take_grants(request->add_principal, &grants, err) &&
		     principal_add(keeper, request->add_principal->identity, &grants, &fds[0], err);

	grants_free(&grants);
	return added;
}

/* The missing ones are pointed to in the request, which outlives the reply. */
static bool check_secrets(struct keeper *keeper, const control_request *request, int *fds,
			  control_reply *reply, struct err *err)
{
	const Capakit__Keeper__V1__CheckSecrets *check = request->check_secrets;

	reply->missing = xcalloc(check->n_secrets + 1, sizeof(*reply->missing));
	for (size_t i = 0; i < check->n_secrets; i++) {
		secret_ref *secret = check->secrets[i];
		bool has = false;

		if (!secret_store_has(keeper->store, secret->kit, secret->name, &has, err))
			return false;
		if (!has)
			reply->missing[reply->n_missing++] = secret;
	}
	return true;
}

static bool revoke_secret(struct keeper *keeper, const control_request *request, int *fds,
			  control_reply *reply, struct err *err)
{
	const Capakit__Keeper__V1__RevokeSecret *revoke = request->revoke_secret;
	size_t count = 0;
	bool done;

	if (!revoke->secret)
		return err_set(err, ERR_PROTOCOL, "a revocation of no secret");
	done = keeper_revoke(keeper, revoke->secret->kit, revoke->secret->name, revoke->identity,
			     &count, err);
	reply->revoked = (uint32_t)count;
	return done;
}

static const struct control_rule {
	int kind;
	const char *name;
	enum keeper_state state;
	size_t n_fds;
	bool (*handle)(struct keeper *keeper, const control_request *request, int *fds,
		       control_reply *reply, struct err *err);
} control_rules[] = {
	{KIND(BEGIN), "Begin", KEEPER_NEW, 0, begin},
	{KIND(ADD_PRINCIPAL), "AddPrincipal", KEEPER_SERVING, 1, add_principal},
	{KIND(CHECK_SECRETS), "CheckSecrets", KEEPER_SERVING, 0, check_secrets},
	{KIND(REVOKE_SECRET), "RevokeSecret", KEEPER_SERVING, 0, revoke_secret},
};

static void answer(struct keeper *keeper, const struct control_rule *rule,
		   const control_request *request, int *fds)
{
	control_reply reply = CAPAKIT__KEEPER__V1__CONTROLLER_REPLY__INIT;
	struct err err;

	reply.id = request->id;
	if (!rule->handle(keeper, request, fds, &reply, &err)) {
		reply.error = err.text;
		reply.n_missing = 0;
	}
	if (!channel_send(keeper->controller, &reply.base, NULL, 0, &err))
		log_warn("answering %s: %s", rule->name, err.text);
	free(reply.missing);
}

void keeper_on_control(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct keeper *keeper = owner;
	const control_request *request = (const control_request *)message;

	for (size_t i = 0; i < array_len(control_rules); i++) {
		const struct control_rule *rule = &control_rules[i];

		if (rule->kind == (int)request->kind_case && rule->state == keeper->state &&
		    rule->n_fds == n_fds && request->id != 0) {
			answer(keeper, rule, request, fds);
			return;
		}
	}
	keeper_refuse(keeper, "the controller", "a request that it may not send now");
	loop_stop(keeper->loop);
}
