// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names and ports that a phase may reach. What a name may be is read strictly: whatever two
 * resolvers could take for different hosts is refused before anybody resolves it. Addresses are
 * judged in egress_address.c.
 */
#include "sidecar/egress_policy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/num.h"

enum { LABEL_MAX = 63 };

struct span {
	const char *text;
	size_t len;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Letters, digits and hyphens (not at an end) between dots: RFC 1123, section 2.1. */
static bool is_host_name(struct span host)
{
	size_t label = 0;
	if (host.len == 0 || host.len > EGRESS_NAME_MAX)
		return false;
	for (size_t i = 0; i <= host.len; i++) {
		char c = i < host.len ? host.text[i] : '.';
		if (c == '.') {
			if (label == 0 || label > LABEL_MAX || host.text[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!is_letter_or_digit(c) && (c != '-' || label == 0))
			return false;
		label++;
	}
	return true;
}

/* Would anybody read it as an IPv4 address? Its last label is a number, decimal, octal or 0x. */
static bool ends_in_number(struct span host)
{
	const char *dot = memrchr(host.text, '.', host.len);
	const char *label = dot ? dot + 1 : host.text;
	const char *end = host.text + host.len;
	if (end - label >= 2 && label[0] == '0' && (label[1] | 0x20) == 'x')
		return true;
	while (label < end && is_digit(*label))
		label++;
	return label == end;
}

static bool to_address(int family, struct span text, struct in6_addr *address)
{
	char copy[INET6_ADDRSTRLEN];
	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.text, 0, text.len))
		return false;
	memcpy(copy, text.text, text.len);
	copy[text.len] = '\0';
	if (family == AF_INET6)
		return inet_pton(AF_INET6, copy, address) == 1;
	*address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	return inet_pton(AF_INET, copy, address->s6_addr + 12) == 1;
}

static bool set_literal(int family, struct span text, struct egress_target *target)
{
	if (!to_address(family, text, &target->address))
		return false;
	target->literal = true;
	const void *bytes = target->address.s6_addr + (family == AF_INET ? 12 : 0);
	return inet_ntop(family, bytes, target->name, sizeof(target->name)) != NULL;
}

static bool set_name(struct span host, struct egress_target *target, struct err *err)
{
	bool dot = host.len && host.text[host.len - 1] == '.';
	struct span name = {host.text, host.len - dot};
	if (!is_host_name(name))
		return err_set(err, ERR_PROTOCOL,
			       "the host is no name: letters, digits and hyphens between dots");
	if (ends_in_number(name)) {
		if (dot || !set_literal(AF_INET, name, target))
			return err_set(err, ERR_PROTOCOL,
				       "the host is an address in an odd notation: write four "
				       "decimal numbers");
		return true;
	}
	for (size_t i = 0; i < name.len; i++)
		target->name[i] = lower(name.text[i]);
	return true;
}

static bool set_port(struct span port, uint16_t default_port, struct egress_target *target,
		     struct err *err)
{
	uint64_t value = default_port;
	if (port.len && !num_parse_u64(port.text + 1, port.len - 1, UINT16_MAX, &value))
		value = 0;
	if (value == 0)
		return err_set(err, ERR_PROTOCOL, "the port is missing or no number from 1 to %d",
			       UINT16_MAX);
	target->port = (uint16_t)value;
	return true;
}

bool egress_target_parse(const char *text, size_t len, uint16_t default_port,
			 struct egress_target *target, struct err *err)
{
	*target = (struct egress_target){0};
	if (len && text[0] == '[') {
		const char *close = memchr(text, ']', len);
		size_t inside = close ? (size_t)(close - text) - 1 : 0;
		struct span port = {text + inside + 2, len - inside - 2};
		if (!close || !set_literal(AF_INET6, (struct span){text + 1, inside}, target) ||
		    (port.len && port.text[0] != ':'))
			return err_set(err, ERR_PROTOCOL, "the host is no IPv6 address");
		return set_port(port, default_port, target, err);
	}
	const char *colon = len ? memchr(text, ':', len) : NULL;
	struct span host = {text, colon ? (size_t)(colon - text) : len};
	struct span port = {text + host.len, len - host.len};
	return set_name(host, target, err) && set_port(port, default_port, target, err);
}

bool egress_target_is_service(const struct egress_target *target, const char *domain)
{
	size_t len = strlen(target->name), domain_len = strlen(domain);
	return domain_len > 0 && len > domain_len &&
	       str_eq(target->name + len - domain_len, domain);
}

static bool is_pattern(const struct egress_rule *rule)
{
	return rule->name[0] == '*';
}

bool egress_rule_check(const struct egress_rule *rule, struct err *err)
{
	if (str_eq(rule->name, "*") && !rule->exempt)
		return true;
	if (is_pattern(rule) && rule->exempt)
		return err_set(err, ERR_PROTOCOL, "the rule %s is exempt and yet a pattern",
			       rule->name);
	if (rule->is_service && (is_pattern(rule) || !rule->exempt || !rule->port))
		return err_set(err, ERR_PROTOCOL, "the rule %s is a service without host or port",
			       rule->name);
	struct egress_target target;
	bool suffix = str_starts(rule->name, "*.");
	struct in6_addr address;
	if (!suffix &&
	    to_address(AF_INET6, (struct span){rule->name, strlen(rule->name)}, &address))
		return true;
	const char *name = rule->name + (suffix ? 2 : 0);
	if (!egress_target_parse(name, strlen(name), 1, &target, err) ||
	    memchr(name, ':', strlen(name)) || (suffix && target.literal)) {
		return err_set(err, ERR_PROTOCOL,
			       "%s is no host name, *.name, * or address without a port",
			       rule->name);
	}
	return true;
}

static bool name_matches(const struct egress_rule *rule, const struct egress_target *target)
{
	if (str_eq(rule->name, "*"))
		return true;
	if (!is_pattern(rule)) {
		size_t len = strlen(rule->name);
		if (len > 1 && rule->name[len - 1] == '.')
			len--;
		return strlen(target->name) == len &&
		       strncasecmp(rule->name, target->name, len) == 0;
	}
	const char *suffix = rule->name + 1; // ".example.org"
	size_t len = strlen(target->name), suffix_len = strlen(suffix);
	return !target->literal && len > suffix_len &&
	       strcasecmp(target->name + len - suffix_len, suffix) == 0;
}

static bool port_matches(const struct egress_rule *rule, uint16_t port)
{
	return rule->port ? rule->port == port : port == 80 || port == 443;
}

const struct egress_rule *egress_rule_find_name(const struct egress_policy *policy,
						const struct egress_target *target)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		if (name_matches(&policy->rules[i], target))
			return &policy->rules[i];
	return NULL;
}

const struct egress_rule *egress_rule_find(const struct egress_policy *policy,
					   const struct egress_target *target)
{
	const struct egress_rule *found = NULL;
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct egress_rule *rule = &policy->rules[i];
		if (!port_matches(rule, target->port) || !name_matches(rule, target))
			continue;
		if (rule->exempt)
			return rule;
		if (!found)
			found = rule;
	}
	return found;
}
