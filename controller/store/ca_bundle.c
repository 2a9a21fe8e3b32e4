// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Node and Bun read two variables, OpenSSL one, and each reads one file only: what a company adds
 * for its proxy must be in that file together with all others. The merged file is made of
 * certificates alone, so whatever else stood beside them on the host never gets into a sandbox.
 */
#include "controller/store/ca_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sha256.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"
#define FOLDER "ca"

static const char *const host_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
};

/* Base64 and white space, as RFC 7468 has it. */
static bool is_base64(const char *text, size_t len)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789+/= \t\r\n";
	for (size_t i = 0; i < len; i++)
		if (!text[i] || !strchr(plain, text[i]))
			return false;
	return true;
}

int ca_bundle_extract(const char *text, size_t len, struct buf *out)
{
	int count = 0;
	const char *end = text + len;
	for (const char *begin = text;
	     (begin = memmem(begin, (size_t)(end - begin), BEGIN, strlen(BEGIN)));) {
		const char *body = begin + strlen(BEGIN);
		const char *last = memmem(body, (size_t)(end - body), END, strlen(END));
		if (!last)
			break;
		if (is_base64(body, (size_t)(last - body))) {
			size_t block = (size_t)(last - begin) + strlen(END);
			if (!buf_append(out, begin, block) || !buf_append_str(out, "\n"))
				return -1;
			count++;
		}
		begin = body;
	}
	return count;
}

static bool add_file(const char *why, const char *path, struct buf *out, struct err *err)
{
	auto_free char *text = NULL;
	size_t len;
	struct err reading;
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_set(err, ERR_MISSING, "%s names %s, which cannot be read: %s", why, path,
			       strerror(errno));
	if (!fd_read_all(fd, CA_BUNDLE_MAX, &text, &len, &reading))
		return err_set(err, ERR_MISSING, "%s names %s, which cannot be read: %s", why, path,
			       reading.text);
	int count = ca_bundle_extract(text, len, out);
	if (count == 0)
		return err_set(err, ERR_MISSING, "%s names %s, which holds no certificate", why,
			       path);
	return count > 0 || err_set(err, ERR_LIMIT, "%s: too many certificates", path);
}

static const char *host_file(void)
{
	for (size_t i = 0; i < array_len(host_files); i++)
		if (access(host_files[i], R_OK) == 0)
			return host_files[i];
	return NULL;
}

static bool store(const struct buf *bundle, int state_dir, const char *state_path, char **path,
		  struct err *err)
{
	char digest[SHA256_HEX];
	struct sha256 *hash = sha256_new();
	sha256_add(hash, buf_bytes(bundle), buf_len(bundle));
	sha256_finish_hex(&hash, digest);
	if (mkdirat(state_dir, FOLDER, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make the folder %s/" FOLDER, state_path);
	auto_free char *name = xasprintf(FOLDER "/%s.pem", digest);
	auto_fd int folder =
		path_open_beneath(state_dir, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (folder < 0)
		return false;
	*path = xasprintf("%s/%s", state_path, name);
	return faccessat(state_dir, name, R_OK, 0) == 0 ||
	       path_write_atomic(folder, name + strlen(FOLDER "/"), buf_bytes(bundle),
				 buf_len(bundle), 0644, err);
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

bool ca_bundle_find(int state_dir, const char *state_path, char **path, struct err *err)
{
	const char *instead = variable("SSL_CERT_FILE");
	const char *more = variable("NODE_EXTRA_CA_CERTS");
	const char *own = host_file();
	auto_buf struct buf bundle = {.max = CA_BUNDLE_MAX};
	*path = NULL;
	if (!instead && !more) {
		*path = own ? realpath(own, NULL) : NULL;
		return true;
	}
	if (instead && !add_file("SSL_CERT_FILE", instead, &bundle, err))
		return false;
	if (!instead && own && !add_file("this host", own, &bundle, err))
		return false;
	if (more && !add_file("NODE_EXTRA_CA_CERTS", more, &bundle, err))
		return false;
	return store(&bundle, state_dir, state_path, path, err);
}
