// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The Kits of an app: the one that a person named and, level by level, those that it depends on.
 * Each place in the tree is a Kit of its own, with its own options, mounts and secrets, also when
 * two places name the same source; what is on disk of it they share by content.
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/app.h"
#include "controller/app/plan_kit.h"
#include "controller/sources/source_name.h"
#include "controller/store/kit_identity.h"
#include "controller/store/snapshot.h"

static bool load_manifest(struct app_kit *kit, struct err *err)
{
	kit->manifest = manifest_load_said(kit->source.dir, kit->source.name, err);
	if (!kit->manifest)
		return false;
	kit->identity = kit_identity(kit->manifest->name, kit->source.kind, kit->source.origin);
	return true;
}

/* A place in the tree that is empty yet; the arrays move as they grow. */
static size_t add_kit(struct app *app)
{
	size_t i = app->n_kits++;
	app->kits = xreallocarray(app->kits, app->n_kits, sizeof(*app->kits));
	app->kits[i] = (struct app_kit){.source = KIT_SOURCE_NONE};
	app->plan_kits = xreallocarray(app->plan_kits, app->n_kits, sizeof(*app->plan_kits));
	app->plan_kits[i] = (struct plan_kit){0};
	return i;
}

bool app_kits_open(struct app *app, struct err *err)
{
	size_t root = add_kit(app);
	struct app_kit *kit = &app->kits[root];
	if (!kit_source_open(app->options->kit, &kit->source, err) || !load_manifest(kit, err))
		return false;
	kit->name = xstrdup("");
	return true;
}

/* "app, then tools, then llama": how one gets to a Kit, for people. */
static char *chain_text(const struct app *app, size_t kit)
{
	char *chain = xstrdup(app->kits[kit].source.name);
	while (kit != 0) {
		kit = app->plan_kits[kit].parent;
		auto_free char *below = chain;
		chain = xasprintf("%s -> %s", app->kits[kit].source.name, below);
	}
	return chain;
}

static bool check_chain(const struct app *app, size_t kit, struct err *err)
{
	unsigned depth = 0;
	for (size_t above = kit; above != 0; depth++) {
		above = app->plan_kits[above].parent;
		if (!str_eq(app->kits[above].identity, app->kits[kit].identity))
			continue;
		auto_free char *chain = chain_text(app, kit);
		return err_set(err, ERR_USAGE, "dependencies go round: %s", chain);
	}
	if (depth > KIT_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "dependency %s: more than %d levels",
			       app->kits[kit].name, KIT_DEPTH_MAX);
	if (app->n_kits > KITS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d Kits in one app", KITS_MAX);
	return true;
}

/* A branch or a tag is what its owner says it is today, whatever was signed. */
static bool check_pinned(const struct app *app, const char *kit, const char *git, struct err *err)
{
	if (!app->options->pinned || !git || git_url_is_pinned(git))
		return true;
	return err_set(err, ERR_DENIED,
		       "dependency %s: no signature covers %s, since it names no commit; the Kit "
		       "would have to end that URL with #COMMIT, all of its 40 digits",
		       kit, git);
}

static bool load_dependency(struct app *app, size_t parent,
			    const struct manifest_dependency *dependency, struct err *err)
{
	size_t i = add_kit(app);
	struct app_kit *kit = &app->kits[i];
	const struct app_kit *above = &app->kits[parent];
	struct plan_kit *plan = &app->plan_kits[i];
	kit->name = *above->name ? xasprintf("%s:%s", above->name, dependency->key)
				 : xstrdup(dependency->key);
	plan->parent = parent;
	if (!check_pinned(app, kit->name, dependency->git, err))
		return false;
	if (!kit_source_open_dependency(&above->source, dependency->path, dependency->git,
					&kit->source, err) ||
	    !load_manifest(kit, err))
		return err_prefix(err, "dependency %s", kit->name);
	if (!check_chain(app, i, err))
		return false;
	plan->dependency = dependency;
	plan->manifest = kit->manifest;
	plan->name = kit->name;
	plan->identity = kit->identity;
	return plan_kit_bind(app->plan_kits, plan, err);
}

static void fill_root(struct app *app)
{
	const struct app_kit *kit = &app->kits[0];
	app->plan_kits[0] = (struct plan_kit){
		.manifest = kit->manifest,
		.name = kit->name,
		.identity = kit->identity,
		.options = app->options->options,
		.n_options = app->options->n_options,
		.mounts = app->mounts,
		.n_mounts = app->n_mounts,
	};
	plan_kit_own_secrets(&app->plan_kits[0]);
}

bool app_kits_load_dependencies(struct app *app, struct err *err)
{
	fill_root(app);
	for (size_t i = 0; i < app->n_kits; i++) {
		const struct manifest *manifest = app->kits[i].manifest;
		for (size_t d = 0; d < manifest->n_dependencies; d++)
			if (!load_dependency(app, i, &manifest->dependencies[d], err))
				return false;
	}
	return true;
}

static bool check_roots(const struct app_kit *kit, struct err *err)
{
	auto_fd int snapshot =
		path_open_absolute(kit->snapshot, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);
	if (snapshot < 0)
		return false;
	for (size_t i = 0; i < kit->manifest->n_workloads; i++) {
		const struct manifest_workload *workload = &kit->manifest->workloads[i];
		struct err missing;
		if (workload->import.dependency)
			continue;
		auto_fd int root = path_open_beneath(
			snapshot, workload->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, &missing);
		if (root < 0)
			return err_set(err, ERR_MISSING,
				       "workload %s: the Kit has no folder %s; make it, or name "
				       "another with `root:`",
				       workload->key, workload->root);
	}
	return true;
}

bool app_kits_snapshot(struct app *app, struct err *err)
{
	for (size_t i = 0; i < app->n_kits; i++) {
		struct app_kit *kit = &app->kits[i];
		if (!snapshot_take(kit->source.dir, app->state_dir, kit->identity,
				   kit->snapshot_digest, err))
			return err_prefix(err, "%s", kit->source.name);
		fd_close(&kit->source.lock);
		kit->snapshot =
			xasprintf("%s/snapshots/%s/tree", app->state_path, kit->snapshot_digest);
		app->plan_kits[i].snapshot = kit->snapshot;
		app->plan_kits[i].snapshot_digest = kit->snapshot_digest;
		if (!check_roots(kit, err))
			return i > 0 ? err_prefix(err, "dependency %s", kit->name) : false;
	}
	return true;
}

void app_kits_free(struct app *app)
{
	for (size_t i = 0; i < app->n_kits; i++) {
		struct app_kit *kit = &app->kits[i];
		if (i == 0)
			free(app->plan_kits[i].secrets); // the rest is the person's
		else
			plan_kit_free_bound(&app->plan_kits[i]);
		manifest_free(&kit->manifest);
		kit_source_close(&kit->source);
		free(kit->name);
		free(kit->identity);
		free(kit->snapshot);
	}
	free(app->kits);
	free(app->plan_kits);
	app->kits = NULL;
	app->plan_kits = NULL;
	app->n_kits = 0;
}
