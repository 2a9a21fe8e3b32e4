// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks for one secret after the other and puts the value together. A value is used for some
 * seconds: each request would be a question to the keeper and an audit record, and a secret that
 * was revoked or set anew is to be so soon.
 */
#include "sidecar/outside_inject.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

void outside_inject_init(struct outside_inject *inject, struct turn *turn, struct keeper *keeper,
			 const char *header, const char *value)
{
	*inject = (struct outside_inject){
		.turn = turn,
		.keeper = keeper,
		.header = xstrdup(header),
		.value = xstrdup(value),
	};
	for (char *c = inject->header; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	waiters_init(&inject->waiters);
}

static void make(struct outside_inject *inject);

static void finish(struct outside_inject *inject, const char *failure, const char *name)
{
	inject->failed = failure != NULL;
	inject->failed_at = loop_now(inject->turn->loop);
	if (failure)
		snprintf(inject->failure, sizeof(inject->failure), "the secret %.64s: %s", name,
			 failure);
	if (!failure) {
		locked_free(&inject->text);
		inject->text = inject->next;
		inject->next = (struct locked){0};
		inject->made_at = loop_now(inject->turn->loop) + 1; // never 0
	}
	locked_free(&inject->next);
	waiters_wake(&inject->waiters);
}

static bool append(struct locked *to, const void *data, size_t len)
{
	if (len > to->cap - to->len)
		return false;
	memcpy(to->data + to->len, data, len);
	to->len += len;
	return true;
}

/* What may stand in a header's value (RFC 9110, section 5.5). */
static bool is_field_value(const uint8_t *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
			return false;
	return true;
}

/* The name of the secret that `rest` begins with: "${name}..." */
static void name_of(const struct outside_inject *inject, char name[SECRET_NAME_MAX + 1])
{
	const char *begin = inject->rest + strlen("${");
	size_t len = strcspn(begin, "}");
	if (len > SECRET_NAME_MAX)
		len = SECRET_NAME_MAX;
	memcpy(name, begin, len);
	name[len] = '\0';
}

static void on_secret(struct keeper_ask *ask, const Capakit__Keeper__V1__Reply *reply)
{
	struct outside_inject *inject = container_of(ask, struct outside_inject, ask);
	char name[SECRET_NAME_MAX + 1];
	name_of(inject, name);
	if (!reply) {
		finish(inject, "the keeper is gone", name);
	} else if (reply->kind_case == CAPAKIT__KEEPER__V1__REPLY__KIND_ERROR) {
		finish(inject, reply->error->message, name);
	} else if (reply->kind_case != CAPAKIT__KEEPER__V1__REPLY__KIND_SECRET) {
		finish(inject, "the keeper answered something else", name);
	} else if (!is_field_value(reply->secret->value.data, reply->secret->value.len)) {
		finish(inject, "it holds a byte that no header can", name);
	} else if (!append(&inject->next, reply->secret->value.data, reply->secret->value.len)) {
		finish(inject, "it is too long for a header", name);
	} else {
		inject->rest += strcspn(inject->rest, "}") + 1;
		make(inject);
	}
}

/* Goes on until the next secret, or to the end. */
static void make(struct outside_inject *inject)
{
	const char *secret = strstr(inject->rest, "${");
	size_t plain = secret ? (size_t)(secret - inject->rest) : strlen(inject->rest);
	char name[SECRET_NAME_MAX + 1];
	struct err err;
	if (!append(&inject->next, inject->rest, plain)) {
		finish(inject, "the header is too long", "");
		return;
	}
	inject->rest += plain;
	if (!secret) {
		finish(inject, NULL, NULL);
		return;
	}
	name_of(inject, name);
	inject->ask.fn = on_secret;
	if (!keeper_resolve(inject->keeper, &inject->ask, name, &err))
		finish(inject, err.text, name);
}

static bool begin(struct outside_inject *inject)
{
	struct err err;
	inject->failed = false;
	inject->rest = inject->value;
	if (!locked_new(&inject->next, OUTSIDE_INJECT_MAX, &err)) {
		finish(inject, err.text, "");
		return false;
	}
	make(inject);
	return !inject->failed;
}

enum outside_inject_state outside_inject_get(struct outside_inject *inject)
{
	uint64_t now = loop_now(inject->turn->loop);
	if (inject->next.data)
		return INJECT_WAITS;
	if (inject->made_at && now < inject->made_at + OUTSIDE_INJECT_KEPT_MS)
		return INJECT_READY;
	if (inject->failed && now < inject->failed_at + OUTSIDE_INJECT_AGAIN_MS)
		return INJECT_FAILED;
	if (!begin(inject))
		return INJECT_FAILED;
	return inject->next.data ? INJECT_WAITS : INJECT_READY;
}
