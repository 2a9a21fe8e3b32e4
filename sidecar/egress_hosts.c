// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A company's registry may stand in the host's /etc/hosts only. c-ares reads that file at each
 * question, which a confined process cannot; so its text is kept from before, and looked through
 * here.
 */
#include "sidecar/egress_hosts.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct span {
	const char *text;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span next_line(struct span *text)
{
	const char *newline = memchr(text->text, '\n', text->len);
	size_t len = newline ? (size_t)(newline - text->text) : text->len;
	struct span line = {text->text, len};
	text->text += len + (newline != NULL);
	text->len -= len + (newline != NULL);
	const char *comment = memchr(line.text, '#', line.len);
	if (comment)
		line.len = (size_t)(comment - line.text);
	return line;
}

static struct span next_word(struct span *line)
{
	while (line->len && is_blank(line->text[0])) {
		line->text++;
		line->len--;
	}
	struct span word = {line->text, 0};
	while (line->len && !is_blank(line->text[0])) {
		line->text++;
		line->len--;
		word.len++;
	}
	return word;
}

static bool read_address(struct span word, struct in6_addr *address)
{
	char copy[INET6_ADDRSTRLEN];
	if (word.len == 0 || word.len >= sizeof(copy))
		return false;
	memcpy(copy, word.text, word.len);
	copy[word.len] = '\0';
	if (inet_pton(AF_INET6, copy, address) == 1)
		return true;
	*address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	return inet_pton(AF_INET, copy, address->s6_addr + 12) == 1;
}

static bool line_names(struct span line, const char *name)
{
	for (struct span word = next_word(&line); word.len; word = next_word(&line))
		if (word.len == strlen(name) && strncasecmp(word.text, name, word.len) == 0)
			return true;
	return false;
}

size_t egress_hosts_find(const char *text, size_t len, const char *name, struct in6_addr *addresses,
			 size_t max)
{
	struct span left = {text, len};
	size_t found = 0;
	while (left.len && found < max) {
		struct span line = next_line(&left);
		struct in6_addr address;
		if (read_address(next_word(&line), &address) && line_names(line, name))
			addresses[found++] = address;
	}
	return found;
}
