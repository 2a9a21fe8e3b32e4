// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints a policy as a table; texts that come from a manifest are escaped. */
#include "controller/cli/policy_view.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

static void escaped(struct buf *out, const char *text)
{
	if (text)
		text_escape(out, text, strlen(text));
}

void policy_view_reason(struct buf *out, const char *text, const char *from)
{
	buf_append_str(out, "  # ");
	escaped(out, text);
	if (*from) {
		buf_append_str(out, *text ? " (" : "(");
		escaped(out, from);
		buf_append_str(out, ")");
	}
	buf_append_str(out, "\n");
}

static const char *access_text(const struct policy_mount *mount)
{
	return mount->kind == POLICY_MOUNT_TMPFS || mount->writable ? "writable" : "read-only";
}

static void view_access(struct buf *out, const struct policy_mount *mount)
{
	if (mount->kind == POLICY_MOUNT_DIR)
		buf_printf(out, "%04o      ", (unsigned)mount->mode);
	else
		buf_printf(out, "%-10s", access_text(mount));
}

static void view_mount(struct buf *out, const struct policy_mount *mount)
{
	static const char *const kinds[] = {
		[POLICY_MOUNT_BIND] = "bind",	    [POLICY_MOUNT_TMPFS] = "tmpfs",
		[POLICY_MOUNT_PROC] = "proc",	    [POLICY_MOUNT_DEV] = "dev",
		[POLICY_MOUNT_OVERLAY] = "overlay", [POLICY_MOUNT_FILE] = "file",
		[POLICY_MOUNT_SYMLINK] = "symlink", [POLICY_MOUNT_DIR] = "folder",
	};
	buf_printf(out, "    %-8s", kinds[mount->kind]);
	view_access(out, mount);
	escaped(out, mount->target);
	if (mount->kind == POLICY_MOUNT_BIND && !str_eq(mount->source, mount->target)) {
		buf_append_str(out, " from ");
		escaped(out, mount->source);
	}
	if (mount->kind == POLICY_MOUNT_TMPFS)
		buf_printf(out, " of %" PRIu64 " MiB", mount->size / MIB);
	for (size_t i = 0; i < mount->n_lowers; i++) {
		buf_append_str(out, " over ");
		escaped(out, mount->lowers[i]);
	}
	if (mount->kind == POLICY_MOUNT_SYMLINK) {
		buf_append_str(out, " -> ");
		escaped(out, mount->content);
	}
	policy_view_reason(out, mount->reason, mount->from);
}

static void view_env(struct buf *out, const struct policy_env *env)
{
	buf_append_str(out, "    ");
	escaped(out, env->name);
	buf_append_str(out, "=");
	escaped(out, env->value);
	policy_view_reason(out, env->reason, env->from);
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
	policy_view_reason(out, limit->reason, limit->from);
}

static void view_command(struct buf *out, const struct policy *policy)
{
	buf_append_str(out, "  command ");
	for (size_t i = 0; i < policy->n_argv; i++) {
		buf_append_str(out, i ? " " : "");
		escaped(out, policy->argv[i]);
	}
	policy_view_reason(out, "", policy->command_from);
	buf_append_str(out, "  folder  ");
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
	policy_view_reason(out, policy->network_reason, policy->network_from);
}

void policy_view(struct buf *out, const struct policy *policy)
{
	view_command(out, policy);
	if (policy->host_uid)
		buf_printf(out, "  user    %u inside, %u on the host\n", policy->uid,
			   policy->host_uid);
	else
		buf_printf(out, "  user    %u inside, the calling user on the host\n", policy->uid);
	view_network(out, policy);
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
