// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Questions to the keeper and who waits for which answer.
 */
#include "sidecar/keeper.h"

#include "base/log.h"
#include "base/mem.h"
#include "proto/channel.h"

struct keeper {
	struct channel *channel; // NULL: the keeper is gone
	uint64_t last_id;
	size_t n_asked;
	LIST_HEAD(, keeper_ask) asked;
};

static void take(struct keeper_ask *ask)
{
	LIST_REMOVE(ask, next);
	ask->asked = false;
	ask->keeper->n_asked--;
}

static void on_message(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct keeper *keeper = owner;
	const Capakit__Keeper__V1__Reply *reply = (const Capakit__Keeper__V1__Reply *)message;
	struct keeper_ask *ask;

	LIST_FOREACH(ask, &keeper->asked, next)
	{
		if (ask->id != reply->id)
			continue;
		take(ask);
		ask->fn(ask, reply);
		return;
	}
}

static void on_closed(void *owner, const struct err *why)
{
	struct keeper *keeper = owner;
	struct keeper_ask *ask;

	log_warn("the keeper is gone: %s", why->text);
	channel_free(&keeper->channel);
	while ((ask = LIST_FIRST(&keeper->asked))) {
		take(ask);
		ask->fn(ask, NULL);
	}
}

struct keeper *keeper_new(struct loop *loop, int fd)
{
	struct keeper *keeper = xcalloc(1, sizeof(*keeper));

	LIST_INIT(&keeper->asked);
	keeper->channel = channel_new(loop, fd, &capakit__keeper__v1__reply__descriptor, on_message,
				      on_closed, keeper);
	return keeper;
}

void keeper_free(struct keeper **keeper)
{
	struct keeper *done = take_ptr(keeper);

	if (!done)
		return;
	channel_free(&done->channel);
	free(done);
}

static bool ask_keeper(struct keeper *keeper, struct keeper_ask *ask,
		       Capakit__Keeper__V1__Request *request, struct err *err)
{
	if (!keeper->channel)
		return err_set(err, ERR_CLOSED, "the keeper is gone");
	if (keeper->n_asked >= KEEPER_ASKS_MAX)
		return err_set(err, ERR_LIMIT, "too many questions to the keeper at once");
	request->id = ++keeper->last_id;
	if (!channel_send(keeper->channel, &request->base, NULL, 0, err))
		return false;
	ask->keeper = keeper;
	ask->id = request->id;
	ask->asked = true;
	LIST_INSERT_HEAD(&keeper->asked, ask, next);
	keeper->n_asked++;
	return true;
}

bool keeper_sign(struct keeper *keeper, struct keeper_ask *ask, const uint8_t *der, size_t len,
		 struct err *err)
{
	Capakit__Keeper__V1__SignCertificate sign = CAPAKIT__KEEPER__V1__SIGN_CERTIFICATE__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;

	sign.request.data = (uint8_t *)(uintptr_t)der;
	sign.request.len = len;
	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_SIGN_CERTIFICATE;
	request.sign_certificate = &sign;
	return ask_keeper(keeper, ask, &request, err);
}

bool keeper_resolve(struct keeper *keeper, struct keeper_ask *ask, const char *name,
		    struct err *err)
{
	Capakit__Keeper__V1__ResolveSecret resolve = CAPAKIT__KEEPER__V1__RESOLVE_SECRET__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;

	resolve.name = (char *)(uintptr_t)name;
	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_RESOLVE_SECRET;
	request.resolve_secret = &resolve;
	return ask_keeper(keeper, ask, &request, err);
}

void keeper_ask_cancel(struct keeper_ask *ask)
{
	if (ask->asked)
		take(ask);
}
