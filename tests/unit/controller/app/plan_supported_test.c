// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/app/plan.h"

/* A Kit with one workload; `more` is added to it, eight columns deep. */
static struct manifest *kit_with(const char *more)
{
	auto_free char *text =
		xasprintf("version: '1'\n"
			  "name: kit\n"
			  "host_mounts: { data: { usage: Data, access: read_only } }\n"
			  "workloads:\n"
			  "  other:\n"
			  "    endpoints: [http]\n"
			  "    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n"
			  "  one:\n%s",
			  more);
	struct manifest_problems problems;
	manifest_problems_init(&problems);
	struct manifest *manifest = manifest_parse(text, strlen(text), "capability.yml", &problems);
	if (!manifest)
		manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	assert_non_null(manifest);
	return manifest;
}

static void refused(const char *more, const char *says)
{
	struct manifest *manifest = kit_with(more);
	struct err err = {0};
	assert_false(plan_supported(manifest, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	if (!strstr(err.text, says))
		fail_msg("%s", err.text);
	manifest_free(&manifest);
}

#define START "    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n"

static void what_later_versions_run_is_refused_by_name(void **unused)
{
	refused("    connections: [{ name: api, host: api.example.org }]\n" START, "host:");
}

static void what_this_version_runs_is_not(void **unused)
{
	struct manifest *manifest =
		kit_with("    resources: { memory: 1MiB, cpus: 2, pids: 3 }\n"
			 "    connections: [{ workload: other, timeout: 5s }]\n"
			 "    runtime: { source: { toolchain: bun, prepare: { command: bun "
			 "install, network: loopback }, hydrate: { command: bun y }, "
			 "start: { command: bun x, network: { allow: [a.example] } } } }\n");
	struct err err = {0};
	if (!plan_supported(manifest, &err))
		fail_msg("%s", err.text);
	manifest_free(&manifest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_later_versions_run_is_refused_by_name),
		cmocka_unit_test(what_this_version_runs_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
