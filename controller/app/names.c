// SPDX-License-Identifier: GPL-3.0-or-later
/* How apps, runs and their processes are named; see names.h. */
#include "controller/app/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"

bool name_random_id(char id[RUN_ID_HEX], struct err *err)
{
	uint8_t bytes[(RUN_ID_HEX - 1) / 2];
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_sys(err, errno, "cannot get random bytes for an id");
	text_hex(id, bytes, sizeof(bytes));
	return true;
}

void name_address(const char *app, char address[16])
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 *hash = sha256_new();
	sha256_add_field(hash, "capakit address");
	sha256_add_field(hash, app);
	sha256_finish(&hash, digest);
	/* Host numbers 1..254 in each place: no network or broadcast look-alikes, not 127.0.0.*. */
	snprintf(address, 16, "127.%u.%u.%u", 1u + digest[0] % 254u, 1u + digest[1] % 254u,
		 1u + digest[2] % 254u);
}

char *name_trust_domain(const char *app, const char *run_id)
{
	return xasprintf("%s-%s.capakit", app, run_id);
}

char *name_identity(const char *trust_domain, const char *kit, const char *workload)
{
	char *identity = xasprintf("spiffe://%s", trust_domain);
	for (const char *key = kit; *key;) {
		auto_free char *above = identity;
		size_t len = strcspn(key, ":");
		identity = xasprintf("%s/kit/%.*s", above, (int)len, key);
		key += len + (key[len] == ':');
	}
	auto_free char *of_kit = identity;
	return xasprintf("%s/workload/%s", of_kit, workload);
}

char *name_edge_identity(const char *trust_domain)
{
	return xasprintf("spiffe://%s/edge", trust_domain);
}

char *name_tester_identity(const char *trust_domain)
{
	return xasprintf("spiffe://%s/test", trust_domain);
}

char *name_mount_variable(const char *mount_key)
{
	char *name = xasprintf("CAPAKIT_MOUNT_%s", mount_key);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
	return name;
}
