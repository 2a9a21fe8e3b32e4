// SPDX-License-Identifier: GPL-3.0-or-later
/* The authority, and that openssl reads what it writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "certs/request.h"
#include "pair.h"

static struct authority *authority;
static struct buf request;
static char folder[] = "/tmp/capakit-certs-XXXXXX";

static int set_up(void **state)
{
	struct err err;
	if (!tls_init(&err) || !mkdtemp(folder))
		return -1;
	authority = authority_new(DOMAIN, 1800000000, &err);
	struct key *key = key_new(&err);
	buf_init(&request, 4096);
	bool done = authority && request_write(key, &request, &err);
	key_free(&key);
	return done ? 0 : -1;
}

static int tear_down(void **state)
{
	struct err err;
	authority_free(&authority);
	buf_free(&request);
	auto_fd int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return path_remove_tree(parent, strrchr(folder, '/') + 1, &err) ? 0 : -1;
}

static bool issues(const char *uri, time_t now, uint32_t lifetime, struct err *err)
{
	auto_buf struct buf certificate;
	time_t not_after;
	buf_init(&certificate, 4096);
	return authority_issue(authority, buf_bytes(&request), buf_len(&request), uri, now,
			       lifetime, &certificate, &not_after, err);
}

static void test_issues_for_the_given_name(void **state)
{
	auto_buf struct buf certificate;
	struct x509 leaf, root;
	struct err err;
	time_t not_after;
	size_t len;
	buf_init(&certificate, 4096);
	assert_true(authority_issue(authority, buf_bytes(&request), buf_len(&request), URI_A,
				    1800000000, 3600, &certificate, &not_after, &err));
	const uint8_t *der = authority_certificate(authority, &len);
	assert_true(x509_read(der, len, &root, &err));
	assert_true(x509_read(buf_bytes(&certificate), buf_len(&certificate), &leaf, &err));
	assert_true(x509_issued_by(&leaf, &root, &err));
	assert_true(der_equal(&leaf.uri, URI_A, strlen(URI_A)));
	assert_int_equal(leaf.not_before, 1800000000 - 60);
	assert_int_equal(leaf.not_after, 1800003600);
	assert_int_equal(not_after, 1800003600);
	assert_true(der_equal(&root.uri, "spiffe://" DOMAIN, strlen("spiffe://" DOMAIN)));
}

static void test_names_stay_in_the_run(void **state)
{
	static const char *const bad[] = {
		"spiffe://other.capakit/workload/a",
		"spiffe://" DOMAIN,
		"spiffe://" DOMAIN "/",
		"spiffe://" DOMAIN ".evil/workload/a",
		"spiffe://" DOMAIN "//a",
		"spiffe://" DOMAIN "/workload/a?b",
		"",
	};
	struct err err;
	for (size_t i = 0; i < array_len(bad); i++) {
		assert_false(issues(bad[i], 1800000000, 3600, &err));
		assert_int_equal(err.code, ERR_DENIED);
	}
}

static void test_lifetimes_are_bounded(void **state)
{
	struct err err;
	assert_true(issues(URI_A, 1800000000, X509_LIFETIME_MAX_S, &err));
	assert_false(issues(URI_A, 1800000000, X509_LIFETIME_MAX_S + 1, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_false(issues(URI_A, 1800000000, 0, &err));
	assert_false(issues(URI_A, 1800000000 + 11LL * 365 * 86400, 3600, &err));
}

static void test_trust_domains(void **state)
{
	struct err err;
	assert_null(authority_new("a/b", 0, &err));
	assert_null(authority_new("", 0, &err));
	assert_null(authority_new("a b", 0, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

/* openssl with these arguments in the test's folder; its exit status, 127 when there is none. */
static int openssl(const char *const *arguments)
{
	char *argv[24] = {xstrdup("openssl")};
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;
	for (size_t i = 0; arguments[i]; i++)
		argv[i + 1] = xstrdup(arguments[i]);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addchdir_np(&actions, folder);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	int failed = posix_spawnp(&pid, "openssl", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	if (failed)
		return 127;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define openssl(...) openssl((const char *const[]){__VA_ARGS__, NULL})

static void save(const char *name, const void *data, size_t len)
{
	struct err err;
	auto_free char *path = xasprintf("%s/%s", folder, name);
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, data, len, &err));
}

static void save_as_pem(const char *name, const char *der, const void *data, size_t len)
{
	save(der, data, len);
	assert_int_equal(openssl("x509", "-inform", "DER", "-in", der, "-out", name), 0);
}

static void test_openssl_verifies(void **state)
{
	auto_buf struct buf certificate;
	struct err err;
	time_t not_after;
	size_t len;
	if (openssl("version") != 0)
		skip();
	buf_init(&certificate, 4096);
	assert_true(authority_issue(authority, buf_bytes(&request), buf_len(&request), URI_A,
				    1800000000, 3600, &certificate, &not_after, &err));
	const uint8_t *root = authority_certificate(authority, &len);
	save_as_pem("root.pem", "root.der", root, len);
	save_as_pem("leaf.pem", "leaf.der", buf_bytes(&certificate), buf_len(&certificate));
	static const char *const purposes[] = {"sslserver", "sslclient"};
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(openssl("verify", "-x509_strict", "-attime", "1800000010",
					 "-CAfile", "root.pem", "-purpose", purposes[i],
					 "leaf.pem"),
				 0);
	assert_int_not_equal(openssl("verify", "-x509_strict", "-attime", "1800003700", "-CAfile",
				     "root.pem", "leaf.pem"),
			     0);
	save("request.der", buf_bytes(&request), buf_len(&request));
	assert_int_equal(
		openssl("req", "-inform", "DER", "-in", "request.der", "-noout", "-verify"), 0);
}

static bool issues_from_file(const char *name, struct buf *certificate, struct err *err)
{
	auto_free char *path = xasprintf("%s/%s", folder, name);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_free char *data = NULL;
	size_t len;
	time_t not_after;
	assert_true(fd >= 0);
	assert_true(fd_read_all(fd, 4096, &data, &len, err));
	return authority_issue(authority, (const uint8_t *)data, len, URI_A, 1800000000, 3600,
			       certificate, &not_after, err);
}

/* What another program asks for by name is ignored: the certificate is for what was given. */
static void test_names_in_a_request_are_ignored(void **state)
{
	auto_buf struct buf certificate;
	struct x509 leaf;
	struct err err;
	if (openssl("version") != 0)
		skip();
	buf_init(&certificate, 4096);
	assert_int_equal(openssl("req", "-new", "-newkey", "ed25519", "-nodes", "-keyout",
				 "key.pem", "-subj", "/O=evil/CN=b", "-addext",
				 "subjectAltName=URI:" URI_B ",DNS:localhost", "-addext",
				 "basicConstraints=critical,CA:TRUE", "-outform", "DER", "-out",
				 "named.der"),
			 0);
	assert_true(issues_from_file("named.der", &certificate, &err));
	assert_true(x509_read(buf_bytes(&certificate), buf_len(&certificate), &leaf, &err));
	assert_true(der_equal(&leaf.uri, URI_A, strlen(URI_A)));
	assert_false(leaf.authority);
	assert_null(memmem(buf_bytes(&certificate), buf_len(&certificate), "evil", 4));
}

static void test_other_keys_are_refused(void **state)
{
	auto_buf struct buf certificate;
	struct err err;
	if (openssl("version") != 0)
		skip();
	buf_init(&certificate, 4096);
	assert_int_equal(openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
				 "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ec.pem", "-subj",
				 "/CN=x", "-outform", "DER", "-out", "ec.der"),
			 0);
	assert_false(issues_from_file("ec.der", &certificate, &err));
	assert_int_equal(err.code, ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_issues_for_the_given_name),
		cmocka_unit_test(test_names_stay_in_the_run),
		cmocka_unit_test(test_lifetimes_are_bounded),
		cmocka_unit_test(test_trust_domains),
		cmocka_unit_test(test_openssl_verifies),
		cmocka_unit_test(test_names_in_a_request_are_ignored),
		cmocka_unit_test(test_other_keys_are_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
