// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a phase may reach: a word, or an allow list by name and port. Addresses are refused, since
 * the egress sidecar decides by names and an address would go round them.
 */
#include "controller/manifest/parse.h"

#include <ctype.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "controller/manifest/syntax.h"

#define HTTPS_PORT 443

static const struct {
	const char *word;
	enum network_kind kind;
} KINDS[] = {
	{"none", NETWORK_NONE},
	{"loopback", NETWORK_LOOPBACK},
	{"registries", NETWORK_REGISTRIES},
	{"full", NETWORK_FULL},
};

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* NULL: fine; else what is wrong. The port is 443 unless written. */
static const char *split_port(char *text, uint16_t *port)
{
	char *colon = strrchr(text, ':');
	uint64_t number = HTTPS_PORT;

	if (colon) {
		if (!num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &number) || !number)
			return "its port has to be a number from 1 to 65535";
		*colon = '\0';
	}
	*port = (uint16_t)number;
	return NULL;
}

static const char *allow_fault(const char *name)
{
	if (str_eq(name, "*"))
		return "for every host, write \"network: full\"";
	if (strstr(name, "/"))
		return "it is a name and a port, not a URL";
	if (!syntax_is_host_pattern(name))
		return "it has to be a host name, with \"*.\" before it for all below it; "
		       "addresses "
		       "are not allowed";
	return NULL;
}

static void read_allowed(struct parse *parse, const struct yaml_node *value,
			 struct manifest_network *network)
{
	const char *text = take_text(parse, value, "a host such as api.example.org:443");
	uint16_t port = 0;

	if (!text)
		return;
	auto_free char *name = xstrdup(text);
	const char *fault = strstr(text, "://") ? "it is a name and a port, not a URL"
						: split_port(name, &port);

	if (!fault)
		fault = allow_fault(name);
	if (fault) {
		report(parse, value->at, NULL, "\"%s\" cannot be allowed: %s", excerpt(text).text,
		       fault);
		return;
	}
	lower(name);
	struct manifest_allow *allow = APPEND(network, allow);
	*allow = (struct manifest_allow){take_ptr(&name), port, value->at};
}

static void read_allow(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_network *network = out;

	if (!expect(parse, value, YAML_LIST, "a list of hosts such as api.example.org:443"))
		return;
	if (!value->first)
		report(parse, value->at, NULL, "nothing is allowed here; write \"network: none\"");
	each_child(child, value) read_allowed(parse, child, network);
}

static const struct field NETWORK_FIELDS[] = {
	{"allow", read_allow, 0, true,
	 "hosts by name, NAME or NAME:PORT (443 unless written); \"*.example.org\" is every name "
	 "below "
	 "example.org"},
};
const struct mapping NETWORK_MAPPING = MAPPING("a network", NETWORK_FIELDS);

static void read_network_word(struct parse *parse, const struct yaml_node *value,
			      struct manifest_network *network)
{
	const char *words[array_len(KINDS)];

	for (size_t i = 0; i < array_len(KINDS); i++)
		words[i] = KINDS[i].word;
	int word = take_word(parse, value,
			     "none, loopback, registries, full or { allow: [HOST, ...] }", words,
			     array_len(words));
	if (word >= 0)
		network->kind = KINDS[word].kind;
}

void read_network(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_network *network = out;

	network->at = value->key_at;
	if (value->kind != YAML_MAPPING) {
		read_network_word(parse, value, network);
		return;
	}
	network->kind = NETWORK_ALLOW;
	read_mapping(parse, value, &NETWORK_MAPPING, network);
}
