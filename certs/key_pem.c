// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * For one kind of key both structures have one form only (RFC 8410, section 7, without
 * attributes), so what stands before the key's 32 bytes is compared, not parsed.
 */
#include "certs/key_pem.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/mem.h"

#define PREFIX_MAX 16

struct form {
	const char *label;
	uint8_t prefix[PREFIX_MAX];
	size_t prefix_len;
};

/* SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING seed } } */
static const struct form PRIVATE = {
	"PRIVATE KEY",
	{0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20},
	16,
};

/* SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING key } */
static const struct form PUBLIC = {
	"PUBLIC KEY",
	{0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0},
	12,
};

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- reading ---- */

static bool is_blank(char c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Base64 of exactly `size` bytes, a multiple of three or one with its padding (RFC 4648). */
static bool decode(const char *text, const char *end, uint8_t *out, size_t size)
{
	uint32_t bits = 0;
	size_t n_bits = 0, done = 0;
	for (; text < end && *text != '='; text++) {
		const char *digit = is_blank(*text) ? NULL : strchr(DIGITS, *text);
		if (is_blank(*text))
			continue;
		if (!digit || !*digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - DIGITS);
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (done == size)
			return false;
		out[done++] = (uint8_t)(bits >> n_bits);
		bits &= (1U << n_bits) - 1;
	}
	for (; text < end; text++)
		if (*text != '=' && !is_blank(*text))
			return false;
	return done == size && bits == 0;
}

/* What is between the two lines of this label; false: they are not there. */
static bool find_body(const char *text, size_t len, const char *label, const char **body,
		      const char **end)
{
	char line[64];
	(void)snprintf(line, sizeof(line), "-----BEGIN %s-----", label);
	const char *begin = memmem(text, len, line, strlen(line));
	if (!begin)
		return false;
	*body = begin + strlen(line);
	(void)snprintf(line, sizeof(line), "-----END %s-----", label);
	*end = memmem(*body, len - (size_t)(*body - text), line, strlen(line));
	return *end != NULL;
}

static bool read_form(const struct form *form, const char *text, size_t len,
		      uint8_t key[KEY_SEED_SIZE])
{
	uint8_t der[PREFIX_MAX + KEY_SEED_SIZE];
	const char *body, *end;
	bool ok = find_body(text, len, form->label, &body, &end) &&
		  decode(body, end, der, form->prefix_len + KEY_SEED_SIZE) &&
		  memcmp(der, form->prefix, form->prefix_len) == 0;
	if (ok)
		memcpy(key, der + form->prefix_len, KEY_SEED_SIZE);
	wipe(der, sizeof(der));
	return ok;
}

static bool has_label(const char *text, size_t len, const char *label)
{
	const char *body, *end;
	return find_body(text, len, label, &body, &end);
}

/* Why this is no key of the wanted form. */
static bool refuse(const struct form *wanted, const char *text, size_t len, struct err *err)
{
	const struct form *other = wanted == &PRIVATE ? &PUBLIC : &PRIVATE;
	if (has_label(text, len, wanted->label))
		return err_set(err, ERR_USAGE, "it is no Ed25519 key, or is damaged");
	if (has_label(text, len, other->label))
		return err_set(err, ERR_USAGE, "it is a %s; the %s is needed here",
			       other == &PUBLIC ? "public key" : "private key",
			       wanted == &PUBLIC ? "public key" : "private key");
	if (has_label(text, len, "ENCRYPTED PRIVATE KEY"))
		return err_set(err, ERR_USAGE,
			       "it is encrypted, which is not supported; decrypt it with `openssl "
			       "pkey`");
	if (has_label(text, len, "OPENSSH PRIVATE KEY"))
		return err_set(err, ERR_USAGE, "it is a key of ssh, which has another format");
	return err_set(err, ERR_USAGE, "it has no \"-----BEGIN %s-----\"", wanted->label);
}

struct key *key_read_pem(const char *text, size_t len, struct err *err)
{
	uint8_t seed[KEY_SEED_SIZE];
	struct key *key = NULL;
	if (read_form(&PRIVATE, text, len, seed))
		key = key_of_seed(seed, err);
	else
		refuse(&PRIVATE, text, len, err);
	wipe(seed, sizeof(seed));
	return key;
}

bool key_read_public_pem(const char *text, size_t len, uint8_t public[KEY_PUBLIC_SIZE],
			 struct err *err)
{
	return read_form(&PUBLIC, text, len, public) || refuse(&PUBLIC, text, len, err);
}

/* ---- writing ---- */

static void encode(char *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)data[i] << 16 |
				(have > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
				(have > 2 ? data[i + 2] : 0);
		for (size_t digit = 0; digit < 4; digit++)
			*out++ = digit <= have ? DIGITS[bits >> (18 - 6 * digit) & 63] : '=';
	}
	*out = '\0';
}

static void write_form(const struct form *form, const uint8_t key[KEY_SEED_SIZE],
		       char text[KEY_PEM_MAX])
{
	uint8_t der[PREFIX_MAX + KEY_SEED_SIZE];
	char body[(PREFIX_MAX + KEY_SEED_SIZE + 2) / 3 * 4 + 1];
	memcpy(der, form->prefix, form->prefix_len);
	memcpy(der + form->prefix_len, key, KEY_SEED_SIZE);
	encode(body, der, form->prefix_len + KEY_SEED_SIZE);
	(void)snprintf(text, KEY_PEM_MAX, "-----BEGIN %s-----\n%s\n-----END %s-----\n", form->label,
		       body, form->label);
	wipe(der, sizeof(der));
	wipe(body, sizeof(body));
}

bool key_make_pem(char private[KEY_PEM_MAX], char public[KEY_PEM_MAX], struct err *err)
{
	uint8_t seed[KEY_SEED_SIZE];
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return err_sys(err, errno, "making a key: reading random bytes from the kernel");
	struct key *key = key_of_seed(seed, err);
	if (key) {
		write_form(&PRIVATE, seed, private);
		write_form(&PUBLIC, key_public(key), public);
	}
	wipe(seed, sizeof(seed));
	bool ok = key != NULL;
	key_free(&key);
	return ok;
}
