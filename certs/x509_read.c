// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reads certificates. wolfSSL checks the chain; what it leaves open (how many names of which
 * type, which extensions, whether one may stand there twice) is decided here, on the bytes of the
 * certificate themselves and not on what another parser made of them. Pure.
 */
#include <string.h>

#include "base/limits.h"
#include "certs/profile.h"
#include "certs/x509.h"

static bool refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_PROTOCOL, "reading a certificate: %s", why);
}

bool x509_uri_is_valid(const void *uri, size_t len)
{
	static const char scheme[] = "spiffe://";
	size_t skip = sizeof(scheme) - 1;
	if (len <= skip || len > X509_URI_MAX || memcmp(uri, scheme, skip) != 0)
		return false;
	const char *at = uri;
	for (size_t i = skip; i < len; i++) {
		char c = at[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
		if (!good || (c == '/' && (at[i - 1] == '/' || i + 1 == len)))
			return false;
	}
	return at[skip] != '/';
}

static bool take_exactly(struct der *in, const uint8_t *bytes, size_t len)
{
	if (in->left < len || memcmp(in->at, bytes, len) != 0)
		return false;
	in->at += len;
	in->left -= len;
	return true;
}

/* A BIT STRING of whole bytes. */
static bool take_bits(struct der *in, size_t size, const uint8_t **bytes)
{
	struct der bits;
	if (!der_take(in, DER_BIT_STRING, &bits) || bits.left != size + 1 || bits.at[0] != 0)
		return false;
	*bytes = bits.at + 1;
	return true;
}

bool profile_take_public_key(struct der *in, const uint8_t **public_key)
{
	struct der info;
	return der_take(in, DER_SEQUENCE, &info) &&
	       take_exactly(&info, PROFILE_ED25519, sizeof(PROFILE_ED25519)) &&
	       take_bits(&info, KEY_PUBLIC_SIZE, public_key) && info.left == 0;
}

bool profile_take_signed(const uint8_t *der, size_t len, struct der *content,
			 const uint8_t **signature)
{
	struct der in = {der, len}, whole;
	return der_take(&in, DER_SEQUENCE, &whole) && in.left == 0 &&
	       der_take_whole(&whole, DER_SEQUENCE, content) &&
	       take_exactly(&whole, PROFILE_ED25519, sizeof(PROFILE_ED25519)) &&
	       take_bits(&whole, KEY_SIGNATURE_SIZE, signature) && whole.left == 0;
}

static bool take_version_and_serial(struct der *in)
{
	static const uint8_t version_3[] = {0xa0, 0x03, 0x02, 0x01, 0x02};
	struct der serial;
	return take_exactly(in, version_3, sizeof(version_3)) &&
	       der_take(in, DER_INTEGER, &serial) && serial.left > 0 && serial.left <= 20 &&
	       !(serial.at[0] & 0x80);
}

static bool take_validity(struct der *in, struct x509 *certificate)
{
	struct der validity;
	return der_take(in, DER_SEQUENCE, &validity) &&
	       der_take_time(&validity, &certificate->not_before) &&
	       der_take_time(&validity, &certificate->not_after) && validity.left == 0;
}

/* The extensions of the profile, each at most once; what is missing stays empty. */
struct extensions {
	struct der constraints, usage, extended_usage, names, key_id, issuer_key_id;
};

static struct der *extension_slot(struct extensions *all, const struct der *id)
{
	const struct {
		const uint8_t *id;
		struct der *slot;
	} known[] = {
		{PROFILE_CONSTRAINTS, &all->constraints},
		{PROFILE_KEY_USAGE, &all->usage},
		{PROFILE_EXTENDED_USAGE, &all->extended_usage},
		{PROFILE_NAMES, &all->names},
		{PROFILE_SUBJECT_KEY_ID, &all->key_id},
		{PROFILE_ISSUER_KEY_ID, &all->issuer_key_id},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (der_equal(id, known[i].id, 3))
			return known[i].slot;
	return NULL;
}

static bool take_extension(struct der *list, struct extensions *all, struct err *err)
{
	struct der extension, id, critical, value;
	if (!der_take(list, DER_SEQUENCE, &extension) || !der_take(&extension, DER_OID, &id))
		return refuse(err, "an extension is malformed");
	if (der_next_is(&extension, DER_BOOLEAN) &&
	    (!der_take(&extension, DER_BOOLEAN, &critical) || !der_equal(&critical, "\xff", 1)))
		return refuse(err, "an extension is malformed");
	if (!der_take(&extension, DER_OCTET_STRING, &value) || value.left == 0 ||
	    extension.left != 0)
		return refuse(err, "an extension is malformed");
	struct der *slot = extension_slot(all, &id);
	if (!slot)
		return refuse(err, "it has an extension that is not of this profile");
	if (slot->at)
		return refuse(err, "it has an extension twice");
	*slot = value;
	return true;
}

static bool take_extensions(struct der *in, struct extensions *all, struct err *err)
{
	struct der explicit_tag, list;
	if (!der_take(in, DER_CONTEXT_CONSTRUCTED(3), &explicit_tag) ||
	    !der_take(&explicit_tag, DER_SEQUENCE, &list) || explicit_tag.left != 0 ||
	    in->left != 0)
		return refuse(err, "its extensions are missing or malformed");
	while (list.left > 0)
		if (!take_extension(&list, all, err))
			return false;
	return true;
}

#define is_constant(value, constant) der_equal(value, constant, sizeof(constant))

static bool check_usage(const struct extensions *all, struct x509 *certificate, struct err *err)
{
	certificate->authority = is_constant(&all->constraints, PROFILE_CONSTRAINTS_AUTHORITY);
	if (!certificate->authority && !is_constant(&all->constraints, PROFILE_CONSTRAINTS_LEAF))
		return refuse(err, "its basic constraints are missing or unusual");
	bool usage = certificate->authority ? is_constant(&all->usage, PROFILE_USAGE_AUTHORITY)
					    : is_constant(&all->usage, PROFILE_USAGE_LEAF);
	if (!usage)
		return refuse(err, "its key usage is missing or not what a link needs");
	bool extended = certificate->authority
				? all->extended_usage.left == 0
				: is_constant(&all->extended_usage, PROFILE_EXTENDED_USAGE_LEAF);
	return extended || refuse(err, "its extended key usage is not TLS server and client");
}

static bool read_names(struct der names, struct x509 *certificate, struct err *err)
{
	struct der list;
	if (!der_take(&names, DER_SEQUENCE, &list) || names.left != 0 ||
	    !der_take(&list, PROFILE_URI_TAG, &certificate->uri) || list.left != 0)
		return refuse(err, "its subject alternative names are not exactly one URI");
	if (!x509_uri_is_valid(certificate->uri.at, certificate->uri.left))
		return refuse(err, "its name is not a SPIFFE ID");
	return true;
}

static bool read_key_ids(struct der subject, struct der issuer, struct x509 *certificate,
			 struct err *err)
{
	struct der id, list, issuer_id;
	if (!der_take(&subject, DER_OCTET_STRING, &id) || id.left != KEY_ID_SIZE ||
	    subject.left != 0 || !der_take(&issuer, DER_SEQUENCE, &list) || issuer.left != 0 ||
	    !der_take(&list, DER_CONTEXT(0), &issuer_id) || issuer_id.left != KEY_ID_SIZE ||
	    list.left != 0)
		return refuse(err, "its key identifiers are missing or unusual");
	certificate->key_id = id.at;
	certificate->issuer_key_id = issuer_id.at;
	return true;
}

static bool read_content(struct der in, struct x509 *certificate, struct err *err)
{
	struct extensions all = {0};
	if (!take_version_and_serial(&in) ||
	    !take_exactly(&in, PROFILE_ED25519, sizeof(PROFILE_ED25519)) ||
	    !der_take_whole(&in, DER_SEQUENCE, &certificate->issuer) ||
	    !take_validity(&in, certificate) ||
	    !der_take_whole(&in, DER_SEQUENCE, &certificate->subject) ||
	    !profile_take_public_key(&in, &certificate->public_key))
		return refuse(err, "it is not an Ed25519 certificate of version 3");
	return take_extensions(&in, &all, err) && check_usage(&all, certificate, err) &&
	       read_names(all.names, certificate, err) &&
	       read_key_ids(all.key_id, all.issuer_key_id, certificate, err);
}

bool x509_read(const uint8_t *der, size_t len, struct x509 *certificate, struct err *err)
{
	struct der content;
	*certificate = (struct x509){0};
	if (len > X509_SIZE_MAX)
		return refuse(err, "it is too large");
	if (!profile_take_signed(der, len, &certificate->signed_part, &certificate->signature))
		return refuse(err, "it is not a certificate with an Ed25519 signature");
	struct der whole = certificate->signed_part;
	return der_take(&whole, DER_SEQUENCE, &content) && read_content(content, certificate, err);
}

bool x509_names_issuer(const struct x509 *certificate, const struct x509 *authority,
		       struct err *err)
{
	if (!authority->authority || certificate->authority)
		return refuse(err, "the authority's and the workload's are not in their places");
	if (!der_equal(&certificate->issuer, authority->subject.at, authority->subject.left) ||
	    memcmp(certificate->issuer_key_id, authority->key_id, KEY_ID_SIZE) != 0)
		return refuse(err, "another authority issued it");
	return true;
}

bool x509_issued_by(const struct x509 *certificate, const struct x509 *authority, struct err *err)
{
	if (!x509_names_issuer(certificate, authority, err))
		return false;
	if (!key_verify(authority->public_key, certificate->signed_part.at,
			certificate->signed_part.left, certificate->signature))
		return refuse(err, "its signature is not the authority's");
	return true;
}

bool x509_valid_at(const struct x509 *certificate, time_t now, struct err *err)
{
	if (now < certificate->not_before)
		return refuse(err, "it is not valid yet");
	if (now > certificate->not_after)
		return refuse(err, "it has expired");
	return true;
}
