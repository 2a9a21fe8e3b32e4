// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is signed begins with a text that no other message of this project begins with, so that a
 * signature made here says nothing anywhere else, and the reverse.
 */
#include "controller/package/signature.h"

#include <errno.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

#define CONTEXT "capakit kit signature 1" // with its NUL
#define BLOCK (256 * KIB)

#define FRAME_HEAD                                                                                 \
	"\x5c\x2a\x4d\x18" /* a frame to skip */                                                   \
	"\x70\x00\x00\x00" /* bytes that follow: 16 + 32 + 64 */                                   \
	"capakit kit sig1"
#define FRAME_HEAD_SIZE (sizeof(FRAME_HEAD) - 1)
#define FRAME_SIZE (FRAME_HEAD_SIZE + KEY_PUBLIC_SIZE + KEY_SIGNATURE_SIZE)

static const uint8_t ZSTD_FRAME[] = {0x28, 0xb5, 0x2f, 0xfd};

/* ---- reading ---- */

static bool read_at(int file, const char *name, void *data, size_t len, off_t at, struct err *err)
{
	for (uint8_t *to = data; len > 0;) {
		ssize_t got = pread(file, to, len, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_sys(err, got < 0 ? errno : EIO, "reading %s", name);
		to += got;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

/* *found: the file's last bytes before `end` are a signature. */
static bool read_last(int file, const char *name, off_t end, struct package_signature *signature,
		      bool *found, struct err *err)
{
	uint8_t frame[FRAME_SIZE];
	*found = false;
	if (end < (off_t)(sizeof(ZSTD_FRAME) + sizeof(frame)))
		return true;
	if (!read_at(file, name, frame, sizeof(frame), end - (off_t)sizeof(frame), err))
		return false;
	*found = memcmp(frame, FRAME_HEAD, FRAME_HEAD_SIZE) == 0;
	memcpy(signature->key, frame + FRAME_HEAD_SIZE, KEY_PUBLIC_SIZE);
	memcpy(signature->signature, frame + FRAME_HEAD_SIZE + KEY_PUBLIC_SIZE, KEY_SIGNATURE_SIZE);
	return true;
}

bool package_signatures_read(int file, const char *name, struct package_signatures *signatures,
			     struct err *err)
{
	off_t end = lseek(file, 0, SEEK_END);
	*signatures = (struct package_signatures){0};
	if (end < 0)
		return err_sys(err, errno, "looking at %s", name);
	for (;;) {
		struct package_signature last;
		bool found;
		if (!read_last(file, name, end, &last, &found, err))
			return false;
		if (!found)
			break;
		if (signatures->count == PACKAGE_SIGNATURES_MAX)
			return err_set(err, ERR_LIMIT, "%s has more than %d signatures", name,
				       PACKAGE_SIGNATURES_MAX);
		signatures->list[signatures->count++] = last;
		end -= (off_t)FRAME_SIZE;
	}
	signatures->signed_bytes = (uint64_t)end;
	return true;
}

bool package_check(int file, const char *name, const struct package_signatures *signatures,
		   struct err *err)
{
	uint8_t first[sizeof(ZSTD_FRAME)];
	if (signatures->signed_bytes >= sizeof(first)) {
		if (!read_at(file, name, first, sizeof(first), 0, err))
			return false;
		if (memcmp(first, ZSTD_FRAME, sizeof(first)) == 0)
			return true;
	}
	return err_set(err, ERR_USAGE, "%s is no package: make one with `capakit kit package`",
		       name);
}

bool package_digest(int file, const char *name, uint64_t bytes, int copy,
		    uint8_t digest[SHA256_SIZE], struct err *err)
{
	auto_free uint8_t *block = xmalloc(BLOCK);
	struct sha256 *hash = sha256_new();
	bool ok = true;
	for (uint64_t at = 0; ok && at < bytes;) {
		size_t len = bytes - at < BLOCK ? (size_t)(bytes - at) : BLOCK;
		ok = read_at(file, name, block, len, (off_t)at, err) &&
		     (copy < 0 || fd_write_all(copy, block, len, err));
		sha256_add(hash, block, len);
		at += len;
	}
	sha256_finish(&hash, digest);
	return ok;
}

/* ---- signing ---- */

struct message {
	char context[sizeof(CONTEXT)];
	uint8_t digest[SHA256_SIZE];
};

_Static_assert(sizeof(struct message) == sizeof(CONTEXT) + SHA256_SIZE, "no padding is signed");

static struct message message_of(const uint8_t digest[SHA256_SIZE])
{
	struct message message = {.context = CONTEXT};
	memcpy(message.digest, digest, SHA256_SIZE);
	return message;
}

bool package_signature_make(struct key *key, const uint8_t digest[SHA256_SIZE],
			    struct package_signature *signature, struct err *err)
{
	struct message message = message_of(digest);
	memcpy(signature->key, key_public(key), KEY_PUBLIC_SIZE);
	return key_sign(key, &message, sizeof(message), signature->signature, err);
}

bool package_signature_put(int out, const struct package_signature *signature, struct err *err)
{
	uint8_t frame[FRAME_SIZE];
	memcpy(frame, FRAME_HEAD, FRAME_HEAD_SIZE);
	memcpy(frame + FRAME_HEAD_SIZE, signature->key, KEY_PUBLIC_SIZE);
	memcpy(frame + FRAME_HEAD_SIZE + KEY_PUBLIC_SIZE, signature->signature, KEY_SIGNATURE_SIZE);
	return fd_write_all(out, frame, sizeof(frame), err);
}

bool package_signature_fits(const struct package_signature *signature,
			    const uint8_t digest[SHA256_SIZE])
{
	struct message message = message_of(digest);
	return key_verify(signature->key, &message, sizeof(message), signature->signature);
}
