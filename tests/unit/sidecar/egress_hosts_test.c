// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/egress_hosts.h"

static const char hosts[] = "# 10.0.0.9 comment\n"
			    "127.0.0.1\tlocalhost  loop\r\n"
			    "\n"
			    "::1 localhost ip6-localhost # localhost6\n"
			    "nonsense registry\n"
			    "10.1.2.3 Registry.Corp\n"
			    "10.1.2.4 registry.corp";

static size_t find(const char *name, struct in6_addr *addresses)
{
	return egress_hosts_find(hosts, strlen(hosts), name, addresses, 4);
}

static void names_are_found_whole(void **state)
{
	(void)state;
	struct in6_addr found[4];
	char text[INET6_ADDRSTRLEN];
	assert_int_equal(find("registry.corp", found), 2);
	assert_string_equal(inet_ntop(AF_INET6, &found[0], text, sizeof(text)), "::ffff:10.1.2.3");
	assert_string_equal(inet_ntop(AF_INET6, &found[1], text, sizeof(text)), "::ffff:10.1.2.4");
	assert_int_equal(find("localhost", found), 2);
	assert_string_equal(inet_ntop(AF_INET6, &found[1], text, sizeof(text)), "::1");
	assert_int_equal(find("loop", found), 1);
	assert_int_equal(find("comment", found), 0);
	assert_int_equal(find("localhost6", found), 0);
	assert_int_equal(find("registry", found), 0);
	assert_int_equal(find("local", found), 0);
	assert_int_equal(find("127.0.0.1", found), 0);
}

static void no_more_than_asked_for(void **state)
{
	(void)state;
	struct in6_addr found[1];
	assert_int_equal(egress_hosts_find(hosts, strlen(hosts), "localhost", found, 1), 1);
	assert_int_equal(egress_hosts_find("", 0, "localhost", found, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_whole),
		cmocka_unit_test(no_more_than_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
