// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints a policy as a table; texts that come from a manifest are escaped. */
#include "controller/cli/policy_view.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "controller/cli/filter_view.h"
#include "controller/sandbox/profile.h"

static void escaped(struct buf *out, const char *text)
{
	if (text)
		text_escape(out, text, strlen(text));
}

static void reason(struct buf *out, const char *text)
{
	buf_append_str(out, "  # ");
	escaped(out, text);
	buf_append_str(out, "\n");
}

static const char *access_text(const struct policy_mount *mount)
{
	return mount->kind == POLICY_MOUNT_TMPFS || mount->writable ? "writable" : "read-only";
}

static void view_mount(struct buf *out, const struct policy_mount *mount)
{
	static const char *const kinds[] = {
		[POLICY_MOUNT_BIND] = "bind",	    [POLICY_MOUNT_TMPFS] = "tmpfs",
		[POLICY_MOUNT_PROC] = "proc",	    [POLICY_MOUNT_DEV] = "dev",
		[POLICY_MOUNT_OVERLAY] = "overlay", [POLICY_MOUNT_FILE] = "file",
		[POLICY_MOUNT_SYMLINK] = "symlink", [POLICY_MOUNT_DIR] = "folder",
	};
	buf_printf(out, "    %-8s%-10s", kinds[mount->kind], access_text(mount));
	escaped(out, mount->target);
	if (mount->kind == POLICY_MOUNT_BIND && !str_eq(mount->source, mount->target)) {
		buf_append_str(out, " from ");
		escaped(out, mount->source);
	}
	for (size_t i = 0; i < mount->n_lowers; i++) {
		buf_append_str(out, " over ");
		escaped(out, mount->lowers[i]);
	}
	if (mount->kind == POLICY_MOUNT_SYMLINK) {
		buf_append_str(out, " -> ");
		escaped(out, mount->content);
	}
	reason(out, mount->reason);
}

static void view_env(struct buf *out, const struct policy_env *env)
{
	buf_append_str(out, "    ");
	escaped(out, env->name);
	buf_append_str(out, "=");
	escaped(out, env->value);
	reason(out, env->reason);
}

static void view_limit(struct buf *out, const struct policy_limit *limit)
{
	static const char *const names[] = {
		[POLICY_LIMIT_NOFILE] = "nofile", [POLICY_LIMIT_NPROC] = "nproc",
		[POLICY_LIMIT_FSIZE] = "fsize",	  [POLICY_LIMIT_MEMLOCK] = "memlock",
		[POLICY_LIMIT_CORE] = "core",	  [POLICY_LIMIT_STACK] = "stack",
		[POLICY_LIMIT_DATA] = "data",
	};
	buf_printf(out, "    %-8s%" PRIu64, names[limit->resource], limit->value);
	reason(out, limit->reason);
}

static void view_command(struct buf *out, const struct policy *policy)
{
	buf_append_str(out, "  command ");
	for (size_t i = 0; i < policy->n_argv; i++) {
		buf_append_str(out, i ? " " : "");
		escaped(out, policy->argv[i]);
	}
	buf_append_str(out, "\n  folder  ");
	escaped(out, policy->directory);
	buf_append_str(out, "\n");
}

static void view_network(struct buf *out, const struct policy *policy)
{
	static const char *const names[] = {
		[POLICY_NET_NONE] = "none",
		[POLICY_NET_LOOPBACK] = "loopback of its own",
		[POLICY_NET_EGRESS] = "HTTP and HTTPS through the egress sidecar",
	};
	buf_printf(out, "  network %s", names[policy->network]);
	reason(out, policy->network_reason);
}

static void view_resource(struct buf *out, enum plan_resource resource,
			  const struct plan_limit *limit)
{
	char value[PLAN_AMOUNT_MAX];
	plan_amount_text(resource, limit->value, value);
	buf_printf(out, "    %-10s%s", plan_resource_name(resource), value);
	if (limit->value)
		buf_printf(out, ", held by %s", plan_holder_name(limit->holder));
	if (limit->weaker)
		buf_printf(out, " (weaker: %s)", limit->weaker);
	reason(out, limit->named ? "the manifest's `resources`" : "default");
}

void policy_view_resources(struct buf *out, const struct plan_resources *resources)
{
	buf_append_str(out, "  resources of the whole sandbox\n");
	for (enum plan_resource i = 0; i < PLAN_RESOURCES; i++)
		view_resource(out, i, &resources->limits[i]);
}

char *policy_resources_json(const struct plan_resources *resources)
{
	json_t *list = json_array();
	for (enum plan_resource i = 0; i < PLAN_RESOURCES; i++) {
		const struct plan_limit *limit = &resources->limits[i];
		json_t *value = limit->value ? json_integer((json_int_t)limit->value) : json_null();
		json_t *object =
			json_pack("{s:s, s:o, s:s, s:b, s:s?}", "resource", plan_resource_name(i),
				  "value", value, "holder", plan_holder_name(limit->holder),
				  "named", limit->named, "weaker", limit->weaker);
		(void)json_array_append_new(list, object);
	}
	char *text = json_dumps(list, 0);
	json_decref(list);
	return text;
}

void policy_view(struct buf *out, const struct policy *policy)
{
	view_command(out, policy);
	if (policy->host_uid)
		buf_printf(out, "  user    %u inside, %u on the host\n", policy->uid,
			   policy->host_uid);
	else
		buf_printf(out, "  user    %u inside, the calling user on the host\n", policy->uid);
	const struct profile *profile = profile_find(policy->profile);
	buf_printf(out, "  profile %s", policy->profile);
	reason(out, profile ? profile->meaning : "");
	view_network(out, policy);
	filter_view(out, policy);
	buf_append_str(out, "  mounts, in this order\n");
	for (size_t i = 0; i < policy->n_mounts; i++)
		view_mount(out, &policy->mounts[i]);
	buf_append_str(out, "  environment\n");
	for (size_t i = 0; i < policy->n_env; i++)
		view_env(out, &policy->env[i]);
	buf_append_str(out, "  limits\n");
	for (size_t i = 0; i < policy->n_limits; i++)
		view_limit(out, &policy->limits[i]);
}
