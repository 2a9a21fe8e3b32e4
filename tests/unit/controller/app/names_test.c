// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "controller/app/names.h"

static void address_is_loopback_and_stays(void **unused)
{
	char first[16], again[16], other[16];
	name_address("newsroom", first);
	name_address("newsroom", again);
	name_address("newsroom2", other);
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
	assert_true(str_starts(first, "127."));
	assert_false(str_starts(first, "127.0."));
}

static void identities_are_spiffe_ids(void **unused)
{
	auto_free char *domain = name_trust_domain("newsroom", "0011223344556677");
	auto_free char *workload = name_identity(domain, "", "web");
	auto_free char *deep = name_identity(domain, "tools:llama", "serve");
	auto_free char *edge = name_edge_identity(domain);
	assert_string_equal(workload, "spiffe://newsroom-0011223344556677.capakit/workload/web");
	assert_string_equal(deep, "spiffe://newsroom-0011223344556677.capakit/kit/tools/kit/llama/"
				  "workload/serve");
	assert_string_equal(edge, "spiffe://newsroom-0011223344556677.capakit/edge");
}

static void ids_are_random(void **unused)
{
	char first[RUN_ID_HEX], second[RUN_ID_HEX];
	struct err err;
	assert_true(name_random_id(first, &err) && name_random_id(second, &err));
	assert_int_equal(strlen(first), 16);
	assert_string_not_equal(first, second);
}

static void mount_variables_are_upper_case(void **unused)
{
	auto_free char *name = name_mount_variable("my-models_2");
	assert_string_equal(name, "CAPAKIT_MOUNT_MY_MODELS_2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_is_loopback_and_stays),
		cmocka_unit_test(identities_are_spiffe_ids),
		cmocka_unit_test(ids_are_random),
		cmocka_unit_test(mount_variables_are_upper_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
