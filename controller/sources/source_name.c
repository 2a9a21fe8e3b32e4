// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Takes git URLs apart, strictly: whatever a URL holds ends as an argument of git or ssh, so what
 * could be read as an option there, or in two ways, is refused here.
 */
#include "controller/sources/source_name.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

#define ARCHIVE_SUFFIX ".capakit"
enum { COMMIT_DIGITS = 40, HTTPS_PORT = 443 };

static const struct {
	const char *start;
	enum git_transport transport;
	const char *refused; // why it is no way to fetch, and what is
} schemes[] = {
	{"https://", GIT_HTTPS, NULL},
	{"file://", GIT_FILE, NULL},
	{"ssh://", GIT_SSH, NULL},
	{"git@", GIT_SSH, NULL},
	{"http://", GIT_HTTPS, "http is not encrypted; write https://"},
	{"git://", GIT_HTTPS, "the git protocol is not encrypted; write https://"},
};

bool source_is_git(const char *name)
{
	for (size_t i = 0; i < array_len(schemes); i++)
		if (str_starts(name, schemes[i].start))
			return true;
	return false;
}

bool source_is_archive(const char *name)
{
	size_t len = strlen(name), suffix = strlen(ARCHIVE_SUFFIX);
	return len > suffix && str_eq(name + len - suffix, ARCHIVE_SUFFIX);
}

bool git_is_commit(const char *text)
{
	return strlen(text) == COMMIT_DIGITS && strspn(text, "0123456789abcdef") == COMMIT_DIGITS;
}

bool git_url_is_pinned(const char *text)
{
	const char *ref = strrchr(text, '#');
	return ref && git_is_commit(ref + 1);
}

/* ---- the parts ---- */

/* git-check-ref-format(1), and no `-` at the beginning. */
static bool is_ref(const char *ref)
{
	size_t len = strlen(ref);
	return len > 0 && len <= SOURCE_REF_MAX && ref[0] != '-' && ref[0] != '/' &&
	       ref[0] != '.' && !strpbrk(ref, "~^:?*[\\#\"'`$&|;<>(){}!") && !strstr(ref, "..") &&
	       !strstr(ref, "//") && !strstr(ref, "/.") && !strstr(ref, "@{") &&
	       !str_eq(ref, "@") && ref[len - 1] != '/' && ref[len - 1] != '.' &&
	       !strstr(ref, ".lock");
}

static bool is_host(const char *host)
{
	if (!isalnum((unsigned char)host[0]))
		return false;
	for (; *host; host++)
		if (!isalnum((unsigned char)*host) && *host != '-' && *host != '.')
			return false;
	return true;
}

static bool is_user(const char *user)
{
	if (!isalnum((unsigned char)user[0]))
		return false;
	for (; *user; user++)
		if (!isalnum((unsigned char)*user) && !strchr("-_.", *user))
			return false;
	return true;
}

static bool is_shown(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static bool fail(const char *text, const char *why, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "%.300s: %s. A git source is https://HOST/PATH, git@HOST:PATH or "
		       "file:///PATH, with #BRANCH, #TAG or #COMMIT at its end if wanted",
		       text, why);
}

/* HOST[:PORT], which takes `text` apart. */
static bool set_host(struct git_url *url, char *text, struct err *err)
{
	char *colon = strchr(text, ':');
	uint64_t port = url->transport == GIT_HTTPS ? HTTPS_PORT : 0;
	if (colon && (!num_parse_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &port) || !port))
		return fail(url->text, "the port is no number from 1 to 65535", err);
	if (colon)
		*colon = '\0';
	if (!is_host(text))
		return fail(url->text, "the host is no name", err);
	url->port = (uint16_t)port;
	url->host = xstrdup(text);
	for (char *c = url->host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return true;
}

static bool set_path(struct git_url *url, const char *path, struct err *err)
{
	if (!path[0] || str_eq(path, "/") || path[0] == '-' || strchr(path, '\''))
		return fail(url->text, "its path is empty, begins with '-' or has a quote", err);
	url->path = xstrdup(path);
	return true;
}

/* ---- the transports ---- */

static bool parse_https(struct git_url *url, const char *rest, struct err *err)
{
	const char *slash = strchr(rest, '/');
	auto_free char *host = xstrndup(rest, slash ? (size_t)(slash - rest) : strlen(rest));
	if (strchr(host, '@'))
		return fail(url->text, "leave out user and password: a URL is shown and stored",
			    err);
	return set_host(url, host, err) && set_path(url, slash ? slash : "", err);
}

static bool parse_file(struct git_url *url, const char *rest, struct err *err)
{
	if (rest[0] != '/')
		return fail(url->text, "the path of a file:// URL is absolute (three slashes)",
			    err);
	return set_path(url, rest, err);
}

static bool set_user(struct git_url *url, const char *user, size_t len, struct err *err)
{
	url->user = xstrndup(user, len);
	return is_user(url->user) || fail(url->text, "the user is no plain name", err);
}

/* ssh://[USER@]HOST[:PORT]/PATH */
static bool parse_ssh(struct git_url *url, const char *rest, struct err *err)
{
	const char *slash = strchr(rest, '/');
	const char *at = memchr(rest, '@', slash ? (size_t)(slash - rest) : strlen(rest));
	if (!slash)
		return fail(url->text, "it has no path", err);
	if (at && !set_user(url, rest, (size_t)(at - rest), err))
		return false;
	const char *host = at ? at + 1 : rest;
	auto_free char *copy = xstrndup(host, (size_t)(slash - host));
	return set_host(url, copy, err) && set_path(url, slash, err);
}

/* git@HOST:PATH */
static bool parse_scp(struct git_url *url, const char *text, struct err *err)
{
	const char *host = strchr(text, '@') + 1;
	const char *colon = strchr(host, ':');
	if (!colon)
		return fail(url->text, "it has no ':' before its path", err);
	auto_free char *copy = xstrndup(host, (size_t)(colon - host));
	return set_user(url, text, (size_t)(host - 1 - text), err) && set_host(url, copy, err) &&
	       set_path(url, colon + 1, err);
}

static bool parse_parts(struct git_url *url, struct err *err)
{
	for (size_t i = 0; i < array_len(schemes); i++) {
		const char *start = schemes[i].start;
		if (!str_starts(url->text, start))
			continue;
		if (schemes[i].refused)
			return fail(url->text, schemes[i].refused, err);
		url->transport = schemes[i].transport;
		const char *rest = url->text + strlen(start);
		switch (url->transport) {
		case GIT_HTTPS:
			return parse_https(url, rest, err);
		case GIT_FILE:
			return parse_file(url, rest, err);
		case GIT_SSH:
			return str_eq(start, "git@") ? parse_scp(url, url->text, err)
						     : parse_ssh(url, rest, err);
		}
	}
	return fail(url->text, "it is no git URL", err);
}

bool git_url_parse(const char *text, struct git_url *url, struct err *err)
{
	const char *hash = strchr(text, '#');
	*url = (struct git_url){0};
	if (strlen(text) > SOURCE_URL_MAX || !is_shown(text))
		return fail(text, "it is too long, or has spaces or bytes that cannot be shown",
			    err);
	url->text = xstrndup(text, hash ? (size_t)(hash - text) : strlen(text));
	if (hash && !is_ref(hash + 1))
		return fail(text, "what follows the # is no name of a branch, a tag or a commit",
			    err);
	url->ref = hash ? xstrdup(hash + 1) : NULL;
	return parse_parts(url, err);
}

void git_url_free(struct git_url *url)
{
	free(url->text);
	free(url->ref);
	free(url->host);
	free(url->user);
	free(url->path);
	*url = (struct git_url){0};
}
