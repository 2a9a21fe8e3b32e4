// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Addresses that a phase must not reach, as a table: the IANA registries of special-purpose
 * addresses (RFC 6890 and what came after), and what clouds put beside them. IPv6 outside of
 * 2000::/3 is refused as a whole; inside it, what carries an IPv4 address is judged by that address
 * or refused.
 */
#include "sidecar/egress_policy.h"

#include <string.h>

#include "base/mem.h"

struct range {
	uint8_t prefix[16];
	unsigned bits;
	bool exemptable; // reachable with a rule that is exempt
	const char *what;
};

#define V4(a, b, c, d, length)                                                                     \
	{[10] = 0xff, [11] = 0xff, [12] = (a), [13] = (b), [14] = (c), [15] = (d)}, 96 + (length)

/* The first that contains the address decides. */
static const struct range ranges[] = {
	{V4(169, 254, 0, 0, 16), false, "a link-local address (where clouds keep metadata)"},
	{V4(100, 100, 100, 200, 32), false, "a cloud's metadata address"},
	{V4(168, 63, 129, 16, 32), false, "a cloud's metadata address"},
	{V4(127, 0, 0, 0, 8), true, "a loopback address"},
	{V4(10, 0, 0, 0, 8), true, "a private address"},
	{V4(172, 16, 0, 0, 12), true, "a private address"},
	{V4(192, 168, 0, 0, 16), true, "a private address"},
	{V4(100, 64, 0, 0, 10), true, "a provider's internal address"},
	{V4(192, 0, 2, 0, 24), true, "an address for documentation"},
	{V4(198, 51, 100, 0, 24), true, "an address for documentation"},
	{V4(203, 0, 113, 0, 24), true, "an address for documentation"},
	{V4(198, 18, 0, 0, 15), true, "an address for benchmarks"},
	{V4(0, 0, 0, 0, 8), false, "an address of \"this network\""},
	{V4(192, 0, 0, 0, 24), false, "a reserved address"},
	{V4(192, 88, 99, 0, 24), false, "a reserved address"},
	{V4(224, 0, 0, 0, 4), false, "a multicast address"},
	{V4(240, 0, 0, 0, 4), false, "a reserved or broadcast address"},
	{V4(0, 0, 0, 0, 0), false, NULL}, // all other IPv4
	{{0xfd, 0x00, 0x0e, 0xc2}, 32, false, "a cloud's metadata address"},
	{{0xfc}, 7, true, "a private address"},
	{{[15] = 1}, 128, true, "a loopback address"},
	{{0xfe, 0x80}, 10, false, "a link-local address"},
	{{0xff}, 8, false, "a multicast address"},
	{{0x20, 0x01, 0x0d, 0xb8}, 32, true, "an address for documentation"},
	{{0x3f, 0xff}, 20, true, "an address for documentation"},
	{{0x20, 0x01}, 23, false, "a reserved address (Teredo among them)"},
	{{0x20, 0x02}, 16, false, "a 6to4 address"},
	{{0x20}, 3, false, NULL}, // all other global IPv6
	{{0}, 0, false, "a reserved address"},
};

static bool contains(const struct range *range, const uint8_t address[16])
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;
	if (memcmp(range->prefix, address, whole) != 0)
		return false;
	return rest == 0 || ((range->prefix[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

/* 64:ff9b::/96 (RFC 6052): a translator dials the IPv4 address in its last four bytes. */
static bool from_nat64(const struct in6_addr *address, struct in6_addr *inside)
{
	static const uint8_t prefix[12] = {0x00, 0x64, 0xff, 0x9b};
	if (memcmp(address, prefix, sizeof(prefix)) != 0)
		return false;
	*inside = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(inside->s6_addr + 12, address->s6_addr + 12, 4);
	return true;
}

const char *egress_address_refusal(const struct in6_addr *address, bool exempt)
{
	struct in6_addr inside;
	if (from_nat64(address, &inside))
		address = &inside;
	for (size_t i = 0; i < array_len(ranges); i++)
		if (contains(&ranges[i], address->s6_addr))
			return exempt && ranges[i].exemptable ? NULL : ranges[i].what;
	return "an address of no known kind";
}
