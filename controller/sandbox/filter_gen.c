// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs while capakit is built: compiles the tables of filter_rules.c with libseccomp and prints
 * the programs as C. Compiling them takes libseccomp 3 ms, more than the whole rest of a
 * sandbox's start. There are two programs, since conditions that refuse and a list of what is
 * allowed do not go into one: the kernel runs both, and the stricter answer counts. Both look at
 * the architecture first: a call by any other ABI of the machine ends the process.
 */
#include "controller/sandbox/filter_rules.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "confine/filter.h"

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "filter_gen: %s: error %d\n", what, -result);
	exit(1);
}

static scmp_filter_ctx new_program(uint32_t action)
{
	scmp_filter_ctx program = seccomp_init(action);

	if (!program)
		check(-ENOMEM, "seccomp_init");
	check(seccomp_attr_set(program, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "badarch");
	check(seccomp_attr_set(program, SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize");
	return program;
}

/* Calls that are newer than libseccomp may be; their numbers are the same everywhere. */
static int resolve_new(const char *name)
{
	return strcmp(name, "fchmodat2") == 0	     ? 452
	       : strcmp(name, "open_tree_attr") == 0 ? 467
						     : __NR_SCMP_ERROR;
}

/* Negative: this architecture has no such call. */
static int resolve(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		number = resolve_new(name);
	if (number == __NR_SCMP_ERROR)
		fprintf(stderr, "filter_gen: libseccomp does not know %s\n", name);
	return number;
}

static void add_names(scmp_filter_ctx program, uint32_t action, const char *const *names)
{
	for (; *names; names++) {
		int number = resolve(*names);
		if (number >= 0)
			check(seccomp_rule_add_exact(program, action, number, 0), *names);
	}
}

static uint32_t action_of(int error)
{
	return error ? SCMP_ACT_ERRNO((unsigned)error) : SCMP_ACT_ALLOW;
}

static struct scmp_arg_cmp compare(const struct filter_comparison *comparison)
{
	switch (comparison->how) {
	case FILTER_MASKED:
		return SCMP_CMP(comparison->argument, SCMP_CMP_MASKED_EQ, comparison->mask,
				comparison->value);
	case FILTER_ABOVE:
		return SCMP_CMP(comparison->argument, SCMP_CMP_GT, comparison->value);
	case FILTER_NOT:
	case FILTER_UNUSED:
		break;
	}
	return SCMP_CMP(comparison->argument, SCMP_CMP_NE, comparison->value);
}

static void add_condition(scmp_filter_ctx program, const struct filter_condition *condition)
{
	const struct filter_comparison *comparisons = condition->comparisons;
	struct scmp_arg_cmp compared[2] = {compare(&comparisons[0]), compare(&comparisons[1])};
	unsigned count = comparisons[1].how == FILTER_UNUSED ? 1 : 2;
	int number = resolve(condition->call);

	if (number >= 0)
		check(seccomp_rule_add_exact_array(program, action_of(condition->error), number,
						   count, compared),
		      condition->call);
}

static void print_instructions(int fd, const char *name)
{
	struct sock_filter one;

	printf("static const struct sock_filter %s[] = {\n", name);
	while (read(fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
		printf("\t{0x%04x, %u, %u, 0x%08x},\n", one.code, one.jt, one.jf, one.k);
	printf("};\n\n");
}

static int new_file(const char *name)
{
	int fd = memfd_create(name, 0);

	check(fd, "memfd_create");
	return fd;
}

static void print_file(int fd, const char *name)
{
	check((int)lseek(fd, 0, SEEK_SET), "lseek");
	print_instructions(fd, name);
	close(fd);
}

static void print(scmp_filter_ctx program, const char *name)
{
	int fd = new_file(name);

	check(seccomp_export_bpf(program, fd), name);
	print_file(fd, name);
	seccomp_release(program);
}

static void add_groups(scmp_filter_ctx program, int others, const struct filter_group *group)
{
	for (; group->names; group++)
		if (group->error != others)
			add_names(program, action_of(group->error), group->names);
}

static void print_calls(const struct filter_profile *profile)
{
	scmp_filter_ctx program = new_program(action_of(profile->others));
	char name[64];

	for (size_t i = 0; profile->lists[i]; i++)
		add_groups(program, profile->others, profile->lists[i]);
	for (size_t i = 0; profile->others && i < filter_n_conditions; i++)
		if (filter_conditions[i].error == 0)
			add_condition(program, &filter_conditions[i]);
	snprintf(name, sizeof(name), "filter_of_calls_%s", profile->name);
	print(program, name);
}

static void print_table(void)
{
	printf("static const struct {\n\tconst char *profile;\n\tconst struct sock_filter "
	       "*program;\n\tsize_t count;\n} filters_of_calls[] = {\n");
	for (size_t i = 0; i < filter_n_profiles; i++)
		printf("\t{\"%s\", filter_of_calls_%s, array_len(filter_of_calls_%s)},\n",
		       filter_profiles[i].name, filter_profiles[i].name, filter_profiles[i].name);
	printf("};\n\n");
}

/* The launcher is one of our own processes: its calls are in the table of those. */
static void print_launcher(void)
{
	struct err err;
	int fd = new_file("launcher");

	if (!confine_filter_export(&confine_table[CONFINE_LAUNCHER], fd, &err)) {
		fprintf(stderr, "filter_gen: %s\n", err.text);
		exit(1);
	}
	print_file(fd, "filter_of_launcher");
}

static void print_conditions(enum filter_network network, const char *name)
{
	scmp_filter_ctx program = new_program(SCMP_ACT_ALLOW);

	for (size_t i = 0; i < filter_n_conditions; i++)
		if (filter_conditions[i].error != 0 &&
		    (filter_conditions[i].when == FILTER_ALWAYS ||
		     filter_conditions[i].when == network))
			add_condition(program, &filter_conditions[i]);
	print(program, name);
}

int main(void)
{
	printf("// Made by filter_gen.c from filter_rules.c.\n");
	for (size_t i = 0; i < filter_n_profiles; i++)
		print_calls(&filter_profiles[i]);
	print_table();
	print_launcher();
	print_conditions(FILTER_NET_NONE, "filter_of_arguments_none");
	print_conditions(FILTER_NET_INET, "filter_of_arguments_inet");
	return 0;
}
