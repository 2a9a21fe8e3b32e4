// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs the compiled filter programs as the kernel would, for calls by each ABI of the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "controller/sandbox/filter_programs.h"

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000
#define FOREIGN AUDIT_ARCH_I386
#else
#define NATIVE AUDIT_ARCH_AARCH64
#define FOREIGN AUDIT_ARCH_ARM
#endif

#define ERROR(number) (SECCOMP_RET_ERRNO | (number))

static bool jumps(const struct sock_filter *at, uint32_t value)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return value == at->k;
	case BPF_JGT:
		return value > at->k;
	case BPF_JGE:
		return value >= at->k;
	case BPF_JSET:
		return value & at->k;
	}
	fail_msg("a jump that this test does not know: %#x", at->code);
	return false;
}

/* Of classic BPF what libseccomp makes use of (Documentation/networking/filter.rst). */
static uint32_t run(const struct sock_filter *program, size_t count,
		    const struct seccomp_data *data)
{
	uint32_t value = 0;

	for (size_t at = 0; at < count; at++) {
		const struct sock_filter *now = &program[at];
		if (now->code == (BPF_LD | BPF_W | BPF_ABS)) {
			assert_in_range(now->k, 0, sizeof(*data) - 4);
			memcpy(&value, (const char *)data + now->k, 4);
		} else if (now->code == (BPF_ALU | BPF_AND | BPF_K)) {
			value &= now->k;
		} else if (now->code == (BPF_JMP | BPF_JA)) {
			at += now->k;
		} else if (BPF_CLASS(now->code) == BPF_JMP) {
			at += jumps(now, value) ? now->jt : now->jf;
		} else if (now->code == (BPF_RET | BPF_K)) {
			return now->k;
		} else {
			fail_msg("an instruction that this test does not know: %#x", now->code);
		}
	}
	fail_msg("the program has no end");
	return 0;
}

struct call {
	uint32_t arch;
	long number;
	uint64_t args[3];
};

#define RUN(program, ...) run_call(program, array_len(program), (struct call){__VA_ARGS__})
static uint32_t run_call(const struct sock_filter *program, size_t count, struct call call)
{
	struct seccomp_data data = {.nr = (int)call.number, .arch = call.arch};

	for (size_t i = 0; i < array_len(call.args); i++)
		data.args[i] = call.args[i];
	return run(program, count, &data);
}

static uint32_t calls_of(const char *profile, long number)
{
	for (size_t i = 0; i < array_len(filters_of_calls); i++)
		if (str_eq(filters_of_calls[i].profile, profile))
			return run_call(filters_of_calls[i].program, filters_of_calls[i].count,
					(struct call){NATIVE, number, {0}});
	fail_msg("no such profile");
	return 0;
}

static void expect_killed(const struct sock_filter *program, size_t count)
{
	for (long number = 0; number < 600; number++) {
		assert_int_equal(run_call(program, count, (struct call){FOREIGN, number, {0}}),
				 SECCOMP_RET_KILL_PROCESS);
#ifdef X32_BIT
		assert_int_equal(
			run_call(program, count, (struct call){NATIVE, X32_BIT | number, {0}}),
			SECCOMP_RET_KILL_PROCESS);
#endif
	}
}

static void every_program_kills_foreign_abis(void **state)
{
	for (size_t i = 0; i < array_len(filters_of_calls); i++)
		expect_killed(filters_of_calls[i].program, filters_of_calls[i].count);
	expect_killed(filter_of_launcher, array_len(filter_of_launcher));
	expect_killed(filter_of_arguments_none, array_len(filter_of_arguments_none));
	expect_killed(filter_of_arguments_inet, array_len(filter_of_arguments_inet));
}

static void calls_by_profile(void **state)
{
	const struct {
		long number;
		uint32_t standard, strict, minimal;
	} cases[] = {
		{SYS_read, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW},
		{SYS_shmget, SECCOMP_RET_ALLOW, ERROR(ENOSYS), SECCOMP_RET_ALLOW},
		{SYS_ptrace, ERROR(EPERM), ERROR(EPERM), SECCOMP_RET_ALLOW},
		{SYS_io_uring_setup, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_io_uring_enter, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_io_uring_register, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_bpf, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_mount, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_move_mount, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_fsopen, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_unshare, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_setns, ERROR(EPERM), ERROR(EPERM), ERROR(EPERM)},
		{SYS_clone3, ERROR(ENOSYS), ERROR(ENOSYS), ERROR(ENOSYS)},
		{SYS_openat2, ERROR(ENOSYS), ERROR(ENOSYS), ERROR(ENOSYS)},
		{452 /* fchmodat2 */, ERROR(ENOSYS), ERROR(ENOSYS), ERROR(ENOSYS)},
		{5000, ERROR(ENOSYS), ERROR(ENOSYS), SECCOMP_RET_ALLOW},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		assert_int_equal(calls_of("standard", cases[i].number), cases[i].standard);
		assert_int_equal(calls_of("strict", cases[i].number), cases[i].strict);
		assert_int_equal(calls_of("minimal", cases[i].number), cases[i].minimal);
	}
}

/* Junk in the bits that the kernel does not look at changes nothing. */
static void arguments(void **state)
{
	const uint64_t junk = 0x5a5a5a5a00000000;

	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_ioctl, {0, TIOCSTI}),
			 ERROR(EPERM));
	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_ioctl, {0, junk | TIOCSTI}),
			 ERROR(EPERM));
	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_ioctl, {0, TIOCGWINSZ}),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_clone, {CLONE_NEWUSER}),
			 ERROR(EPERM));
	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_clone, {CLONE_VM}),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_fchmod, {3, 04755}),
			 ERROR(EPERM));
}

static void sockets_by_network(void **state)
{
	assert_int_equal(RUN(filter_of_arguments_none, NATIVE, SYS_socket, {AF_UNIX}),
			 SECCOMP_RET_ALLOW);
	for (uint64_t family = 2; family < 64; family++)
		assert_int_equal(
			RUN(filter_of_arguments_none, NATIVE, SYS_socket, {family, SOCK_STREAM}),
			ERROR(EAFNOSUPPORT));
	assert_int_equal(RUN(filter_of_arguments_inet, NATIVE, SYS_socket, {AF_INET, SOCK_STREAM}),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(RUN(filter_of_arguments_inet, NATIVE, SYS_socket, {AF_INET, SOCK_RAW}),
			 ERROR(EPROTONOSUPPORT));
	assert_int_equal(RUN(filter_of_arguments_inet, NATIVE, SYS_socket, {AF_NETLINK, SOCK_RAW}),
			 ERROR(EAFNOSUPPORT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_program_kills_foreign_abis),
		cmocka_unit_test(calls_by_profile),
		cmocka_unit_test(arguments),
		cmocka_unit_test(sockets_by_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
