// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "certs/tls.h"
#include "controller/package/signature.h"

static const char CONTENT[] = "\x28\xb5\x2f\xfd and whatever a package holds, which is more than a "
			      "signature, so that one could be looked for before its beginning";
#define CONTENT_SIZE (sizeof(CONTENT) - 1)

static int make_file(void)
{
	struct err err;
	int fd = memfd_create("package", MFD_CLOEXEC);
	assert_true(fd >= 0 && fd_write_all(fd, CONTENT, CONTENT_SIZE, &err));
	return fd;
}

static void sign(int fd, struct key *key)
{
	struct package_signature signature;
	uint8_t digest[SHA256_SIZE];
	struct err err;
	assert_true(package_digest(fd, "x", CONTENT_SIZE, -1, digest, &err));
	assert_true(package_signature_make(key, digest, &signature, &err));
	assert_true(lseek(fd, 0, SEEK_END) > 0 && package_signature_put(fd, &signature, &err));
}

static bool fits(int fd, const struct package_signatures *signatures, size_t i)
{
	uint8_t digest[SHA256_SIZE];
	struct err err;
	assert_true(package_digest(fd, "x", signatures->signed_bytes, -1, digest, &err));
	return package_signature_fits(&signatures->list[i], digest);
}

static void a_file_without_any(void **unused)
{
	struct package_signatures signatures;
	struct err err;
	auto_fd int fd = make_file();
	assert_true(package_signatures_read(fd, "x", &signatures, &err));
	assert_int_equal(signatures.count, 0);
	assert_int_equal(signatures.signed_bytes, CONTENT_SIZE);
}

static void two_keys_sign_the_same(void **unused)
{
	struct package_signatures signatures;
	struct err err;
	struct key *first = key_new(&err), *second = key_new(&err);
	auto_fd int fd = make_file();
	sign(fd, first);
	sign(fd, second);
	assert_true(package_signatures_read(fd, "x", &signatures, &err));
	assert_int_equal(signatures.count, 2);
	assert_int_equal(signatures.signed_bytes, CONTENT_SIZE);
	assert_memory_equal(signatures.list[0].key, key_public(second), KEY_PUBLIC_SIZE);
	assert_true(fits(fd, &signatures, 0));
	assert_true(fits(fd, &signatures, 1));
	key_free(&first);
	key_free(&second);
}

/* Every byte of the content, the key and the signature counts. */
static void a_changed_byte_is_seen(void **unused)
{
	struct package_signatures signatures;
	struct err err;
	struct key *key = key_new(&err);
	auto_fd int fd = make_file();
	sign(fd, key);
	off_t size = lseek(fd, 0, SEEK_END);
	for (off_t at = 4; at < size; at++) {
		uint8_t byte;
		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_true(package_signatures_read(fd, "x", &signatures, &err));
		assert_false(signatures.count == 1 && fits(fd, &signatures, 0) &&
			     memcmp(signatures.list[0].key, key_public(key), KEY_PUBLIC_SIZE) == 0);
		byte ^= 1;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
	key_free(&key);
}

static void the_digest_alone_is_not_what_is_signed(void **unused)
{
	struct package_signature signature;
	uint8_t digest[SHA256_SIZE] = {1};
	struct err err;
	struct key *key = key_new(&err);
	memcpy(signature.key, key_public(key), KEY_PUBLIC_SIZE);
	assert_true(key_sign(key, digest, sizeof(digest), signature.signature, &err));
	assert_false(package_signature_fits(&signature, digest));
	key_free(&key);
}

static void something_behind_it_hides_it(void **unused)
{
	struct package_signatures signatures;
	struct err err;
	struct key *key = key_new(&err);
	auto_fd int fd = make_file();
	sign(fd, key);
	assert_true(fd_write_all(fd, "x", 1, &err));
	assert_true(package_signatures_read(fd, "x", &signatures, &err));
	assert_int_equal(signatures.count, 0);
	key_free(&key);
}

static void too_many(void **unused)
{
	struct package_signatures signatures;
	struct err err;
	struct key *key = key_new(&err);
	auto_fd int fd = make_file();
	for (int i = 0; i <= PACKAGE_SIGNATURES_MAX; i++)
		sign(fd, key);
	assert_false(package_signatures_read(fd, "x", &signatures, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	key_free(&key);
}

static void what_is_no_package(void **unused)
{
	struct package_signatures signatures;
	struct err err;
	auto_fd int fd = memfd_create("text", MFD_CLOEXEC);
	assert_true(package_signatures_read(fd, "x", &signatures, &err));
	assert_false(package_check(fd, "x", &signatures, &err));
	assert_true(fd_write_all(fd, "text", 4, &err));
	assert_true(package_signatures_read(fd, "x", &signatures, &err));
	assert_false(package_check(fd, "x", &signatures, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

int main(void)
{
	struct err err;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_without_any),
		cmocka_unit_test(two_keys_sign_the_same),
		cmocka_unit_test(a_changed_byte_is_seen),
		cmocka_unit_test(the_digest_alone_is_not_what_is_signed),
		cmocka_unit_test(something_behind_it_hides_it),
		cmocka_unit_test(too_many),
		cmocka_unit_test(what_is_no_package),
	};
	return tls_init(&err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
