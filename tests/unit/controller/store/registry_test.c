// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/store/toolchain.h"

static void accepts(const char *url, const char *host, uint16_t port)
{
	struct registry registry;
	struct err err;
	assert_true(registry_parse(url, &registry, &err));
	assert_string_equal(registry.host, host);
	assert_int_equal(registry.port, port);
	registry_free(&registry);
}

static void refuses(const char *url)
{
	struct registry registry;
	struct err err;
	assert_false(registry_parse(url, &registry, &err));
}

static void parses_addresses(void **unused)
{
	accepts("https://packages.example.org/", "packages.example.org", 443);
	accepts("https://packages.example.org", "packages.example.org", 443);
	accepts("http://10.0.0.5:4873/npm/", "10.0.0.5", 4873);
	refuses("packages.example.org");
	refuses("ftp://packages.example.org/");
	refuses("https:///path");
	refuses("https://user:token@packages.example.org/");
	refuses("https://packages.example.org:99999/");
	refuses("https://packages.example.org:44x/");
	refuses("https://packages example.org/");
}

static void write_npmrc(const char *home, const char *text)
{
	auto_free char *path = xasprintf("%s/.npmrc", home);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct err err;
	assert_true(fd_write_all(fd, text, strlen(text), &err));
}

static void finds(const struct toolchain *toolchain, const char *host)
{
	struct registry registry;
	struct err err;
	assert_true(registry_find(toolchain, &registry, &err));
	assert_string_equal(registry.host, host);
	registry_free(&registry);
}

static void the_environment_goes_before_npmrc_before_the_toolchain(void **unused)
{
	char home[] = "/tmp/capakit-registry-XXXXXX";
	char recorded[] = "https://recorded.example.org/";
	struct toolchain toolchain = {.registry = recorded};
	struct registry registry;
	struct err err = {0};
	assert_non_null(mkdtemp(home));
	setenv("HOME", home, 1);
	unsetenv("BUN_CONFIG_REGISTRY");
	unsetenv("NPM_CONFIG_REGISTRY");
	unsetenv("npm_config_registry");

	finds(&toolchain, "recorded.example.org");
	assert_false(registry_find(&(struct toolchain){0}, &registry, &err));
	assert_int_equal(err.code, ERR_MISSING);

	write_npmrc(home, "//x/:_authToken=secret\nregistry = \"https://mine.example.org/\"\n");
	finds(&toolchain, "mine.example.org");

	setenv("NPM_CONFIG_REGISTRY", "https://env.example.org/", 1);
	finds(&toolchain, "env.example.org");

	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(path_remove_tree(tmp, home + strlen("/tmp/"), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_addresses),
		cmocka_unit_test(the_environment_goes_before_npmrc_before_the_toolchain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
