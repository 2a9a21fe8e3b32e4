// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What was unpacked and what lies there now may differ. Who runs a package therefore gives the
 * digest of what was unpacked: a signature is of no use unless it is over just that.
 */
#include "controller/package/signature_check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

int package_open(const char *path, struct package_signatures *signatures, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(err, errno, "cannot open %s", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_USAGE, "%s is no file: give a package", path);
		return -1;
	}
	bool ok = package_signatures_read(fd, path, signatures, err) &&
		  package_check(fd, path, signatures, err);
	return ok ? take_fd(&fd) : -1;
}

const struct package_signature *package_find_signature(const struct package_signatures *signatures,
						       const uint8_t key[KEY_PUBLIC_SIZE])
{
	for (size_t i = 0; i < signatures->count; i++)
		if (memcmp(signatures->list[i].key, key, KEY_PUBLIC_SIZE) == 0)
			return &signatures->list[i];
	return NULL;
}

static bool not_of_this_key(const char *path, const struct package_signatures *signatures,
			    struct err *err)
{
	char hex[2 * KEY_PUBLIC_SIZE + 1];
	if (signatures->count == 0)
		return err_set(err, ERR_DENIED,
			       "%s has no signature at its end: it was never signed, or something "
			       "was put behind it",
			       path);
	text_hex(hex, signatures->list[0].key, KEY_PUBLIC_SIZE);
	return err_set(err, ERR_DENIED,
		       "%s has no signature of this key; it names ed25519:%s%s, which says nothing "
		       "until you know whose that is",
		       path, hex, signatures->count > 1 ? " and others" : "");
}

static bool read_digest(const char *hex, uint8_t digest[SHA256_SIZE])
{
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		uint64_t byte;
		if (!num_parse_hex(hex + 2 * i, 2, UINT8_MAX, &byte))
			return false;
		digest[i] = (uint8_t)byte;
	}
	return true;
}

bool package_check_signature(const char *path, const uint8_t key[KEY_PUBLIC_SIZE],
			     const char *known, char hex[SHA256_HEX], struct err *err)
{
	struct package_signatures signatures;
	uint8_t digest[SHA256_SIZE];
	auto_fd int package = package_open(path, &signatures, err);
	if (package < 0)
		return false;
	if (known ? !read_digest(known, digest)
		  : !package_digest(package, path, signatures.signed_bytes, -1, digest, err))
		return false;
	const struct package_signature *signature = package_find_signature(&signatures, key);
	if (!signature)
		return not_of_this_key(path, &signatures, err);
	if (!package_signature_fits(signature, digest))
		return err_set(err, ERR_DENIED,
			       "%s is not what was signed with this key: it was changed since; do "
			       "not use it",
			       path);
	text_hex(hex, digest, SHA256_SIZE);
	return true;
}
