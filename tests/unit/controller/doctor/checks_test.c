// SPDX-License-Identifier: GPL-3.0-or-later
// Each fact that is wrong is seen, by the check that is about it, with advice; and no advice turns
// a protection off.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/doctor/checks.h"

static char release[] = "6.1.0", program_dir[] = "/opt/capakit/bin", bun[] = "/opt/bun",
	    registry[] = "packages.example", refused[] = "refused, it said";

static const struct cgroup_support no_cgroups = {.why_not = "none are delegated",
						 .fix = "systemd-run"};

static struct facts fine(void)
{
	return (struct facts){
		.program_dir = program_dir,
		.kernel_release = release,
		.kernel_major = 6,
		.kernel_minor = 1,
		.landlock = 6,
		.seccomp = true,
		.aes = true,
		.max_user_namespaces = 1000,
		.userns_clone = -1,
		.apparmor_userns = -1,
		.ptrace_scope = 1,
		.memlock = 2 * MIB,
		.cgroups = {.version = {CGROUP_V1, CGROUP_V1, CGROUP_V1, CGROUP_V2}},
		.toolchain = bun,
		.registry = registry,
		.sandbox = {.tried = true},
		.overlay = {.tried = true},
		.idmap = {.tried = true},
	};
}

static const struct check *find(const struct checks *checks, const char *name)
{
	for (size_t i = 0; i < checks->n; i++)
		if (str_eq(checks->list[i].name, name))
			return &checks->list[i];
	fail_msg("no check is called %s", name);
	return NULL;
}

/* That check has that state, all others are ok, and its advice has those words. */
static void expect(const struct facts *facts, const char *name, enum check_state state,
		   const char *advice)
{
	struct checks checks;

	checks_make(facts, &checks);
	const struct check *check = find(&checks, name);
	assert_int_equal(check->state, state);
	assert_non_null(check->fix);
	assert_non_null(strstr(check->fix, advice));
	for (size_t i = 0; i < checks.n; i++)
		if (&checks.list[i] != check)
			assert_int_equal(checks.list[i].state, CHECK_OK);
	assert_int_equal(checks_usable(&checks), state != CHECK_MISSING);
	checks_free(&checks);
}

static void test_all_is_fine(void **state)
{
	struct facts facts = fine();
	struct checks checks;

	for (int root = 0; root < 2; root++) {
		facts.root = root;
		checks_make(&facts, &checks);
		assert_true(checks_usable(&checks));
		for (size_t i = 0; i < checks.n; i++) {
			assert_int_equal(checks.list[i].state, CHECK_OK);
			assert_non_null(checks.list[i].finding);
			assert_null(checks.list[i].fix);
		}
		checks_free(&checks);
	}
}

#define LACKS(member, value, name, state, advice)                                                  \
	do {                                                                                       \
		struct facts facts = fine();                                                       \
		facts.member = value;                                                              \
		expect(&facts, name, state, advice);                                               \
	} while (0)

static void test_the_kernel_lacks(void **state)
{
	LACKS(kernel_minor, 0, "kernel", CHECK_MISSING, "6.1");
	LACKS(kernel_major, 5, "kernel", CHECK_MISSING, "6.1");
	LACKS(kernel_major, -1, "kernel", CHECK_MISSING, "6.1");
	LACKS(landlock, 0, "landlock", CHECK_MISSING, "lsm=");
	LACKS(landlock, 3, "landlock", CHECK_WEAK, "6.12");
	LACKS(seccomp, false, "seccomp", CHECK_MISSING, "CONFIG_SECCOMP_FILTER");
	LACKS(cgroups, no_cgroups, "cgroups", CHECK_WEAK, "none are delegated: systemd-run");
	LACKS(ptrace_scope, 0, "ptrace", CHECK_WEAK, "ptrace_scope=1");
	LACKS(ptrace_scope, -1, "ptrace", CHECK_WEAK, "ptrace_scope=1");
	LACKS(aes, false, "aes", CHECK_WEAK, "CPU model");
	LACKS(memlock, 2 * MIB - 1, "memlock", CHECK_MISSING, "ulimit -l 2048");
}

static void test_the_person_lacks(void **state)
{
	LACKS(runtime_dir_error, refused, "runtime-folder", CHECK_MISSING, "chmod 700");
	LACKS(state_dir_error, refused, "state-folder", CHECK_MISSING, "CAPAKIT_HOME");
	LACKS(toolchain, NULL, "bun", CHECK_MISSING, "deploy/setup");
	LACKS(registry, NULL, "registry", CHECK_WEAK, "NPM_CONFIG_REGISTRY");
	LACKS(overlay.refusal, refused, "overlay", CHECK_MISSING, "modprobe overlay");
	LACKS(sandbox.refusal, refused, "sandbox", CHECK_MISSING, "named above");
	struct facts facts = fine();
	facts.root = true;
	facts.idmap.refusal = refused;
	expect(&facts, "idmap", CHECK_MISSING, "ext4");
}

static void test_namespaces_are_forbidden(void **state)
{
	LACKS(max_user_namespaces, 0, "user-namespaces", CHECK_MISSING, "virtual machine");
	LACKS(userns_clone, 0, "user-namespaces", CHECK_MISSING, "virtual machine");
}

/* With a trial that failed there are two findings: the reason, and the trial. */
static void test_a_refusal_has_its_reason(void **state)
{
	struct facts facts = fine();
	struct checks checks;

	facts.apparmor_userns = 1;
	facts.container = "podman";
	checks_make(&facts, &checks);
	assert_true(checks_usable(&checks)); // the profile is loaded, the container allows it
	checks_free(&checks);
	facts.sandbox.refusal = refused;
	checks_make(&facts, &checks);
	const struct check *check = find(&checks, "apparmor");
	assert_int_equal(check->state, CHECK_MISSING);
	assert_non_null(strstr(check->fix, "/opt/capakit/bin/../share/capakit/apparmor/capakit "));
	assert_non_null(strstr(check->fix, "apparmor_parser -r"));
	assert_int_equal(find(&checks, "container")->state, CHECK_MISSING);
	assert_string_equal(find(&checks, "sandbox")->finding, refused);
	checks_free(&checks);
}

static void test_advice_turns_no_protection_off(void **state)
{
	static const char *const never[] = {
		"=0",	       "clone=1",    "--privileged", "unconfined", "disable",
		"aa-complain", "setenforce", "seccomp=",     "turn off",   "switch off",
	};
	struct facts facts = {.kernel_release = release,
			      .cgroups = no_cgroups,
			      .apparmor_userns = 1,
			      .container = "docker",
			      .runtime_dir_error = refused,
			      .state_dir_error = refused,
			      .root = true};
	struct checks checks;

	checks_make(&facts, &checks);
	for (size_t i = 0; i < checks.n; i++) {
		assert_non_null(checks.list[i].fix);
		for (size_t j = 0; j < array_len(never); j++)
			assert_null(strstr(checks.list[i].fix, never[j]));
	}
	checks_free(&checks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_fine),
		cmocka_unit_test(test_the_kernel_lacks),
		cmocka_unit_test(test_the_person_lacks),
		cmocka_unit_test(test_namespaces_are_forbidden),
		cmocka_unit_test(test_a_refusal_has_its_reason),
		cmocka_unit_test(test_advice_turns_no_protection_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
