// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The text of a hosts file (hosts(5)). Pure. */
#include <netinet/in.h>
#include <stddef.h>

/*
 * The addresses of `name` (in lower case), at most `max`, IPv4 as ::ffff:a.b.c.d. Lines that cannot
 * be read are skipped. Returns how many.
 */
size_t egress_hosts_find(const char *text, size_t len, const char *name, struct in6_addr *addresses,
			 size_t max);
