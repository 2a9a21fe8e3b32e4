// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The constant parts of a certificate, as DER: what is written and what is expected are the same
 * bytes. Included by the writer, the reader and the signing requests.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "certs/der.h"
#include "certs/key.h"

/* AlgorithmIdentifier of Ed25519: SEQUENCE { OID 1.3.101.112 } (RFC 8410, section 3). */
static const uint8_t PROFILE_ED25519[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};

/* id-ce-*: 2.5.29.x (RFC 5280, section 4.2.1). */
static const uint8_t PROFILE_SUBJECT_KEY_ID[] = {0x55, 0x1d, 14};
static const uint8_t PROFILE_KEY_USAGE[] = {0x55, 0x1d, 15};
static const uint8_t PROFILE_NAMES[] = {0x55, 0x1d, 17};
static const uint8_t PROFILE_CONSTRAINTS[] = {0x55, 0x1d, 19};
static const uint8_t PROFILE_ISSUER_KEY_ID[] = {0x55, 0x1d, 35};
static const uint8_t PROFILE_EXTENDED_USAGE[] = {0x55, 0x1d, 37};

/* BasicConstraints: no authority; an authority with a path length of 0. */
static const uint8_t PROFILE_CONSTRAINTS_LEAF[] = {0x30, 0x00};
static const uint8_t PROFILE_CONSTRAINTS_AUTHORITY[] = {0x30, 0x06, 0x01, 0x01,
							0xff, 0x02, 0x01, 0x00};
/* KeyUsage: digitalSignature; keyCertSign. */
static const uint8_t PROFILE_USAGE_LEAF[] = {0x03, 0x02, 0x07, 0x80};
static const uint8_t PROFILE_USAGE_AUTHORITY[] = {0x03, 0x02, 0x02, 0x04};
/* ExtKeyUsageSyntax: serverAuth 1.3.6.1.5.5.7.3.1, clientAuth 1.3.6.1.5.5.7.3.2. */
static const uint8_t PROFILE_EXTENDED_USAGE_LEAF[] = {
	0x30, 0x14, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03,
	0x01, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

#define PROFILE_URI_TAG 0x86 // GeneralName uniformResourceIdentifier, [6] IA5String

/* SubjectPublicKeyInfo of an Ed25519 key, and SEQUENCE { content, algorithm, signature }. */
bool profile_put_public_key(struct buf *out, const uint8_t public_key[KEY_PUBLIC_SIZE]);
must_check bool profile_put_signed(struct buf *out, const struct buf *content, struct key *key,
				   struct err *err);

/* The same in the other direction; what is returned points into `in`. */
bool profile_take_public_key(struct der *in, const uint8_t **public_key);
bool profile_take_signed(const uint8_t *der, size_t len, struct der *content,
			 const uint8_t **signature);
