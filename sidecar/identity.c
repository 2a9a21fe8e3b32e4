// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Certificates. Each renewal makes a new key, so that a key lives as long as its certificate; the
 * private part never leaves this process.
 */
#include "sidecar/identity.h"

#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "certs/identity.h"

enum { REQUEST_MAX = 4096, RETRY_MS = 30000, RENEW_AT_LEAST_MS = 1000 };

struct own_identity {
	struct loop *loop;
	struct keeper *keeper;
	struct identity *next; // waits for its certificate
	struct tls_context *tls;
	struct keeper_ask ask;
	struct loop_timer renewal;
	own_identity_ready_fn *on_ready; // NULL: has been called
	void *owner;
};

static void failed(struct own_identity *own, const struct err *err)
{
	own_identity_ready_fn *on_ready = take_ptr(&own->on_ready);

	identity_free(&own->next);
	if (on_ready) {
		on_ready(own->owner, err);
		return;
	}
	log_warn("renewing the certificate: %s; trying again", err->text);
	loop_timer_start(&own->renewal, RETRY_MS);
}

static void schedule(struct own_identity *own, time_t not_before, time_t not_after)
{
	time_t now = time(NULL);
	time_t at = identity_renew_at(not_before, not_after);
	uint64_t wait = at > now ? (uint64_t)(at - now) * 1000 : 0;

	loop_timer_start(&own->renewal, wait > RENEW_AT_LEAST_MS ? wait : RENEW_AT_LEAST_MS);
}

static bool accept_certificate(struct own_identity *own,
			       const Capakit__Keeper__V1__Certificate *given, struct err *err)
{
	struct tls_context *tls;

	if (!identity_accept(own->next, given->certificate.data, given->certificate.len,
			     given->authority.data, given->authority.len, err))
		return false;
	tls = tls_context_new(own->next, err);
	if (!tls)
		return false;
	tls_context_free(&own->tls);
	own->tls = tls;
	identity_free(&own->next);
	schedule(own, time(NULL), given->not_after);
	return true;
}

static void on_reply(struct keeper_ask *ask, const Capakit__Keeper__V1__Reply *reply)
{
	struct own_identity *own = container_of(ask, struct own_identity, ask);
	own_identity_ready_fn *on_ready;
	struct err err;

	if (!reply)
		err_set(&err, ERR_CLOSED, "the keeper is gone");
	else if (reply->kind_case == CAPAKIT__KEEPER__V1__REPLY__KIND_ERROR)
		err_set(&err, ERR_DENIED, "the keeper refused: %s", reply->error->message);
	else if (reply->kind_case != CAPAKIT__KEEPER__V1__REPLY__KIND_CERTIFICATE)
		err_set(&err, ERR_PROTOCOL, "the keeper answered something else");
	else if (accept_certificate(own, reply->certificate, &err)) {
		on_ready = take_ptr(&own->on_ready);
		if (on_ready)
			on_ready(own->owner, NULL);
		return;
	}
	failed(own, &err);
}

static bool request(struct own_identity *own, struct err *err)
{
	auto_buf struct buf der;

	buf_init(&der, REQUEST_MAX);
	own->next = identity_new(err);
	return own->next && identity_request(own->next, &der, err) &&
	       keeper_sign(own->keeper, &own->ask, buf_bytes(&der), buf_len(&der), err);
}

static void on_renewal(struct loop_timer *timer)
{
	struct own_identity *own = container_of(timer, struct own_identity, renewal);
	struct err err;

	if (!request(own, &err))
		failed(own, &err);
}

struct own_identity *own_identity_new(struct loop *loop, struct keeper *keeper,
				      own_identity_ready_fn *on_ready, void *owner, struct err *err)
{
	struct own_identity *own = xcalloc(1, sizeof(*own));

	own->loop = loop;
	own->keeper = keeper;
	own->ask.fn = on_reply;
	own->on_ready = on_ready;
	own->owner = owner;
	loop_timer_init(&own->renewal, loop, on_renewal);
	if (!request(own, err))
		own_identity_free(&own);
	return own;
}

void own_identity_free(struct own_identity **identity)
{
	struct own_identity *done = take_ptr(identity);

	if (!done)
		return;
	loop_timer_stop(&done->renewal);
	keeper_ask_cancel(&done->ask);
	identity_free(&done->next);
	tls_context_free(&done->tls);
	free(done);
}

struct tls_context *own_identity_tls(const struct own_identity *identity)
{
	return identity->tls;
}
