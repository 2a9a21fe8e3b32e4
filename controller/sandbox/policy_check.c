// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Whether a policy makes sense, decided without looking at the machine. It is asked by the
 * controller before it shows or starts anything, and again by capakit-sandbox, which does not
 * trust what it is given: a path that is not in its plain form, or host user 0, ends there.
 */
#include "controller/sandbox/policy.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/sandbox/profile.h"

/* How many bytes follow this first byte of a character; -1: no character begins so. */
static int following(unsigned char first)
{
	return first < 0x80			? 0
	       : first >= 0xc2 && first <= 0xdf ? 1
	       : first >= 0xe0 && first <= 0xef ? 2
	       : first >= 0xf0 && first <= 0xf4 ? 3
						: -1;
}

/* Overlong forms, surrogates and what is beyond U+10FFFF (RFC 3629, section 4). */
static bool is_second(unsigned char first, unsigned char second)
{
	unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= least && second <= most;
}

/* JSON has no other texts, and what cannot be printed could not be shown. */
static bool is_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		int count = following(*at);
		if (count < 0 || (count > 0 && !is_second(at[0], at[1])))
			return false;
		for (int i = 2; i <= count; i++)
			if ((at[i] & 0xc0) != 0x80)
				return false;
		at += count + 1;
	}
	return true;
}

/* Absolute, no empty, `.` or `..` component, no slash at the end; "/" itself only if allowed. */
static bool is_plain_path(const char *path, bool root_too)
{
	if (path[0] != '/' || strlen(path) >= 4096)
		return false;
	if (path[1] == '\0')
		return root_too;
	for (const char *at = path; *at; at += 1 + strcspn(at + 1, "/")) {
		size_t len = strcspn(at + 1, "/");
		if (len == 0 || len > 255 || (len == 1 && at[1] == '.') ||
		    (len == 2 && at[1] == '.' && at[2] == '.'))
			return false;
	}
	return true;
}

static bool check_text(const char *what, const char *text, struct err *err)
{
	if (!text)
		return err_set(err, ERR_USAGE, "%s is missing", what);
	if (strlen(text) > POLICY_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "%s is longer than 128 KiB", what);
	if (!is_utf8(text))
		return err_set(err, ERR_USAGE, "%s is not valid UTF-8", what);
	return true;
}

static bool check_path(const char *what, const char *path, struct err *err)
{
	if (!check_text(what, path, err))
		return false;
	if (!is_plain_path(path, false))
		return err_set(err, ERR_USAGE,
			       "%s must be an absolute path without \".\", \"..\" or \"//\": %s",
			       what, path);
	return true;
}

/* The kernel reads these names out of an option list, so they may not contain its separators. */
static bool check_layer_names(const struct policy_mount *mount, struct err *err)
{
	const char *upper = strrchr(mount->upper, '/');
	const char *work = strrchr(mount->work, '/');
	size_t parent = (size_t)(upper - mount->upper);

	if ((size_t)(work - mount->work) != parent || parent == 0 ||
	    strncmp(mount->upper, mount->work, parent) != 0 || str_eq(upper, work))
		return err_set(err, ERR_USAGE,
			       "the overlay's work folder must be beside its upper folder: %s",
			       mount->work);
	if (strpbrk(upper, ",:\\") || strpbrk(work, ",:\\"))
		return err_set(
			err, ERR_USAGE,
			"an overlay's folder may not have \",\", \":\" or \"\\\" in its name: %s",
			mount->upper);
	return true;
}

static bool check_overlay(const struct policy_mount *mount, struct err *err)
{
	if (mount->n_lowers == 0 || mount->n_lowers > POLICY_LOWERS_MAX)
		return err_set(err, ERR_LIMIT, "an overlay has 1 to %d lower folders",
			       POLICY_LOWERS_MAX);
	for (size_t i = 0; i < mount->n_lowers; i++)
		if (!check_path("the overlay's lower folder", mount->lowers[i], err))
			return false;
	return check_path("the overlay's upper folder", mount->upper, err) &&
	       check_path("the overlay's work folder", mount->work, err) &&
	       check_layer_names(mount, err);
}

static bool check_content(const struct policy_mount *mount, struct err *err)
{
	if (!check_text("the content", mount->content, err))
		return false;
	if (mount->kind == POLICY_MOUNT_SYMLINK &&
	    (mount->content[0] == '\0' || strlen(mount->content) >= 4096))
		return err_set(err, ERR_USAGE, "a symlink points to 1 to 4095 bytes");
	return true;
}

static bool check_mount(const struct policy_mount *mount, struct err *err)
{
	if (!check_path("its target", mount->target, err) ||
	    !check_text("its reason", mount->reason, err) ||
	    !check_text("where it is from", mount->from, err))
		return false;
	switch (mount->kind) {
	case POLICY_MOUNT_BIND:
		return check_path("its source", mount->source, err);
	case POLICY_MOUNT_TMPFS:
		// tmpfs takes size 0 for "no limit"
		return mount->size > 0 || err_set(err, ERR_USAGE, "its size must not be 0");
	case POLICY_MOUNT_OVERLAY:
		return check_overlay(mount, err);
	case POLICY_MOUNT_FILE:
	case POLICY_MOUNT_SYMLINK:
		return check_content(mount, err);
	case POLICY_MOUNT_PROC:
	case POLICY_MOUNT_DEV:
	case POLICY_MOUNT_DIR:
		return true;
	}
	return err_set(err, ERR_USAGE, "its kind is unknown");
}

static bool check_mounts(const struct policy *policy, struct err *err)
{
	if (policy->n_mounts > POLICY_MOUNTS_MAX)
		return err_set(err, ERR_LIMIT, "a sandbox has at most %d mounts",
			       POLICY_MOUNTS_MAX);
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (!check_mount(&policy->mounts[i], err))
			return err_prefix(err, "mount %zu (%s)", i,
					  policy->mounts[i].target ? policy->mounts[i].target
								   : "no target");
	return true;
}

static bool check_env(const struct policy *policy, struct err *err)
{
	if (policy->n_env > POLICY_ENV_MAX)
		return err_set(err, ERR_LIMIT, "a sandbox has at most %d variables",
			       POLICY_ENV_MAX);
	for (size_t i = 0; i < policy->n_env; i++) {
		const struct policy_env *env = &policy->env[i];
		if (!check_text("a variable's name", env->name, err) ||
		    !check_text("a variable's value", env->value, err) ||
		    !check_text("a variable's reason", env->reason, err) ||
		    !check_text("where a variable is from", env->from, err))
			return false;
		if (env->name[0] == '\0' || strchr(env->name, '='))
			return err_set(err, ERR_USAGE, "this is no name of a variable: \"%s\"",
				       env->name);
	}
	return true;
}

static bool check_command(const struct policy *policy, struct err *err)
{
	if (policy->n_argv == 0 || policy->n_argv > POLICY_ARGS_MAX)
		return err_set(err, ERR_USAGE, "the command must have 1 to %d words",
			       POLICY_ARGS_MAX);
	for (size_t i = 0; i < policy->n_argv; i++)
		if (!check_text("a word of the command", policy->argv[i], err))
			return false;
	if (!check_text("where the command is from", policy->command_from, err))
		return false;
	if (policy->argv[0][0] == '\0')
		return err_set(err, ERR_USAGE, "the command is empty");
	if (!check_text("the working directory", policy->directory, err))
		return false;
	if (!is_plain_path(policy->directory, true))
		return err_set(err, ERR_USAGE, "the working directory must be absolute: %s",
			       policy->directory);
	return true;
}

static bool check_identity(const struct policy *policy, struct err *err)
{
	if (policy->uid == 0 || policy->gid == 0)
		return err_set(err, ERR_DENIED, "the workload may not be user or group 0 inside");
	if ((policy->host_uid == 0) != (policy->host_gid == 0))
		return err_set(err, ERR_DENIED,
			       "host_uid and host_gid go together, and neither may be 0 as root");
	if (policy->parent < 0)
		return err_set(err, ERR_USAGE, "parent is no process id");
	return true;
}

static bool check_network(const struct policy *policy, struct err *err)
{
	bool egress = policy->network == POLICY_NET_EGRESS;

	if (!check_text("the network's reason", policy->network_reason, err) ||
	    !check_text("where the network is from", policy->network_from, err))
		return false;
	if (egress && (policy->egress_port == 0 || policy->handoff_fd <= POLICY_FD))
		return err_set(err, ERR_USAGE,
			       "network egress needs egress_port and a handoff_fd above %d",
			       POLICY_FD);
	if (!egress && (policy->egress_port != 0 || policy->handoff_fd != -1))
		return err_set(err, ERR_USAGE,
			       "egress_port and handoff_fd are for network egress alone");
	return true;
}

static bool check_limits(const struct policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->n_limits; i++) {
		if (!check_text("a limit's reason", policy->limits[i].reason, err) ||
		    !check_text("where a limit is from", policy->limits[i].from, err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (policy->limits[k].resource == policy->limits[i].resource)
				return err_set(err, ERR_USAGE, "a limit is given twice");
	}
	return true;
}

static bool check_names(const struct policy *policy, struct err *err)
{
	if (!check_text("the host name", policy->hostname, err) ||
	    !check_text("the profile", policy->profile, err))
		return false;
	if (policy->hostname[0] == '\0' || strlen(policy->hostname) > 64)
		return err_set(err, ERR_USAGE, "the host name must have 1 to 64 bytes");
	if (!profile_find(policy->profile))
		return err_set(err, ERR_USAGE, "there is no profile \"%s\"", policy->profile);
	return true;
}

bool policy_check(const struct policy *policy, struct err *err)
{
	return check_names(policy, err) && check_identity(policy, err) &&
	       check_network(policy, err) && check_mounts(policy, err) && check_env(policy, err) &&
	       check_limits(policy, err) && check_command(policy, err);
}
