// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writes certificates. wolfSSL could write most of one, but not an empty subject with critical
 * names, and its structure for it takes tens of kilobytes; the profile is small enough to be
 * written straight down, in the order of RFC 5280, section 4.1.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "base/text.h"
#include "certs/profile.h"
#include "certs/x509.h"

#define SERIAL_SIZE 16
#define put_raw(out, bytes) buf_append(out, bytes, sizeof(bytes))

static bool put_version(struct buf *out)
{
	size_t explicit_tag = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	return der_put(out, DER_INTEGER, &(uint8_t){2}, 1) && der_close(out, explicit_tag);
}

/* 128 random bits, the first two fixed so that the number is positive and its length constant. */
static bool put_serial(struct buf *out, struct err *err)
{
	uint8_t serial[SERIAL_SIZE];
	if (getrandom(serial, sizeof(serial), 0) != sizeof(serial))
		return err_sys(err, errno, "making a serial number: reading random bytes");
	serial[0] = (serial[0] & 0x7f) | 0x40;
	return der_put(out, DER_INTEGER, serial, sizeof(serial)) ||
	       err_set(err, ERR_LIMIT, "writing a certificate: too large");
}

/* CN=capakit authority <16 digits of its key's identifier>: an issuer may not be nameless. */
static bool put_authority_name(struct buf *out, const uint8_t *public_key)
{
	static const uint8_t common_name[] = {0x55, 0x04, 0x03};
	uint8_t id[KEY_ID_SIZE];
	char text[64] = "capakit authority ";
	key_id(public_key, id);
	text_hex(text + strlen(text), id, 8);
	size_t name = der_open(out, DER_SEQUENCE);
	size_t set = der_open(out, DER_SET);
	size_t pair = der_open(out, DER_SEQUENCE);
	return der_put(out, DER_OID, common_name, sizeof(common_name)) &&
	       der_put(out, DER_UTF8_STRING, text, strlen(text)) && der_close(out, pair) &&
	       der_close(out, set) && der_close(out, name);
}

static bool put_validity(struct buf *out, const struct x509_template *t)
{
	size_t validity = der_open(out, DER_SEQUENCE);
	return der_put_time(out, t->not_before) && der_put_time(out, t->not_after) &&
	       der_close(out, validity);
}

static bool put_extension(struct buf *out, const uint8_t id[3], bool critical, const void *value,
			  size_t len)
{
	size_t extension = der_open(out, DER_SEQUENCE);
	return der_put(out, DER_OID, id, 3) &&
	       (!critical || der_put(out, DER_BOOLEAN, &(uint8_t){0xff}, 1)) &&
	       der_put(out, DER_OCTET_STRING, value, len) && der_close(out, extension);
}

static bool put_key_ids(struct buf *out, const struct x509_template *t)
{
	uint8_t subject[2 + KEY_ID_SIZE] = {DER_OCTET_STRING, KEY_ID_SIZE};
	uint8_t issuer[4 + KEY_ID_SIZE] = {DER_SEQUENCE, 2 + KEY_ID_SIZE, DER_CONTEXT(0),
					   KEY_ID_SIZE};
	key_id(t->public_key, subject + 2);
	key_id(t->issuer_public_key, issuer + 4);
	return put_extension(out, PROFILE_SUBJECT_KEY_ID, false, subject, sizeof(subject)) &&
	       put_extension(out, PROFILE_ISSUER_KEY_ID, false, issuer, sizeof(issuer));
}

/* Critical where there is no other name (RFC 5280, section 4.2.1.6). */
static bool put_names(struct buf *out, const struct x509_template *t)
{
	auto_buf struct buf names;
	buf_init(&names, X509_SIZE_MAX);
	return der_put(&names, DER_SEQUENCE, t->names.at, t->names.left) &&
	       put_extension(out, PROFILE_NAMES, !t->authority, buf_bytes(&names), buf_len(&names));
}

#define put_constant(out, id, critical, value)                                                     \
	put_extension(out, id, critical, value, sizeof(value))

static bool put_authority_extensions(struct buf *out)
{
	return put_constant(out, PROFILE_CONSTRAINTS, true, PROFILE_CONSTRAINTS_AUTHORITY) &&
	       put_constant(out, PROFILE_KEY_USAGE, true, PROFILE_USAGE_AUTHORITY);
}

static bool put_leaf_extensions(struct buf *out)
{
	return put_constant(out, PROFILE_CONSTRAINTS, true, PROFILE_CONSTRAINTS_LEAF) &&
	       put_constant(out, PROFILE_KEY_USAGE, true, PROFILE_USAGE_LEAF) &&
	       put_constant(out, PROFILE_EXTENDED_USAGE, false, PROFILE_EXTENDED_USAGE_LEAF);
}

static bool put_extensions(struct buf *out, const struct x509_template *t)
{
	size_t explicit_tag = der_open(out, DER_CONTEXT_CONSTRUCTED(3));
	size_t list = der_open(out, DER_SEQUENCE);
	return (t->authority ? put_authority_extensions(out) : put_leaf_extensions(out)) &&
	       put_names(out, t) && put_key_ids(out, t) && der_close(out, list) &&
	       der_close(out, explicit_tag);
}

bool profile_put_public_key(struct buf *out, const uint8_t public_key[KEY_PUBLIC_SIZE])
{
	uint8_t bits[1 + KEY_PUBLIC_SIZE] = {0}; // no unused bits
	memcpy(bits + 1, public_key, KEY_PUBLIC_SIZE);
	size_t info = der_open(out, DER_SEQUENCE);
	return put_raw(out, PROFILE_ED25519) && der_put(out, DER_BIT_STRING, bits, sizeof(bits)) &&
	       der_close(out, info);
}

static bool put_to_be_signed(struct buf *out, const struct x509_template *t, struct err *err)
{
	size_t whole = der_open(out, DER_SEQUENCE);
	bool fits = put_version(out);
	if (fits && !put_serial(out, err))
		return false;
	fits = fits && put_raw(out, PROFILE_ED25519) &&
	       put_authority_name(out, t->issuer_public_key) && put_validity(out, t) &&
	       (t->authority ? put_authority_name(out, t->public_key)
			     : der_put(out, DER_SEQUENCE, "", 0)) &&
	       profile_put_public_key(out, t->public_key) && put_extensions(out, t) &&
	       der_close(out, whole);
	return fits || err_set(err, ERR_LIMIT, "writing a certificate: too large");
}

bool profile_put_signed(struct buf *out, const struct buf *content, struct key *key,
			struct err *err)
{
	uint8_t bits[1 + KEY_SIGNATURE_SIZE] = {0}; // no unused bits
	if (!key_sign(key, buf_bytes(content), buf_len(content), bits + 1, err))
		return false;
	size_t whole = der_open(out, DER_SEQUENCE);
	bool fits = buf_append(out, buf_bytes(content), buf_len(content)) &&
		    put_raw(out, PROFILE_ED25519) &&
		    der_put(out, DER_BIT_STRING, bits, sizeof(bits)) && der_close(out, whole);
	return fits || err_set(err, ERR_LIMIT, "writing a certificate: too large");
}

bool x509_put_uri(struct buf *names, const char *uri)
{
	return der_put(names, PROFILE_URI_TAG, uri, strlen(uri));
}

bool x509_write(const struct x509_template *template, struct key *issuer, struct buf *der,
		struct err *err)
{
	auto_buf struct buf content;
	buf_init(&content, X509_SIZE_MAX);
	return put_to_be_signed(&content, template, err) &&
	       profile_put_signed(der, &content, issuer, err);
}
