// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a phase may reach: pure decisions about names, ports and addresses. A name is judged before
 * it is resolved, an address after; both must pass.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

#define EGRESS_NAME_MAX 253 // RFC 1035, as text without the last dot

struct egress_rule {
	const char *name; // exact, "*.example.org" (its subdomains, not itself), or "*"
	uint16_t port;	  // 0: 80 and 443
	bool exempt;	  // its addresses may be private; never on a pattern
	bool is_service;  // of the host: `address` is what the name means, and nobody is asked
	struct in6_addr address;
};

struct egress_policy {		    // of one phase
	const char *phase;	    // "prepare of workload editor"
	const char *service_domain; // ".host.capakit.internal"; "": the host offers nothing
	struct egress_rule *rules;
	size_t n_rules;
};

struct egress_target {
	char name[EGRESS_NAME_MAX +
		  1];		 // lower case, without the last dot; a literal's usual notation
	bool literal;		 // an address was given: `address` is it
	struct in6_addr address; // IPv4 as ::ffff:a.b.c.d
	uint16_t port;
};

/*
 * "host:port", "[v6]:port"; without a port `default_port` (0: there must be one). ERR_PROTOCOL says
 * what is wrong: bytes that are no host name's, addresses in odd notations, ports out of range.
 */
must_check bool egress_target_parse(const char *text, size_t len, uint16_t default_port,
				    struct egress_target *target, struct err *err);

/* Is it a name below the domain (".host.capakit.internal") of the host's services? */
bool egress_target_is_service(const struct egress_target *target, const char *domain);

/* Does the rule make sense? ERR_PROTOCOL says what is wrong with it. */
must_check bool egress_rule_check(const struct egress_rule *rule, struct err *err);

/* The rule that allows the target by name and port (one that is exempt first), or NULL. */
const struct egress_rule *egress_rule_find(const struct egress_policy *policy,
					   const struct egress_target *target);

/* The first rule that names the target's host, with whatever port, or NULL. */
const struct egress_rule *egress_rule_find_name(const struct egress_policy *policy,
						const struct egress_target *target);

/*
 * Why this address must not be dialled ("a loopback address"), or NULL when it may be. With
 * `exempt` the addresses of private networks and of this machine pass; link-local (cloud metadata),
 * multicast and reserved ones never do.
 */
const char *egress_address_refusal(const struct in6_addr *address, bool exempt);
