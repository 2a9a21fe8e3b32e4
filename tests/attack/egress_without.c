// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The egress proxy as it would be without one of its layers, to show that the attacks of
 * egress.test are attacks: linked with --wrap into the driver that serves the real one.
 * EGRESS_WITHOUT lists what is off: "addresses" (any address may be dialled), "names" (a rule's
 * name need only occur somewhere, a usual mistake), "notation" (a host is read as inet_aton(3) and
 * getaddrinfo(3) do).
 */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "sidecar/egress_dial.h"
#include "sidecar/egress_policy.h"

const char *__real_egress_address_refusal(const struct in6_addr *address, bool exempt);
const char *__wrap_egress_address_refusal(const struct in6_addr *address, bool exempt);
bool __real_egress_address_is_own(const struct in6_addr *address);
bool __wrap_egress_address_is_own(const struct in6_addr *address);
const struct egress_rule *__real_egress_rule_find(const struct egress_policy *policy,
						  const struct egress_target *target);
const struct egress_rule *__wrap_egress_rule_find(const struct egress_policy *policy,
						  const struct egress_target *target);
bool __real_egress_target_parse(const char *text, size_t len, uint16_t default_port,
				struct egress_target *target, struct err *err);
bool __wrap_egress_target_parse(const char *text, size_t len, uint16_t default_port,
				struct egress_target *target, struct err *err);

static bool without(const char *layer)
{
	const char *off = getenv("EGRESS_WITHOUT");
	return off && strstr(off, layer);
}

const char *__wrap_egress_address_refusal(const struct in6_addr *address, bool exempt)
{
	return without("addresses") ? NULL : __real_egress_address_refusal(address, exempt);
}

bool __wrap_egress_address_is_own(const struct in6_addr *address)
{
	return !without("addresses") && __real_egress_address_is_own(address);
}

const struct egress_rule *__wrap_egress_rule_find(const struct egress_policy *policy,
						  const struct egress_target *target)
{
	for (size_t i = 0; without("names") && i < policy->n_rules; i++)
		if (strstr(target->name, policy->rules[i].name))
			return &policy->rules[i];
	return __real_egress_rule_find(policy, target);
}

static bool read_as_libc_does(char *host, struct egress_target *target)
{
	static const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
	struct addrinfo *info = NULL;
	if (getaddrinfo(host, NULL, &hints, &info) != 0)
		return false;
	target->literal = true;
	if (info->ai_family == AF_INET6) {
		target->address =
			((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr;
	} else {
		const struct sockaddr_in *v4 = (const void *)info->ai_addr;
		target->address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
		memcpy(target->address.s6_addr + 12, &v4->sin_addr, 4);
	}
	freeaddrinfo(info);
	return true;
}

bool __wrap_egress_target_parse(const char *text, size_t len, uint16_t default_port,
				struct egress_target *target, struct err *err)
{
	auto_free char *copy = xstrndup(text, len);
	char *colon = strrchr(copy, ':');
	char *host = copy;
	uint64_t port = default_port;
	*target = (struct egress_target){0};
	if (without("notation")) {
		if (colon && colon[1] != '\0' && !strchr(colon, ']')) {
			(void)num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port);
			*colon = '\0';
		}
		if (host[0] == '[' && host[strlen(host) - 1] == ']') {
			host[strlen(host) - 1] = '\0';
			host++;
		}
		target->port = (uint16_t)port;
		if (strlen(host) < sizeof(target->name) && read_as_libc_does(host, target)) {
			memcpy(target->name, host, strlen(host) + 1);
			return true;
		}
	}
	return __real_egress_target_parse(text, len, default_port, target, err);
}
