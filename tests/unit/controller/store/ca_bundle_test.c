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
#include "base/limits.h"
#include "base/mem.h"
#include "controller/store/ca_bundle.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"
#define ONE BEGIN "QUJD\n" END
#define TWO BEGIN "REVG\n" END
#define KEY "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n"

static void certificates_and_nothing_else(void **unused)
{
	static const struct {
		const char *text, *extracted;
		int count;
	} cases[] = {
		{ONE TWO, ONE TWO, 2},
		{"Subject: somebody\n" ONE KEY TWO "the end", ONE TWO, 2},
		{KEY, "", 0},
		{BEGIN "QUJD\n", "", 0},
		{BEGIN KEY END ONE, ONE, 1},
		{BEGIN "QU\x01JD\n" END ONE, ONE, 1},
		{"", "", 0},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_buf struct buf out;
		buf_init(&out, 4 * KIB);
		assert_int_equal(ca_bundle_extract(cases[i].text, strlen(cases[i].text), &out),
				 cases[i].count);
		assert_true(buf_append(&out, "", 1));
		assert_string_equal((char *)buf_bytes(&out), cases[i].extracted);
	}
	auto_buf struct buf small;
	buf_init(&small, 10);
	assert_int_equal(ca_bundle_extract(ONE, strlen(ONE), &small), -1);
}

static char folder[] = "/tmp/capakit-ca-XXXXXX";

static void put(const char *name, const char *text)
{
	auto_free char *path = xasprintf("%s/%s", folder, name);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void both_variables_make_one_file(void **unused)
{
	struct err err;
	auto_free char *instead = xasprintf("%s/instead", folder);
	auto_free char *more = xasprintf("%s/more", folder);
	auto_free char *path = NULL;
	auto_free char *again = NULL;
	auto_free char *text = NULL;
	size_t len;
	put("instead", ONE KEY);
	put("more", TWO);
	setenv("SSL_CERT_FILE", instead, 1);
	setenv("NODE_EXTRA_CA_CERTS", more, 1);
	auto_fd int state = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!ca_bundle_find(state, folder, &path, &err))
		fail_msg("%s", err.text);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd_read_all(fd, 4 * KIB, &text, &len, &err));
	assert_string_equal(text, ONE TWO);
	assert_true(ca_bundle_find(state, folder, &again, &err));
	assert_string_equal(path, again);
	unlink(path);
	unlink(instead);
	unlink(more);
}

static void what_a_variable_names_must_be_there(void **unused)
{
	struct err err;
	auto_free char *keys = xasprintf("%s/keys", folder);
	char *path;
	auto_fd int state = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsetenv("SSL_CERT_FILE");
	setenv("NODE_EXTRA_CA_CERTS", "/nowhere/ca.pem", 1);
	assert_false(ca_bundle_find(state, folder, &path, &err));
	assert_non_null(strstr(err.text, "NODE_EXTRA_CA_CERTS names /nowhere/ca.pem"));
	put("keys", KEY);
	setenv("NODE_EXTRA_CA_CERTS", keys, 1);
	assert_false(ca_bundle_find(state, folder, &path, &err));
	assert_non_null(strstr(err.text, "holds no certificate"));
	unsetenv("NODE_EXTRA_CA_CERTS");
	assert_true(ca_bundle_find(state, folder, &path, &err)); // the host's own, if it has one
	assert_true(!path || !strstr(path, folder));
	free(path);
	unlink(keys);
}

static int set_up(void **unused)
{
	return mkdtemp(folder) == NULL;
}

static int tear_down(void **unused)
{
	auto_free char *made = xasprintf("%s/ca", folder);
	rmdir(made);
	return rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_and_nothing_else),
		cmocka_unit_test(both_variables_make_one_file),
		cmocka_unit_test(what_a_variable_names_must_be_there),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
