// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The certificate authorities that this host trusts, as one file that a sandbox may see: the
 * host's own list, or what SSL_CERT_FILE names instead, and what NODE_EXTRA_CA_CERTS adds.
 */
#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the blocks of PEM that are certificates (RFC 7468), and nothing else: such files may hold
 * private keys too. How many there were; -1 when `out` is full.
 */
int ca_bundle_extract(const char *text, size_t len, struct buf *out);

/*
 * *path: the host's own file where neither variable is set, else one in <state>/ca/, named by its
 * content. NULL when the host has none. ERR_MISSING when a variable names what cannot be read or
 * holds no certificate. The caller frees.
 */
must_check bool ca_bundle_find(int state_dir, const char *state_path, char **path, struct err *err);
