// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a sidecar may ask: a certificate for the identity that its channel stands for, and the
 * secrets that are granted to it. An attempt is written to the audit chain before it is answered,
 * and is refused when that fails. Bad requests get an error; messages that are not in the table
 * drop the sidecar.
 */
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "secrets/keeper_state.h"

#define KIND(name) CAPAKIT__KEEPER__V1__REQUEST__KIND_##name
#define REPLY(name) CAPAKIT__KEEPER__V1__REPLY__KIND_##name

typedef Capakit__Keeper__V1__Request sidecar_request;
typedef Capakit__Keeper__V1__Reply sidecar_reply;

/* How an attempt may end: the word in the audit chain, and what the sidecar is told. */
static const struct outcome {
	const char *audit;
	const char *code;
	bool retryable;
} granted = {.audit = "granted"}, not_granted = {"not_granted", "NotGranted", false},
  not_set = {"not_set", "NotFound", false}, invalid = {"invalid", "InvalidRequest", false},
  unavailable = {"failed", "Unavailable", true}, too_many = {"throttled", "Unavailable", true};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool keeper_write_audit(const struct keeper *keeper, const char *identity, const char *action,
			const char *object, const char *outcome, struct err *err)
{
	const struct audit_record record = {
		.time_ms = now_ms(),
		.app = keeper->app,
		.identity = identity,
		.action = action,
		.object = object,
		.outcome = outcome,
	};

	return audit_append(keeper->audit, &record, err);
}

static bool write_audit(struct principal *principal, const char *action, const char *object,
			const struct outcome *outcome, struct err *err)
{
	return keeper_write_audit(principal->keeper, principal->identity, action, object,
				  outcome->audit, err);
}

static void send_reply(struct principal *principal, const sidecar_reply *reply)
{
	struct err err;

	if (!channel_send(principal->channel, &reply->base, NULL, 0, &err))
		log_warn("answering %s: %s", principal->identity, err.text);
}

static void send_error(struct principal *principal, uint64_t id, const struct outcome *outcome,
		       char *text)
{
	Capakit__Keeper__V1__Error error = CAPAKIT__KEEPER__V1__ERROR__INIT;
	sidecar_reply reply = CAPAKIT__KEEPER__V1__REPLY__INIT;
	auto_free char *code = xstrdup(outcome->code);

	error.code = code;
	error.message = text;
	error.retryable = outcome->retryable;
	reply.id = id;
	reply.kind_case = REPLY(ERROR);
	reply.error = &error;
	send_reply(principal, &reply);
}

/*
 * Writes the attempt down. True: it may be answered with what was asked for. Else the sidecar has
 * been told why not; `err` is the reason unless the outcome is `granted`.
 */
static bool settle(struct principal *principal, uint64_t id, const char *action, const char *object,
		   const struct outcome *outcome, struct err *err)
{
	struct err unwritten;
	char sorry[] = "the keeper cannot do it now; see its log";

	if (!write_audit(principal, action, object, outcome, &unwritten)) {
		log_error("%s", unwritten.text);
		send_error(principal, id, &unavailable, sorry);
		return false;
	}
	if (outcome == &granted)
		return true;
	if (outcome == &unavailable) {
		log_error("%s", err->text);
		send_error(principal, id, outcome, sorry);
	} else {
		send_error(principal, id, outcome, err->text);
	}
	return false;
}

/* --- certificates --- */

static void send_certificate(struct principal *principal, uint64_t id, const struct buf *der,
			     time_t not_after)
{
	Capakit__Keeper__V1__Certificate certificate = CAPAKIT__KEEPER__V1__CERTIFICATE__INIT;
	sidecar_reply reply = CAPAKIT__KEEPER__V1__REPLY__INIT;
	size_t authority_len;
	const uint8_t *authority =
		authority_certificate(principal->keeper->authority, &authority_len);

	certificate.certificate.data = buf_bytes(der);
	certificate.certificate.len = buf_len(der);
	certificate.authority.data = (uint8_t *)(uintptr_t)authority; // only read
	certificate.authority.len = authority_len;
	certificate.not_after = not_after;
	reply.id = id;
	reply.kind_case = REPLY(CERTIFICATE);
	reply.certificate = &certificate;
	send_reply(principal, &reply);
}

static void sign_certificate(struct principal *principal, const sidecar_request *request)
{
	struct keeper *keeper = principal->keeper;
	const ProtobufCBinaryData *wanted = &request->sign_certificate->request;
	auto_buf struct buf der;
	time_t not_after = 0;
	struct err err;
	bool issued;

	buf_init(&der, CERTIFICATE_BYTES_MAX);
	issued = authority_issue(keeper->authority, wanted->data, wanted->len, principal->identity,
				 time(NULL), keeper->lifetime_s, &der, &not_after, &err);
	if (settle(principal, request->id, "sign_certificate", "certificate",
		   issued ? &granted : &invalid, &err))
		send_certificate(principal, request->id, &der, not_after);
}

/* --- secrets --- */

static const struct outcome *look_up(struct principal *principal, const char *name,
				     struct locked *value, struct err *err)
{
	const struct grant *grant = grants_find(&principal->grants, name);

	if (!grant) {
		err_set(err, ERR_DENIED, "no secret of this name is granted to this workload");
		return &not_granted;
	}
	if (secret_store_get(principal->keeper->store, grant->kit, grant->secret_name, value, err))
		return &granted;
	if (err->code != ERR_MISSING)
		return &unavailable;
	err_set(err, ERR_MISSING, "the secret has no value: capakit secret set %s",
		grant->secret_name);
	return &not_set;
}

/* What a workload asked for, short and printable. */
static char *shown_name(const char *name)
{
	struct buf shown;

	buf_init(&shown, 4 * SECRET_NAME_MAX + 1);
	text_escape(&shown, name, strnlen(name, SECRET_NAME_MAX));
	return buf_take_str(&shown);
}

static void send_secret(struct principal *principal, uint64_t id, const struct locked *value)
{
	Capakit__Keeper__V1__Secret secret = CAPAKIT__KEEPER__V1__SECRET__INIT;
	sidecar_reply reply = CAPAKIT__KEEPER__V1__REPLY__INIT;

	secret.value.data = value->data;
	secret.value.len = value->len;
	reply.id = id;
	reply.kind_case = REPLY(SECRET);
	reply.secret = &secret;
	send_reply(principal, &reply);
}

static void resolve_secret(struct principal *principal, const sidecar_request *request)
{
	auto_free char *object = shown_name(request->resolve_secret->name);
	auto_locked struct locked value = {0};
	struct err err;
	const struct outcome *outcome =
		look_up(principal, request->resolve_secret->name, &value, &err);

	if (settle(principal, request->id, "resolve_secret", object, outcome, &err))
		send_secret(principal, request->id, &value);
}

/* --- requests --- */

/* The first of many gets a record, the others only an answer: the disk is not theirs to fill. */
static bool throttle(struct principal *principal, uint64_t id)
{
	uint64_t now = loop_now(principal->keeper->loop);
	char text[] = "too many requests; try again in a moment";
	struct err err;

	if (rate_is_full(&principal->rate, now))
		principal->throttled = false;
	if (rate_take(&principal->rate, now))
		return false;
	if (!principal->throttled) {
		log_warn("%s asks too often", principal->identity);
		if (!write_audit(principal, "any", "requests", &too_many, &err))
			log_error("%s", err.text);
	}
	principal->throttled = true;
	send_error(principal, id, &too_many, text);
	return true;
}

static const struct request_rule {
	int kind;
	void (*handle)(struct principal *principal, const sidecar_request *request);
} request_rules[] = {
	{KIND(SIGN_CERTIFICATE), sign_certificate},
	{KIND(RESOLVE_SECRET), resolve_secret},
};

void keeper_on_request(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct principal *principal = owner;
	const sidecar_request *request = (const sidecar_request *)message;

	for (size_t i = 0; i < array_len(request_rules); i++) {
		if (request_rules[i].kind == (int)request->kind_case && n_fds == 0) {
			if (!throttle(principal, request->id))
				request_rules[i].handle(principal, request);
			return;
		}
	}
	keeper_refuse(principal->keeper, principal->identity, "a request that it may not send");
	principal_drop(principal);
}
