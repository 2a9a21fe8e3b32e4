// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Policies as JSON, both ways from the same tables of members: what is printed is what is read.
 * Reading is strict, since a member that is misspelt or left out could otherwise mean a weaker
 * sandbox: every member of the table must be there, and no other.
 */
#include "controller/sandbox/policy.h"

#include <jansson.h>

#include "base/limits.h"
#include "base/mem.h"

enum member_type { TEXT, TEXTS, BOOL, SIZE, ID, PORT, MODE, ENUM, DESCRIPTOR };

struct member {
	const char *name;
	enum member_type type;
	size_t offset;
	size_t count_offset;	  // TEXTS
	size_t max;		  // TEXTS
	const char *const *names; // ENUM, NULL-terminated
	unsigned kinds;		  // of mounts that have this member; 0: all
};

static const char *const mount_kinds[] = {"bind", "tmpfs",   "proc", "dev", "overlay",
					  "file", "symlink", "dir",  NULL};
static const char *const networks[] = {"none", "loopback", "egress", NULL};
static const char *const resources[] = {"nofile", "nproc", "fsize", "memlock",
					"core",	  "stack", "data",  NULL};

#define KIND(name) (1u << POLICY_MOUNT_##name)
#define MOUNT(field) .offset = offsetof(struct policy_mount, field)
#define POLICY(field) .offset = offsetof(struct policy, field)

static const struct member mount_members[] = {
	{"kind", ENUM, MOUNT(kind), .names = mount_kinds},
	{"target", TEXT, MOUNT(target)},
	{"source", TEXT, MOUNT(source), .kinds = KIND(BIND)},
	{"writable", BOOL, MOUNT(writable), .kinds = KIND(BIND) | KIND(OVERLAY)},
	{"executable", BOOL, MOUNT(executable), .kinds = KIND(BIND) | KIND(TMPFS) | KIND(OVERLAY)},
	{"idmap_owner", BOOL, MOUNT(idmap_owner), .kinds = KIND(BIND) | KIND(OVERLAY)},
	{"processes_only", BOOL, MOUNT(processes_only), .kinds = KIND(PROC)},
	{"size", SIZE, MOUNT(size), .kinds = KIND(TMPFS)},
	{"mode", MODE, MOUNT(mode), .kinds = KIND(TMPFS) | KIND(DIR)},
	{"lowers", TEXTS, MOUNT(lowers), .count_offset = offsetof(struct policy_mount, n_lowers),
	 .max = POLICY_LOWERS_MAX, .kinds = KIND(OVERLAY)},
	{"upper", TEXT, MOUNT(upper), .kinds = KIND(OVERLAY)},
	{"work", TEXT, MOUNT(work), .kinds = KIND(OVERLAY)},
	{"content", TEXT, MOUNT(content), .kinds = KIND(FILE) | KIND(SYMLINK)},
	{"reason", TEXT, MOUNT(reason)},
	{"from", TEXT, MOUNT(from)},
};
static const struct member env_members[] = {
	{"name", TEXT, .offset = offsetof(struct policy_env, name)},
	{"value", TEXT, .offset = offsetof(struct policy_env, value)},
	{"reason", TEXT, .offset = offsetof(struct policy_env, reason)},
	{"from", TEXT, .offset = offsetof(struct policy_env, from)},
};
static const struct member limit_members[] = {
	{"resource", ENUM, .offset = offsetof(struct policy_limit, resource), .names = resources},
	{"value", SIZE, .offset = offsetof(struct policy_limit, value)},
	{"reason", TEXT, .offset = offsetof(struct policy_limit, reason)},
	{"from", TEXT, .offset = offsetof(struct policy_limit, from)},
};
static const struct member policy_members[] = {
	{"hostname", TEXT, POLICY(hostname)},
	{"profile", TEXT, POLICY(profile)},
	{"uid", ID, POLICY(uid)},
	{"gid", ID, POLICY(gid)},
	{"host_uid", ID, POLICY(host_uid)},
	{"host_gid", ID, POLICY(host_gid)},
	{"parent", ID, POLICY(parent)},
	{"network", ENUM, POLICY(network), .names = networks},
	{"network_reason", TEXT, POLICY(network_reason)},
	{"network_from", TEXT, POLICY(network_from)},
	{"egress_port", PORT, POLICY(egress_port)},
	{"handoff_fd", DESCRIPTOR, POLICY(handoff_fd)},
	{"directory", TEXT, POLICY(directory)},
	{"umask", MODE, POLICY(umask)},
	{"command", TEXTS, POLICY(argv), .count_offset = offsetof(struct policy, n_argv),
	 .max = POLICY_ARGS_MAX},
	{"command_from", TEXT, POLICY(command_from)},
};

/* The lists of objects: where their elements are and what members these have. */
struct list {
	const char *name;
	size_t offset;
	size_t count_offset;
	size_t element;
	size_t max;
	const struct member *members;
	size_t n_members;
};
static const struct list lists[] = {
	{"mounts", offsetof(struct policy, mounts), offsetof(struct policy, n_mounts),
	 sizeof(struct policy_mount), POLICY_MOUNTS_MAX, mount_members, array_len(mount_members)},
	{"environment", offsetof(struct policy, env), offsetof(struct policy, n_env),
	 sizeof(struct policy_env), POLICY_ENV_MAX, env_members, array_len(env_members)},
	{"limits", offsetof(struct policy, limits), offsetof(struct policy, n_limits),
	 sizeof(struct policy_limit), 16, limit_members, array_len(limit_members)},
};

/* A mount's kind is its first member, in the struct as in the table. */
static bool has_member(const struct member *member, const void *object)
{
	return !member->kinds || (member->kinds & 1u << *(const enum policy_mount_kind *)object);
}

static json_t *texts_to_json(const struct member *member, const char *object)
{
	json_t *array = json_array();
	char *const *texts = *(char **const *)(object + member->offset);
	size_t count = *(const size_t *)(object + member->count_offset);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(texts[i]));
	return array;
}

static json_t *mode_to_json(mode_t mode)
{
	auto_free char *text = xasprintf("%04o", (unsigned)mode);
	return json_string(text);
}

static json_t *member_to_json(const struct member *member, const char *object)
{
	const char *at = object + member->offset;

	switch (member->type) {
	case TEXT:
		return json_string(*(char *const *)at);
	case TEXTS:
		return texts_to_json(member, object);
	case BOOL:
		return json_boolean(*(const bool *)at);
	case SIZE:
		return json_integer((json_int_t) * (const uint64_t *)at);
	case ID:
		return json_integer(*(const uint32_t *)at);
	case PORT:
		return json_integer(*(const uint16_t *)at);
	case MODE:
		return mode_to_json(*(const mode_t *)at);
	case ENUM:
		return json_string(member->names[*(const unsigned *)at]);
	case DESCRIPTOR:
		return json_integer(*(const int *)at);
	}
	return NULL;
}

static void members_to_json(json_t *out, const struct member *members, size_t n_members,
			    const void *object)
{
	for (size_t i = 0; i < n_members; i++)
		if (has_member(&members[i], object))
			json_object_set_new(out, members[i].name,
					    member_to_json(&members[i], object));
}

static json_t *list_to_json(const struct list *list, const struct policy *policy)
{
	json_t *array = json_array();
	const char *elements = *(char *const *)((const char *)policy + list->offset);
	size_t count = *(const size_t *)((const char *)policy + list->count_offset);

	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();
		members_to_json(object, list->members, list->n_members,
				elements + i * list->element);
		json_array_append_new(array, object);
	}
	return array;
}

char *policy_to_json(const struct policy *policy, bool pretty)
{
	json_t *root = json_object();

	members_to_json(root, policy_members, array_len(policy_members), policy);
	for (size_t i = 0; i < array_len(lists); i++)
		json_object_set_new(root, lists[i].name, list_to_json(&lists[i], policy));
	char *text = json_dumps(root, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	json_decref(root);
	return text;
}

static bool wrong(const struct member *member, const char *wanted, struct err *err)
{
	return err_set(err, ERR_USAGE, "member \"%s\" must be %s", member->name, wanted);
}

static bool text_from_json(const struct member *member, const json_t *value, char **text,
			   struct err *err)
{
	if (!json_is_string(value) || json_string_length(value) > POLICY_TEXT_MAX)
		return wrong(member, "a text of at most 128 KiB", err);
	*text = xstrdup(json_string_value(value));
	return true;
}

static bool texts_from_json(const struct member *member, const json_t *value, char *object,
			    struct err *err)
{
	char ***texts = (char ***)(object + member->offset);
	size_t *count = (size_t *)(object + member->count_offset);

	if (!json_is_array(value) || json_array_size(value) > member->max)
		return err_set(err, ERR_USAGE, "member \"%s\" must be a list of at most %zu texts",
			       member->name, member->max);
	*texts = xcalloc(json_array_size(value) + 1, sizeof(**texts));
	for (; *count < json_array_size(value); ++*count)
		if (!text_from_json(member, json_array_get(value, *count), &(*texts)[*count], err))
			return false;
	return true;
}

static bool number_from_json(const struct member *member, const json_t *value, int64_t min,
			     int64_t max, int64_t *number, struct err *err)
{
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return err_set(err, ERR_USAGE,
			       "member \"%s\" must be a whole number from %lld to %lld",
			       member->name, (long long)min, (long long)max);
	*number = json_integer_value(value);
	return true;
}

static bool mode_from_json(const struct member *member, const json_t *value, mode_t *mode,
			   struct err *err)
{
	const char *digits = json_string_value(value);

	if (!digits || json_string_length(value) != 4)
		return wrong(member, "four octal digits", err);
	*mode = 0;
	for (size_t i = 0; i < 4; i++) {
		if (digits[i] < '0' || digits[i] > '7')
			return wrong(member, "four octal digits", err);
		*mode = *mode * 8 + (mode_t)(digits[i] - '0');
	}
	return true;
}

static bool enum_from_json(const struct member *member, const json_t *value, unsigned *number,
			   struct err *err)
{
	for (unsigned i = 0; member->names[i]; i++) {
		if (!str_eq(json_string_value(value), member->names[i]))
			continue;
		*number = i;
		return true;
	}
	return wrong(member, "one of the names that docs/sandbox.md lists", err);
}

static bool member_from_json(const struct member *member, const json_t *value, char *object,
			     struct err *err)
{
	char *at = object + member->offset;
	int64_t number = 0;

	switch (member->type) {
	case TEXT:
		return text_from_json(member, value, (char **)at, err);
	case TEXTS:
		return texts_from_json(member, value, object, err);
	case MODE:
		return mode_from_json(member, value, (mode_t *)at, err);
	case ENUM:
		return enum_from_json(member, value, (unsigned *)at, err);
	case BOOL:
		*(bool *)at = json_is_true(value);
		return json_is_boolean(value) || wrong(member, "true or false", err);
	case SIZE:
		if (!number_from_json(member, value, 0, INT64_MAX, &number, err))
			return false;
		*(uint64_t *)at = (uint64_t)number;
		return true;
	case ID:
		if (!number_from_json(member, value, 0, INT32_MAX, &number, err))
			return false;
		*(uint32_t *)at = (uint32_t)number;
		return true;
	case PORT:
		if (!number_from_json(member, value, 0, UINT16_MAX, &number, err))
			return false;
		*(uint16_t *)at = (uint16_t)number;
		return true;
	case DESCRIPTOR:
		if (!number_from_json(member, value, -1, INT32_MAX, &number, err))
			return false;
		*(int *)at = (int)number;
		return true;
	}
	return false;
}

/* Reads the members and counts them, so that the caller sees whether there were others. */
static bool members_from_json(const json_t *in, const struct member *members, size_t n_members,
			      void *object, size_t *seen, struct err *err)
{
	for (size_t i = 0; i < n_members; i++) {
		if (!has_member(&members[i], object))
			continue;
		const json_t *value = json_object_get(in, members[i].name);
		if (!value)
			return err_set(err, ERR_USAGE, "member \"%s\" is missing", members[i].name);
		if (!member_from_json(&members[i], value, object, err))
			return false;
		++*seen;
	}
	return true;
}

static bool element_from_json(const struct list *list, const json_t *in, void *object,
			      struct err *err)
{
	size_t seen = 0;

	if (!json_is_object(in))
		return err_set(err, ERR_USAGE, "it must be an object");
	if (!members_from_json(in, list->members, list->n_members, object, &seen, err))
		return false;
	if (seen != json_object_size(in))
		return err_set(err, ERR_USAGE, "it has members that it may not have");
	return true;
}

static bool list_from_json(const struct list *list, const json_t *in, struct policy *policy,
			   struct err *err)
{
	char **elements = (char **)((char *)policy + list->offset);
	size_t *count = (size_t *)((char *)policy + list->count_offset);

	if (!json_is_array(in) || json_array_size(in) > list->max)
		return err_set(err, ERR_USAGE, "\"%s\" must be a list of at most %zu", list->name,
			       list->max);
	*elements = xcalloc(json_array_size(in) + 1, list->element);
	while (*count < json_array_size(in)) {
		size_t index = (*count)++; // counted first: what is half read must be freed too
		if (!element_from_json(list, json_array_get(in, index),
				       *elements + index * list->element, err))
			return err_prefix(err, "%s[%zu]", list->name, index);
	}
	return true;
}

static bool policy_fill(struct policy *policy, const json_t *root, struct err *err)
{
	size_t seen = 0;

	if (!json_is_object(root))
		return err_set(err, ERR_USAGE, "it must be an object");
	if (!members_from_json(root, policy_members, array_len(policy_members), policy, &seen, err))
		return false;
	for (size_t i = 0; i < array_len(lists); i++, seen++)
		if (!list_from_json(&lists[i], json_object_get(root, lists[i].name), policy, err))
			return false;
	if (seen != json_object_size(root))
		return err_set(err, ERR_USAGE, "it has members that no policy has");
	return policy_check(policy, err);
}

struct policy *policy_from_json(const char *json, size_t len, struct err *err)
{
	json_error_t at;

	if (len > POLICY_BYTES_MAX) {
		err_set(err, ERR_LIMIT, "the policy is longer than 1 MiB");
		return NULL;
	}
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &at);
	if (!root) {
		err_set(err, ERR_USAGE, "the policy is no JSON: %s (line %d)", at.text, at.line);
		return NULL;
	}
	struct policy *policy = xcalloc(1, sizeof(*policy));
	bool good = policy_fill(policy, root, err);
	json_decref(root);
	if (!good) {
		err_prefix(err, "the policy is invalid");
		policy_free(&policy);
	}
	return policy;
}
