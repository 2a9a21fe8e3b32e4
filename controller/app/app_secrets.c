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
#include "controller/app/app.h"
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
	append_word(&word, app->source.path);
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

void app_secrets_check(struct app *app)
{
	const struct manifest *manifest = app->manifest;
	struct secret_ref *required = xcalloc(manifest->n_secrets + 1, sizeof(*required));
	size_t n = 0;
	struct err err;
	for (size_t i = 0; i < manifest->n_secrets; i++)
		if (manifest->secrets[i].required)
			required[n++] = (struct secret_ref){.kit = app->kit_identity,
							    .name = manifest->secrets[i].key};
	if (!keeper_begin(app->keeper, app->plan->trust_domain, app->name,
			  app->options->certificate_lifetime_s, on_begun, app, &err) ||
	    !keeper_check_secrets(app->keeper, required, n, on_checked, app, &err))
		app_fail(app, NULL, NULL, &err);
	free(required);
}

bool sidecar_add_principal(struct app *app, struct app_sidecar *sidecar, int keeper,
			   struct err *err)
{
	const struct plan_workload *plan = sidecar->plan;
	size_t count = plan ? plan->manifest->n_secrets : 0;
	struct keeper_grant *grants = xcalloc(count + 1, sizeof(*grants));
	for (size_t i = 0; i < count; i++) {
		grants[i].name = plan->manifest->secrets[i];
		grants[i].secret = (struct secret_ref){.kit = plan->kit->identity,
						       .name = plan->manifest->secrets[i]};
	}
	bool ok =
		keeper_add_principal(app->keeper, plan ? plan->identity : app->plan->edge_identity,
				     grants, count, keeper, on_principal, app, err);
	free(grants);
	return ok;
}
