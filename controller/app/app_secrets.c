// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the app asks of its keeper: an authority for this run, whether the secrets that the Kit
 * requires are there, and a principal for each sidecar. Values never come here.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "capakit/control/v1/control.pb-c.h"
#include "controller/app/app.h"
#include "controller/app/plan_kit.h"
#include "controller/app/sidecar_commands.h"

static void on_begun(void *owner, const struct keeper_answer *answer)
{
	if (answer->failed)
		app_fail(owner, NULL, NULL, answer->failed);
}

static void on_principal(void *owner, const struct keeper_answer *answer)
{
	if (answer->failed)
		app_fail(owner, NULL, NULL, answer->failed);
}

/* A path as one word for a shell; what would act upon a terminal is escaped. */
static void append_word(struct buf *out, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "/._-+,:@%";
	bool quote = path[strspn(path, plain)] != '\0';
	buf_append_str(out, quote ? "'" : "");
	for (const char *part = path; *part;) {
		size_t len = strcspn(part, "'");
		text_escape(out, part, len);
		part += len;
		if (*part == '\'' && part++)
			buf_append_str(out, "'\\''");
	}
	buf_append_str(out, quote ? "'" : "");
}

static void fail_missing(struct app *app, const struct keeper_answer *answer)
{
	struct err why;
	auto_buf struct buf word;
	buf_init(&word, 16 * KIB); // a path is at most 4 KiB, an escaped byte 4
	append_word(&word, app->kits[0].source.name);
	fprintf(stderr, "these commands set the secrets that are missing:\n");
	for (size_t i = 0; i < answer->n_missing; i++)
		fprintf(stderr, "  capakit secret set --kit %.*s %s\n", (int)buf_len(&word),
			(const char *)buf_bytes(&word), answer->missing[i].name);
	err_set(&why, ERR_MISSING,
		"the Kit requires secrets that are not set; run the commands above, then try "
		"again");
	app_fail(app, NULL, NULL, &why);
}

static void on_checked(void *owner, const struct keeper_answer *answer)
{
	struct app *app = owner;
	if (app->state != APP_PREPARING)
		return;
	if (answer->failed)
		app_fail(app, NULL, NULL, answer->failed);
	else if (answer->n_missing)
		fail_missing(app, answer);
	else
		app_prepare_start(app);
}

/* What a Kit requires, as whoever bound it calls it; once, also when several Kits share it. */
static void add_required(const struct plan_kit *kit, struct secret_ref **required, size_t *count)
{
	const struct manifest *manifest = kit->manifest;
	*required = xreallocarray(*required, *count + manifest->n_secrets + 1, sizeof(**required));
	for (size_t i = 0; i < manifest->n_secrets; i++) {
		const struct plan_secret *secret = plan_kit_secret(kit, manifest->secrets[i].key);
		bool known = !secret || !manifest->secrets[i].required;
		for (size_t r = 0; !known && r < *count; r++)
			known = str_eq((*required)[r].kit, secret->kit_identity) &&
				str_eq((*required)[r].name, secret->name);
		if (!known)
			(*required)[(*count)++] = (struct secret_ref){.kit = secret->kit_identity,
								      .name = secret->name};
	}
}

void app_secrets_check(struct app *app)
{
	auto_free struct secret_ref *required = NULL;
	size_t n = 0;
	struct err err;
	for (size_t i = 0; i < app->n_kits; i++)
		add_required(&app->plan_kits[i], &required, &n);
	if (!keeper_begin(app->keeper, app->plan->trust_domain, app->name,
			  app->options->certificate_lifetime_s, on_begun, app, &err) ||
	    !keeper_check_secrets(app->keeper, required, n, on_checked, app, &err))
		app_fail(app, NULL, NULL, &err);
}

struct grants {
	struct keeper_grant *list;
	size_t n;
};

/* Each once: several connections may use one secret. */
static void add_grants(struct grants *grants, const struct plan_kit *kit, char *const *secrets,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct plan_secret *secret = plan_kit_secret(kit, secrets[i]);
		bool known = !secret; // of a dependency, and bound to none
		for (size_t g = 0; !known && g < grants->n; g++)
			known = str_eq(grants->list[g].name, secret->key);
		if (known)
			continue;
		grants->list = xreallocarray(grants->list, grants->n + 1, sizeof(*grants->list));
		grants->list[grants->n++] = (struct keeper_grant){
			.name = secret->key,
			.secret = {.kit = secret->kit_identity, .name = secret->name}};
	}
}

bool sidecar_add_principal(struct app *app, struct app_sidecar *sidecar, int keeper,
			   struct err *err)
{
	const struct plan_workload *plan = sidecar->plan;
	const struct plan_workload *outside_of = plan ? plan->outside_of : NULL;
	struct grants grants = {0};
	if (plan && plan->manifest)
		add_grants(&grants, plan->kit, plan->manifest->secrets, plan->manifest->n_secrets);
	for (size_t i = 0; outside_of && i < outside_of->manifest->n_connections; i++) {
		const struct manifest_inject *inject = &outside_of->manifest->connections[i].inject;
		add_grants(&grants, plan->kit, inject->secrets, inject->n_secrets);
	}
	bool ok =
		keeper_add_principal(app->keeper, plan ? plan->identity : app->plan->edge_identity,
				     grants.list, grants.n, keeper, on_principal, app, err);
	free(grants.list);
	return ok;
}

/* ---- taken back ---- */

static void on_revoked(void *owner, const struct keeper_answer *answer)
{
	Capakit__Control__V1__RevokeSecretResponse response =
		CAPAKIT__CONTROL__V1__REVOKE_SECRET_RESPONSE__INIT;
	if (answer->failed) {
		grpc_call_fail(owner, GRPC_INTERNAL, answer->failed->text);
		return;
	}
	response.grants = (uint32_t)answer->revoked;
	grpc_call_reply(owner, &response.base);
}

/* The identity of a workload; "" for none, NULL when there is no such workload. */
static const char *identity_of(const struct app *app, const char *workload)
{
	if (!*workload)
		return "";
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		if (str_eq(app->plan->workloads[i].name, workload))
			return app->plan->workloads[i].identity;
	return NULL;
}

void app_on_revoke(void *owner, const char *kit, const char *name, const char *workload,
		   struct grpc_call *call)
{
	struct app *app = owner;
	const struct secret_ref secret = {.kit = kit, .name = name};
	const char *identity = identity_of(app, workload);
	struct err err;
	if (!identity)
		grpc_call_fail(call, GRPC_NOT_FOUND, "the app has no such workload");
	else if (!keeper_revoke_secret(app->keeper, &secret, identity, on_revoked, call, &err))
		grpc_call_fail(call, GRPC_UNAVAILABLE, err.text);
}
