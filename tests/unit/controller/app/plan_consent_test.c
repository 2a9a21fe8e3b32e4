// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/plan_consent.h"

static struct policy *policy(enum policy_network network)
{
	struct policy *policy = policy_new();
	policy->network = network;
	policy_set(&policy->network_reason, "allow api.example.com:443");
	policy_add_bind(policy, "/state/snapshots/s", "/kit", POLICY_EXECUTABLE, "the Kit");
	return policy;
}

static const char *text_for(const struct policy *policy, const struct plan_workload *caller,
			    struct buf *out)
{
	buf_init(out, 4 * KIB);
	assert_true(plan_consent_phase("reader", "start", policy, caller, out));
	assert_true(buf_append(out, "", 1));
	return (const char *)buf_bytes(out);
}

static const char *text_of(const struct policy *policy, struct buf *out)
{
	return text_for(policy, NULL, out);
}

/* A host outside is a way out too, without any network. */
static void a_connection_to_a_host_with_folders_is_told(void **unused)
{
	auto_buf struct buf out;
	const struct manifest_connection host = {.host = (char[]){"api.example.com"}, .port = 443};
	struct plan_connection connection = {.outside = &host};
	const struct plan_workload caller = {.connections = &connection, .n_connections = 1};
	auto_policy struct policy *folder = policy(POLICY_NET_NONE);
	policy_add_bind(folder, "/home/me/papers", "/mnt/papers", 0, "bound");
	assert_string_equal(text_for(folder, &caller, &out), "  workload reader, start\n"
							     "    host    api.example.com:443\n"
							     "    reads   /home/me/papers\n");
}

static void a_network_with_folders_is_told(void **unused)
{
	auto_buf struct buf out;
	auto_policy struct policy *both = policy(POLICY_NET_EGRESS);
	policy_add_bind(both, "/home/me/papers", "/mnt/papers", 0, "bound");
	policy_add_bind(both, "/home/me/out", "/mnt/out", POLICY_WRITABLE, "bound");
	assert_string_equal(text_of(both, &out), "  workload reader, start\n"
						 "    network allow api.example.com:443\n"
						 "    reads   /home/me/papers\n"
						 "    writes  /home/me/out\n");
}

static void one_of_both_is_not(void **unused)
{
	auto_buf struct buf out, other;
	auto_policy struct policy *network = policy(POLICY_NET_EGRESS);
	assert_string_equal(text_of(network, &out), "");
	auto_policy struct policy *folder = policy(POLICY_NET_LOOPBACK);
	policy_add_bind(folder, "/home/me/papers", "/mnt/papers", 0, "bound");
	assert_string_equal(text_of(folder, &other), "");
}

static void what_does_not_fit_is_an_error(void **unused)
{
	auto_buf struct buf out;
	auto_policy struct policy *both = policy(POLICY_NET_EGRESS);
	policy_add_bind(both, "/home/me/papers", "/mnt/papers", 0, "bound");
	buf_init(&out, 16);
	assert_false(plan_consent_phase("reader", "start", both, NULL, &out));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_with_folders_is_told),
		cmocka_unit_test(a_connection_to_a_host_with_folders_is_told),
		cmocka_unit_test(one_of_both_is_not),
		cmocka_unit_test(what_does_not_fit_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
