// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Certificates for fuzz targets, of an authority that is made once per process. Abort on failure.
 */
#include "certs/tls.h"

struct tls_context *tls_name_context(const char *name);
