// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Prints a policy for the tests and benchmarks of the sandbox: the standard root and what the
 * arguments add, in their order:
 *   --profile NAME                           --directory PATH   --host UID
 *   --network none|loopback|egress PORT FD
 *   --bind SOURCE TARGET r|w|x|i...          --overlay TARGET UPPER WORK LOWER
 *   --dir TARGET                             --env NAME VALUE
 *   --nproc N   --nofile N   --tmpfs TARGET BYTES   -- COMMAND...
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "controller/sandbox/policy.h"

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "policy: %s\n", what);
	exit(2);
}

static uint64_t number(const char *text)
{
	uint64_t value;

	if (!num_parse_u64(text, strlen(text), INT64_MAX, &value))
		fail(text);
	return value;
}

static int flags(const char *letters)
{
	return (strchr(letters, 'w') ? POLICY_WRITABLE : 0) |
	       (strchr(letters, 'x') ? POLICY_EXECUTABLE : 0) |
	       (strchr(letters, 'i') ? POLICY_IDMAP : 0);
}

static void add_network(struct policy *policy, char **args)
{
	policy->network = str_eq(args[0], "none")	? POLICY_NET_NONE
			  : str_eq(args[0], "loopback") ? POLICY_NET_LOOPBACK
							: POLICY_NET_EGRESS;
	if (policy->network != POLICY_NET_EGRESS)
		return;
	policy->egress_port = (uint16_t)number(args[1]);
	policy->handoff_fd = (int)number(args[2]);
}

static void add_host(struct policy *policy, char **args)
{
	policy->host_uid = (uid_t)number(args[0]);
	policy->host_gid = (gid_t)number(args[0]);
}

static void add_bind(struct policy *policy, char **args)
{
	policy_add_bind(policy, args[0], args[1], flags(args[2]), "test");
}

static void add_overlay(struct policy *policy, char **args)
{
	const char *lowers[] = {args[3]};

	policy_add_overlay(policy, args[0], lowers, 1, args[1], args[2],
			   POLICY_EXECUTABLE | POLICY_IDMAP | POLICY_WRITABLE, "test");
}

static void add_dir(struct policy *policy, char **args)
{
	policy_add_dir(policy, args[0], 0755, "test");
}

static void add_env(struct policy *policy, char **args)
{
	policy_set_env(policy, args[0], args[1], "test");
}

static void add_tmpfs(struct policy *policy, char **args)
{
	policy_add_tmpfs(policy, args[0], number(args[1]), 01777, POLICY_EXECUTABLE, "test");
}

static void set_profile(struct policy *policy, char **args)
{
	policy_set(&policy->profile, args[0]);
}

static void set_directory(struct policy *policy, char **args)
{
	policy_set(&policy->directory, args[0]);
}

static void set_limit(struct policy *policy, enum policy_resource resource, const char *value)
{
	for (size_t i = 0; i < policy->n_limits; i++)
		if (policy->limits[i].resource == resource)
			policy->limits[i].value = number(value);
}

static void set_nproc(struct policy *policy, char **args)
{
	set_limit(policy, POLICY_LIMIT_NPROC, args[0]);
}

static void set_nofile(struct policy *policy, char **args)
{
	set_limit(policy, POLICY_LIMIT_NOFILE, args[0]);
}

static const struct {
	const char *name;
	int n_args;
	void (*apply)(struct policy *policy, char **args);
} options[] = {
	{"--network", 3, add_network}, {"--host", 1, add_host},
	{"--bind", 3, add_bind},       {"--overlay", 4, add_overlay},
	{"--dir", 1, add_dir},	       {"--env", 2, add_env},
	{"--tmpfs", 2, add_tmpfs},     {"--directory", 1, set_directory},
	{"--profile", 1, set_profile}, {"--nproc", 1, set_nproc},
	{"--nofile", 1, set_nofile},
};

/* Applies the option at args[0]; returns how many arguments it took. */
static int apply(struct policy *policy, char **args, int n_args)
{
	for (size_t i = 0; i < array_len(options); i++) {
		if (!str_eq(args[0], options[i].name))
			continue;
		if (n_args <= options[i].n_args)
			fail("too few arguments");
		options[i].apply(policy, args + 1);
		return 1 + options[i].n_args;
	}
	fail(args[0]);
}

/* Before all else, since the root depends on it. */
static void choose_profile(struct policy *policy, char **args)
{
	for (; args[0] && args[1] && !str_eq(args[0], "--"); args++)
		if (str_eq(args[0], "--profile"))
			set_profile(policy, args + 1);
}

int main(int argc, char **argv)
{
	auto_policy struct policy *policy = policy_new();
	struct err err = {0};
	int at = 1;

	choose_profile(policy, argv + 1);
	if (!policy_add_standard_root(policy, &err))
		fail(err.text);
	while (at < argc && !str_eq(argv[at], "--"))
		at += apply(policy, argv + at, argc - at);
	while (++at < argc)
		policy_add_arg(policy, argv[at]);
	if (!policy_check(policy, &err))
		fail(err.text);
	auto_free char *text = policy_to_json(policy, true);
	puts(text);
	return 0;
}
