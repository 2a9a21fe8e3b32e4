// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * NO_PROXY has no standard. What is read here is what curl, Go and Python agree on: an entry is a
 * name with everything below it, or an address, or a network, and any of them may have a port.
 */
#include "sidecar/egress_upstream.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

enum { ENTRY_MAX = EGRESS_NAME_MAX + 8 };

static bool to_address(const char *text, struct in6_addr *address)
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	*address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	return inet_pton(AF_INET, text, address->s6_addr + 12) == 1;
}

static bool same_bits(const struct in6_addr *a, const struct in6_addr *b, uint64_t bits)
{
	size_t whole = bits / 8;
	unsigned rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a->s6_addr[whole] ^ b->s6_addr[whole]) >> (8 - rest)) == 0;
}

/* An address or a network. */
static bool spares_address(char *text, const struct egress_target *target)
{
	struct in6_addr address;
	uint64_t bits = 128;
	char *slash = strchr(text, '/');
	if (slash) {
		*slash = '\0';
		uint64_t most = strchr(text, ':') ? 128 : 32;
		if (!num_parse_u64(slash + 1, strlen(slash + 1), most, &bits))
			return false;
		bits += 128 - most;
	}
	return to_address(text, &address) && same_bits(&address, &target->address, bits);
}

static bool spares_name(const char *text, const struct egress_target *target)
{
	text += strspn(text, "*.");
	size_t len = strlen(text), name_len = strlen(target->name);
	if (len == 0 || len > name_len || strcasecmp(target->name + name_len - len, text) != 0)
		return false;
	return len == name_len || target->name[name_len - len - 1] == '.';
}

/* Takes the port off; false when it is another than the target's. */
static bool port_fits(char *text, const struct egress_target *target)
{
	char *colon = strrchr(text, ':');
	uint64_t port;
	if (text[0] == '[') { // [v6] or [v6]:port
		char *close = strchr(text, ']');
		if (!close)
			return false;
		colon = close[1] == ':' ? close + 1 : NULL;
		*close = '\0';
		memmove(text, text + 1, strlen(text + 1) + 1);
	} else if (colon && strchr(text, ':') != colon) {
		colon = NULL; // IPv6 without a port
	}
	if (!colon)
		return true;
	bool fits = num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port) &&
		    port == target->port;
	*colon = '\0';
	return fits;
}

bool egress_upstream_spares(const char *entry, const struct egress_target *target)
{
	char text[ENTRY_MAX];
	if (str_eq(entry, "*"))
		return true;
	if (strlen(entry) >= sizeof(text))
		return false;
	memcpy(text, entry, strlen(entry) + 1);
	if (!port_fits(text, target))
		return false;
	return target->literal ? spares_address(text, target) : spares_name(text, target);
}

const struct egress_upstream *egress_upstream_for(const struct egress_upstreams *upstreams,
						  bool connect, const struct egress_target *target)
{
	const struct egress_upstream *upstream = connect ? &upstreams->https : &upstreams->http;
	if (!upstream->host)
		return NULL;
	for (size_t i = 0; i < upstreams->n_direct; i++)
		if (egress_upstream_spares(upstreams->direct[i], target))
			return NULL;
	return upstream;
}

static bool put_authority(const struct egress_target *target, struct buf *out)
{
	bool v6 = strchr(target->name, ':') != NULL;
	return buf_printf(out, "%s%s%s:%u", v6 ? "[" : "", target->name, v6 ? "]" : "",
			  target->port);
}

bool egress_upstream_connect(const struct egress_upstream *upstream,
			     const struct egress_target *target, struct buf *out)
{
	return buf_append_str(out, "CONNECT ") && put_authority(target, out) &&
	       buf_append_str(out, " HTTP/1.1\r\nhost: ") && put_authority(target, out) &&
	       (!upstream->authorization ||
		buf_printf(out, "\r\nproxy-authorization: %s", upstream->authorization)) &&
	       buf_append_str(out, "\r\n\r\n");
}

static bool copy_one(struct egress_upstream *to, const Capakit__Sidecar__V1__EgressUpstream *from,
		     struct err *err)
{
	if (!from)
		return true;
	if (from->port == 0 || from->port > UINT16_MAX)
		return err_set(err, ERR_PROTOCOL, "an upstream proxy with port %u", from->port);
	to->host = xstrdup(from->host);
	to->port = (uint16_t)from->port;
	to->authorization = *from->authorization ? xstrdup(from->authorization) : NULL;
	return true;
}

bool egress_upstreams_copy(struct egress_upstreams *to,
			   const Capakit__Sidecar__V1__EgressUpstreams *from, struct err *err)
{
	*to = (struct egress_upstreams){0};
	if (!from)
		return true;
	if (from->n_direct > EGRESS_UPSTREAM_DIRECT_MAX)
		return err_set(err, ERR_LIMIT, "%zu entries of NO_PROXY", from->n_direct);
	to->direct = xcalloc(from->n_direct + 1, sizeof(*to->direct));
	for (; to->n_direct < from->n_direct; to->n_direct++)
		to->direct[to->n_direct] = xstrdup(from->direct[to->n_direct]);
	return copy_one(&to->http, from->http, err) && copy_one(&to->https, from->https, err);
}

static void free_one(struct egress_upstream *upstream)
{
	free(upstream->host);
	if (upstream->authorization)
		explicit_bzero(upstream->authorization, strlen(upstream->authorization));
	free(upstream->authorization);
}

void egress_upstreams_free(struct egress_upstreams *upstreams)
{
	free_one(&upstreams->http);
	free_one(&upstreams->https);
	for (size_t i = 0; i < upstreams->n_direct; i++)
		free(upstreams->direct[i]);
	free(upstreams->direct);
	*upstreams = (struct egress_upstreams){0};
}
