// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The policy of a sandbox as a value: making, filling and freeing it. It decides nothing and
 * touches nothing outside of memory, so that a plan can be made, compared and printed without
 * running anything.
 */
#include "controller/sandbox/policy.h"

#include "base/mem.h"
#include "controller/sandbox/profile.h"

struct policy *policy_new(void)
{
	struct policy *policy = xcalloc(1, sizeof(*policy));

	policy->hostname = xstrdup("capakit");
	policy->profile = xstrdup(PROFILE_DEFAULT);
	policy->uid = 1000;
	policy->gid = 1000;
	policy->network_reason = xstrdup("no network unless the policy says otherwise");
	policy->network_from = xstrdup("");
	policy->command_from = xstrdup("");
	policy->from = xstrdup("");
	policy->handoff_fd = -1;
	policy->directory = xstrdup("/");
	policy->umask = 022;
	return policy;
}

static void free_strings(char **strings, size_t count)
{
	for (size_t i = 0; strings && i < count; i++)
		free(strings[i]);
	free(strings);
}

static void free_mount(struct policy_mount *mount)
{
	free(mount->target);
	free(mount->reason);
	free(mount->from);
	free(mount->source);
	free_strings(mount->lowers, mount->n_lowers);
	free(mount->upper);
	free(mount->work);
	free(mount->content);
}

static void free_env(struct policy_env *env)
{
	free(env->name);
	free(env->value);
	free(env->reason);
	free(env->from);
}

static void free_limit(struct policy_limit *limit)
{
	free(limit->reason);
	free(limit->from);
}

void policy_free(struct policy **handle)
{
	struct policy *policy = take_ptr(handle);

	if (!policy)
		return;
	for (size_t i = 0; i < policy->n_mounts; i++)
		free_mount(&policy->mounts[i]);
	for (size_t i = 0; i < policy->n_env; i++)
		free_env(&policy->env[i]);
	for (size_t i = 0; i < policy->n_limits; i++)
		free_limit(&policy->limits[i]);
	free(policy->mounts);
	free(policy->env);
	free(policy->limits);
	free_strings(policy->argv, policy->n_argv);
	free(policy->hostname);
	free(policy->profile);
	free(policy->network_reason);
	free(policy->network_from);
	free(policy->command_from);
	free(policy->directory);
	free(policy->from);
	free(policy);
}

void policy_free_cleanup(struct policy **policy)
{
	policy_free(policy);
}

void policy_set(char **text, const char *value)
{
	char *copy = xstrdup(value);

	free(*text);
	*text = copy;
}

void policy_from(struct policy *policy, const char *from)
{
	policy_set(&policy->from, from);
}

static struct policy_mount *add_mount(struct policy *policy, enum policy_mount_kind kind,
				      const char *target, const char *reason)
{
	policy->mounts =
		xreallocarray(policy->mounts, policy->n_mounts + 1, sizeof(*policy->mounts));
	struct policy_mount *mount = &policy->mounts[policy->n_mounts++];

	*mount = (struct policy_mount){
		.kind = kind,
		.target = xstrdup(target),
		.reason = xstrdup(reason),
		.from = xstrdup(policy->from),
	};
	return mount;
}

void policy_add_bind(struct policy *policy, const char *source, const char *target, int flags,
		     const char *reason)
{
	struct policy_mount *mount = add_mount(policy, POLICY_MOUNT_BIND, target, reason);

	mount->source = xstrdup(source);
	mount->writable = flags & POLICY_WRITABLE;
	mount->executable = flags & POLICY_EXECUTABLE;
	mount->idmap_owner = flags & POLICY_IDMAP;
}

void policy_add_tmpfs(struct policy *policy, const char *target, uint64_t size, mode_t mode,
		      int flags, const char *reason)
{
	struct policy_mount *mount = add_mount(policy, POLICY_MOUNT_TMPFS, target, reason);

	mount->size = size;
	mount->mode = mode;
	mount->executable = flags & POLICY_EXECUTABLE;
}

void policy_add_proc(struct policy *policy, const char *target, bool processes_only,
		     const char *reason)
{
	add_mount(policy, POLICY_MOUNT_PROC, target, reason)->processes_only = processes_only;
}

void policy_add_dev(struct policy *policy, const char *target, const char *reason)
{
	add_mount(policy, POLICY_MOUNT_DEV, target, reason);
}

void policy_add_overlay(struct policy *policy, const char *target, const char *const *lowers,
			size_t n_lowers, const char *upper, const char *work, int flags,
			const char *reason)
{
	struct policy_mount *mount = add_mount(policy, POLICY_MOUNT_OVERLAY, target, reason);

	mount->lowers = xcalloc(n_lowers, sizeof(*mount->lowers));
	mount->n_lowers = n_lowers;
	for (size_t i = 0; i < n_lowers; i++)
		mount->lowers[i] = xstrdup(lowers[i]);
	mount->upper = xstrdup(upper);
	mount->work = xstrdup(work);
	mount->writable = flags & POLICY_WRITABLE;
	mount->executable = flags & POLICY_EXECUTABLE;
	mount->idmap_owner = flags & POLICY_IDMAP;
}

void policy_add_file(struct policy *policy, const char *target, const char *content,
		     const char *reason)
{
	add_mount(policy, POLICY_MOUNT_FILE, target, reason)->content = xstrdup(content);
}

void policy_add_symlink(struct policy *policy, const char *target, const char *to,
			const char *reason)
{
	add_mount(policy, POLICY_MOUNT_SYMLINK, target, reason)->content = xstrdup(to);
}

void policy_add_dir(struct policy *policy, const char *target, mode_t mode, const char *reason)
{
	add_mount(policy, POLICY_MOUNT_DIR, target, reason)->mode = mode;
}

void policy_set_env(struct policy *policy, const char *name, const char *value, const char *reason)
{
	for (size_t i = 0; i < policy->n_env; i++) {
		if (!str_eq(policy->env[i].name, name))
			continue;
		policy_set(&policy->env[i].value, value);
		policy_set(&policy->env[i].reason, reason);
		policy_set(&policy->env[i].from, policy->from);
		return;
	}
	policy->env = xreallocarray(policy->env, policy->n_env + 1, sizeof(*policy->env));
	policy->env[policy->n_env++] = (struct policy_env){
		.name = xstrdup(name),
		.value = xstrdup(value),
		.reason = xstrdup(reason),
		.from = xstrdup(policy->from),
	};
}

void policy_add_limit(struct policy *policy, enum policy_resource resource, uint64_t value,
		      const char *reason)
{
	policy->limits =
		xreallocarray(policy->limits, policy->n_limits + 1, sizeof(*policy->limits));
	policy->limits[policy->n_limits++] = (struct policy_limit){
		.resource = resource,
		.value = value,
		.reason = xstrdup(reason),
		.from = xstrdup(policy->from),
	};
}

void policy_set_limit(struct policy *policy, enum policy_resource resource, uint64_t value,
		      const char *reason)
{
	for (size_t i = 0; i < policy->n_limits; i++) {
		if (policy->limits[i].resource != resource)
			continue;
		policy->limits[i].value = value;
		policy_set(&policy->limits[i].reason, reason);
		policy_set(&policy->limits[i].from, policy->from);
		return;
	}
	policy_add_limit(policy, resource, value, reason);
}

void policy_add_arg(struct policy *policy, const char *arg)
{
	policy->argv = xreallocarray(policy->argv, policy->n_argv + 1, sizeof(*policy->argv));
	policy->argv[policy->n_argv++] = xstrdup(arg);
}

void policy_clear_args(struct policy *policy)
{
	free_strings(policy->argv, policy->n_argv);
	policy->argv = NULL;
	policy->n_argv = 0;
}
