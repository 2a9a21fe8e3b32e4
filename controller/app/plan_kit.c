// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Bindings go from the Kit that was started downwards, one level at a time, so that a Kit deep in
 * the tree has what each Kit above it was given and passes on, and nothing else.
 */
#include "controller/app/plan_kit.h"

#include "base/mem.h"

static bool fail(const struct plan_kit *kit, struct err *err)
{
	return err_prefix(err, "dependency %s", kit->name);
}

static const struct manifest_binding *find_binding(const struct manifest_binding *bindings,
						   size_t count, const char *theirs)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(bindings[i].theirs, theirs))
			return &bindings[i];
	return NULL;
}

/* ---- options ---- */

static bool bind_option(const struct plan_kit *parent, struct plan_kit *kit,
			const struct manifest_setting *setting, struct err *err)
{
	const struct manifest_option *option = manifest_option(kit->manifest, setting->key);
	const char *value =
		setting->value ? setting->value : plan_option(parent, setting->from_option);
	if (!option)
		return err_set(err, ERR_USAGE, "its Kit %s has no option %s", kit->manifest->name,
			       setting->key);
	if (!manifest_option_accepts(option, value, err))
		return false;
	kit->options[kit->n_options++] = (struct plan_value){option->key, (char *)(uintptr_t)value};
	return true;
}

static bool bind_options(const struct plan_kit *parent, struct plan_kit *kit, struct err *err)
{
	const struct manifest_dependency *dependency = kit->dependency;
	kit->options = xcalloc(dependency->n_options + 1, sizeof(*kit->options));
	for (size_t i = 0; i < dependency->n_options; i++)
		if (!bind_option(parent, kit, &dependency->options[i], err))
			return false;
	for (size_t i = 0; i < kit->manifest->n_options; i++)
		if (!plan_option(kit, kit->manifest->options[i].key))
			return err_set(err, ERR_USAGE,
				       "its option %s has no value; set it under `options:` of the "
				       "dependency",
				       kit->manifest->options[i].key);
	return true;
}

/* ---- mounts ---- */

static bool bind_mount(const struct plan_kit *parent, struct plan_kit *kit,
		       const struct manifest_host_mount *mount, struct err *err)
{
	const struct manifest_binding *binding = find_binding(
		kit->dependency->mount_bindings, kit->dependency->n_mount_bindings, mount->key);
	if (!binding)
		return err_set(err, ERR_USAGE,
			       "its mount %s is not bound; name one of this Kit's under "
			       "`mount_bindings:` of the dependency",
			       mount->key);
	const struct manifest_host_mount *ours =
		manifest_host_mount(parent->manifest, binding->ours);
	if (ours && mount->access == ACCESS_READ_WRITE && ours->access == ACCESS_READ_ONLY)
		return err_set(err, ERR_DENIED,
			       "its mount %s is read_write, but %s, to which it is bound, is "
			       "read_only in the Kit above",
			       mount->key, binding->ours);
	kit->mounts[kit->n_mounts++] = (struct plan_value){
		mount->key, (char *)(uintptr_t)plan_mount(parent, binding->ours)};
	return true;
}

static bool bind_mounts(const struct plan_kit *parent, struct plan_kit *kit, struct err *err)
{
	const struct manifest *manifest = kit->manifest;
	const struct manifest_dependency *dependency = kit->dependency;
	for (size_t i = 0; i < dependency->n_mount_bindings; i++)
		if (!manifest_host_mount(manifest, dependency->mount_bindings[i].theirs))
			return err_set(err, ERR_USAGE, "its Kit %s has no mount %s", manifest->name,
				       dependency->mount_bindings[i].theirs);
	kit->mounts = xcalloc(manifest->n_host_mounts + 1, sizeof(*kit->mounts));
	for (size_t i = 0; i < manifest->n_host_mounts; i++)
		if (!bind_mount(parent, kit, &manifest->host_mounts[i], err))
			return false;
	return true;
}

/* ---- secrets ---- */

const struct plan_secret *plan_kit_secret(const struct plan_kit *kit, const char *key)
{
	for (size_t i = 0; i < kit->n_secrets; i++)
		if (str_eq(kit->secrets[i].key, key))
			return &kit->secrets[i];
	return NULL;
}

void plan_kit_own_secrets(struct plan_kit *kit)
{
	const struct manifest *manifest = kit->manifest;
	kit->secrets = xcalloc(manifest->n_secrets + 1, sizeof(*kit->secrets));
	for (size_t i = 0; i < manifest->n_secrets; i++)
		kit->secrets[kit->n_secrets++] = (struct plan_secret){
			.key = manifest->secrets[i].key,
			.kit_identity = kit->identity,
			.name = manifest->secrets[i].key,
		};
}

static bool bind_secret(const struct plan_kit *parent, struct plan_kit *kit,
			const struct manifest_secret *secret, struct err *err)
{
	const struct manifest_binding *binding = find_binding(
		kit->dependency->secret_bindings, kit->dependency->n_secret_bindings, secret->key);
	const struct plan_secret *ours = binding ? plan_kit_secret(parent, binding->ours) : NULL;
	if (!ours && secret->required)
		return err_set(err, ERR_USAGE,
			       "its secret %s is required and not bound; name one of this Kit's "
			       "under `secret_bindings:` of the dependency",
			       secret->key);
	if (ours)
		kit->secrets[kit->n_secrets++] =
			(struct plan_secret){secret->key, ours->kit_identity, ours->name};
	return true;
}

static bool bind_secrets(const struct plan_kit *parent, struct plan_kit *kit, struct err *err)
{
	const struct manifest *manifest = kit->manifest;
	const struct manifest_dependency *dependency = kit->dependency;
	for (size_t i = 0; i < dependency->n_secret_bindings; i++)
		if (!manifest_secret(manifest, dependency->secret_bindings[i].theirs))
			return err_set(err, ERR_USAGE, "its Kit %s has no secret %s",
				       manifest->name, dependency->secret_bindings[i].theirs);
	kit->secrets = xcalloc(manifest->n_secrets + 1, sizeof(*kit->secrets));
	for (size_t i = 0; i < manifest->n_secrets; i++)
		if (!bind_secret(parent, kit, &manifest->secrets[i], err))
			return false;
	return true;
}

bool plan_kit_bind(const struct plan_kit *kits, struct plan_kit *kit, struct err *err)
{
	const struct plan_kit *parent = &kits[kit->parent];
	if (bind_options(parent, kit, err) && bind_mounts(parent, kit, err) &&
	    bind_secrets(parent, kit, err))
		return true;
	return fail(kit, err);
}

void plan_kit_free_bound(struct plan_kit *kit)
{
	free(kit->options);
	free(kit->mounts);
	free(kit->secrets);
	kit->options = kit->mounts = NULL;
	kit->secrets = NULL;
}

/* ---- imports ---- */

static const struct plan_kit *child(const struct plan_inputs *inputs, const struct plan_kit *kit,
				    const char *dependency)
{
	size_t parent = (size_t)(kit - inputs->kits);
	for (size_t i = 1; i < inputs->n_kits; i++)
		if (inputs->kits[i].parent == parent &&
		    str_eq(inputs->kits[i].dependency->key, dependency))
			return &inputs->kits[i];
	return NULL;
}

static bool find_exposed(const struct manifest *manifest, const char *path, const char **workload,
			 const char **endpoint)
{
	for (size_t i = 0; i < manifest->n_exposes; i++)
		for (size_t r = 0; r < manifest->exposes[i].n_routes; r++)
			if (str_eq(manifest->exposes[i].routes[r].public_path, path)) {
				*workload = manifest->exposes[i].target;
				*endpoint = manifest->exposes[i].routes[r].endpoint;
				return true;
			}
	return false;
}

bool plan_kit_resolve(const struct plan_inputs *inputs, const struct plan_kit *kit, const char *key,
		      const char *endpoint, struct plan_target *target, struct err *err)
{
	const struct manifest_workload *workload = manifest_workload(kit->manifest, key);
	while (workload->import.dependency) {
		kit = child(inputs, kit, workload->import.dependency);
		if (!kit)
			return err_set(err, ERR_USAGE, "dependency %s was not loaded",
				       workload->import.dependency);
		if (!find_exposed(kit->manifest, workload->import.exposed_path, &key, &endpoint)) {
			err_set(err, ERR_USAGE,
				"its Kit %s exposes nothing at %s, which is imported as %s",
				kit->manifest->name, workload->import.exposed_path, workload->key);
			return fail(kit, err);
		}
		workload = manifest_workload(kit->manifest, key);
	}
	*target = (struct plan_target){kit, workload, manifest_endpoint(workload, endpoint)};
	return true;
}

/* ---- places ---- */

/* "" for the Kit that was started, else its folder and a slash. */
static char *folder_of(const struct plan_inputs *inputs, const struct plan_kit *kit)
{
	if (!kit->dependency)
		return xstrdup("");
	if (kit->dependency->git)
		return xasprintf("%s/", kit->dependency->git);
	auto_free char *above = folder_of(inputs, &inputs->kits[kit->parent]);
	return xasprintf("%s%s/", above, kit->dependency->path);
}

char *plan_kit_place(const struct plan_inputs *inputs, const struct plan_kit *kit,
		     struct location at)
{
	auto_free char *folder = folder_of(inputs, kit);

	return at.line ? xasprintf("%s" MANIFEST_FILE ":%u:%u", folder, at.line, at.column)
		       : xstrdup("");
}

size_t plan_kit_count_workloads(const struct plan_kit *kits, size_t n_kits)
{
	size_t count = 0;
	for (size_t k = 0; k < n_kits; k++)
		for (size_t w = 0; w < kits[k].manifest->n_workloads; w++)
			count += !kits[k].manifest->workloads[w].import.dependency;
	return count;
}
