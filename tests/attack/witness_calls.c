// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness.h"

#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS_MAX = 600, ARGUMENTS = 4 };

/* The kernel's own return from probes: it asks no filter about them, and kills who makes them. */
#ifdef __x86_64__
enum { PROBES_FIRST = 335, PROBES_LAST = 336 };
#else
enum { PROBES_FIRST = CALLS_MAX, PROBES_LAST = CALLS_MAX };
#endif

/* 0: the call was made, so nobody marked it. */
static int verdict(long number, const uint64_t *arguments)
{
	errno = 0;
	syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], 0L, WITNESS_MARK);
	return errno;
}

/* By name; what libseccomp does not know by its number. */
static json_t *all_calls(void)
{
	static const uint64_t none[ARGUMENTS];
	json_t *all = json_object();

	for (int number = 0; number < CALLS_MAX; number++) {
		if (number >= PROBES_FIRST && number <= PROBES_LAST)
			continue;
		char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
		char name[32];
		snprintf(name, sizeof(name), "%d", number);
		json_object_set_new(all, known ? known : name, json_integer(verdict(number, none)));
		free(known);
	}
	return all;
}

/* CALL ARGUMENT...; null: this machine has no such call. */
static void add_query(json_t *list, char *line)
{
	uint64_t arguments[ARGUMENTS] = {0};
	char name[64] = "";
	int used = 0;

	sscanf(line, "%63s%n", name, &used);
	line += used;
	for (size_t i = 0; i < ARGUMENTS && sscanf(line, "%lu%n", &arguments[i], &used) == 1; i++)
		line += used;
	int number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_NATIVE, name);
	json_array_append_new(list,
			      number < 0 ? json_null() : json_integer(verdict(number, arguments)));
}

/* The signal that ended a child that made a call by another ABI; 0: none. */
static json_t *foreign(void (*call)(void))
{
	const struct rlimit no_core = {0};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		call();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return json_integer(WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

#ifdef __x86_64__
static void by_int80(void)
{
	long result = 20; // getpid there

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
}

static void by_x32(void)
{
	syscall(0x40000000 | SYS_getpid);
}
#endif

void witness_add_calls(json_t *report)
{
	static const uint64_t none[ARGUMENTS];
	json_t *queries = json_array();

	if (verdict(SYS_getpid, none) != WITNESS_MARKED) // the calls would be made
		witness_fail("nobody marks calls here; start with `mark`");
	json_object_set_new(report, "calls", all_calls());
	witness_each_line("queries", add_query, queries);
	json_object_set_new(report, "queries", queries);
#ifdef __x86_64__
	json_object_set_new(
		report, "foreign",
		json_pack("{s:o, s:o}", "int80", foreign(by_int80), "x32", foreign(by_x32)));
#else
	json_object_set_new(report, "foreign", json_object());
	(void)foreign;
#endif
}
