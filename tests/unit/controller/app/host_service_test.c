// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/app/host_service.h"

static void a_name_an_address_and_a_port(void **unused)
{
	static const struct {
		const char *text, *name, *shown;
		uint8_t address[16];
		uint16_t port;
	} cases[] = {
		{"ollama=127.0.0.1:11434",
		 "ollama",
		 "127.0.0.1",
		 {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1},
		 11434},
		{"db=localhost:5432",
		 "db",
		 "127.0.0.1",
		 {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1},
		 5432},
		{"six=[fd00::5]:80", "six", "[fd00::5]", {0xfd, [15] = 5}, 80},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct host_service service;
		struct err err;
		if (!host_service_parse(cases[i].text, &service, &err))
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_string_equal(service.name, cases[i].name);
		assert_string_equal(service.text, cases[i].shown);
		assert_memory_equal(&service.address, cases[i].address, 16);
		assert_int_equal(service.port, cases[i].port);
		assert_int_equal(strncmp(service.host, service.name, strlen(service.name)), 0);
		assert_string_equal(service.host + strlen(service.name), HOST_SERVICE_DOMAIN);
		host_service_free(&service);
	}
}

static void anything_else_is_an_error(void **unused)
{
	static const char *const texts[] = {
		"",
		"ollama",
		"ollama=",
		"=127.0.0.1:1",
		"ollama=127.0.0.1",
		"ollama=127.0.0.1:",
		"ollama=127.0.0.1:0",
		"ollama=127.0.0.1:65536",
		"ollama=127.0.0.1:+1",
		"ollama=127.1:1",
		"ollama=0x7f.0.0.1:1",
		"ollama=example.org:1",
		"ollama=fd00::5:1",
		"ollama=[::1:1",
		"ollama=:1",
		"Ollama=127.0.0.1:1",
		"o.o=127.0.0.1:1",
		"o-=127.0.0.1:1",
		"127.0.0.1:11434",
		"a:1=b",
	};
	for (size_t i = 0; i < array_len(texts); i++) {
		struct host_service service;
		struct err err;
		if (host_service_parse(texts[i], &service, &err))
			fail_msg("%s", texts[i]);
		assert_int_equal(err.code, ERR_USAGE);
		host_service_free(&service);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_an_address_and_a_port),
		cmocka_unit_test(anything_else_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
