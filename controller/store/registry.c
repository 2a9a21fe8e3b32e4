// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which package registry the host is configured with. Only its address is taken: tokens in a
 * person's .npmrc never enter a sandbox.
 */
#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/store/toolchain.h"

#define NPMRC_MAX (64 * KIB)

static char *from_environment(void)
{
	static const char *const names[] = {"BUN_CONFIG_REGISTRY", "NPM_CONFIG_REGISTRY",
					    "npm_config_registry"};
	for (size_t i = 0; i < array_len(names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return xstrdup(value);
	}
	return NULL;
}

/* The value of a line `registry = URL`, with optional quotes; npm takes the last one. */
static char *from_npmrc_text(char *text)
{
	char *found = NULL;
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		line += strspn(line, " \t");
		if (!str_starts(line, "registry"))
			continue;
		line += strlen("registry");
		line += strspn(line, " \t");
		if (*line++ != '=')
			continue;
		line += strspn(line, " \t\"'");
		free(found);
		found = xstrndup(line, strcspn(line, " \t\r\"'"));
	}
	return found;
}

static char *from_npmrc(void)
{
	const char *home = getenv("HOME");
	if (!home)
		return NULL;
	auto_free char *file = xasprintf("%s/.npmrc", home);
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	auto_free char *text = NULL;
	size_t len;
	struct err ignored;
	if (fd < 0 || !fd_read_all(fd, NPMRC_MAX, &text, &len, &ignored))
		return NULL;
	return from_npmrc_text(text);
}

static bool bad_registry(const char *url, struct err *err)
{
	return err_set(
		err, ERR_USAGE,
		"the package registry %s is not an URL of the form https://host[:port]/path; "
		"correct NPM_CONFIG_REGISTRY or ~/.npmrc",
		url);
}

bool registry_parse(const char *url, struct registry *registry, struct err *err)
{
	*registry = (struct registry){0};
	bool https = str_starts(url, "https://");
	if (!https && !str_starts(url, "http://"))
		return bad_registry(url, err);
	const char *host = url + (https ? strlen("https://") : strlen("http://"));
	size_t authority = strcspn(host, "/?#");
	size_t len = strcspn(host, ":/?#");
	uint64_t port = https ? 443 : 80;
	if (len == 0 || memchr(host, '@', authority))
		return bad_registry(url, err);
	if (len < authority && !num_parse_u64(host + len + 1, authority - len - 1, 65535, &port))
		return bad_registry(url, err);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)host[i]) && host[i] != '-' && host[i] != '.')
			return bad_registry(url, err);
	registry->url = xstrdup(url);
	registry->host = xstrndup(host, len);
	registry->port = (uint16_t)port;
	return true;
}

bool registry_find(const struct toolchain *toolchain, struct registry *registry, struct err *err)
{
	*registry = (struct registry){0};
	auto_free char *url = from_environment();
	if (!url)
		url = from_npmrc();
	if (!url)
		url = xstrdup(toolchain->registry);
	if (!url)
		return err_set(
			err, ERR_MISSING,
			"no package registry is known for `bun install`: run deploy/setup, or "
			"set NPM_CONFIG_REGISTRY to its URL");
	return registry_parse(url, registry, err);
}

void registry_free(struct registry *registry)
{
	free(registry->url);
	free(registry->host);
	*registry = (struct registry){0};
}
