// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The strict side of every choice here is meant: what a manifest names ends up in request paths,
 * allow lists and file names, and a name that can be read in two ways is one that two parts of this
 * program could read differently.
 */
#include "controller/manifest/syntax.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

#define HOST_NAME_MAX_BYTES 253
#define HOST_LABEL_MAX_BYTES 63

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

static size_t digits_at(const char *text)
{
	return strspn(text, "0123456789");
}

bool syntax_is_number(const char *text)
{
	if (*text == '-')
		text++;
	size_t whole = digits_at(text);
	if (!whole || (whole > 1 && *text == '0'))
		return false;
	text += whole;
	if (*text == '.') {
		size_t fraction = digits_at(text + 1);
		if (!fraction)
			return false;
		text += 1 + fraction;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		if (*text == '+' || *text == '-')
			text++;
		if (!digits_at(text))
			return false;
		text += digits_at(text);
	}
	return *text == '\0';
}

static bool has_dot_segment(const char *path)
{
	for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
		size_t len = strcspn(slash + 1, "/");

		if ((len == 1 && slash[1] == '.') ||
		    (len == 2 && slash[1] == '.' && slash[2] == '.'))
			return true;
	}
	return false;
}

static const char *path_fault(const char *path, size_t len)
{
	if (path[0] != '/')
		return "it has to begin with \"/\"";
	if (len > MANIFEST_PATH_MAX)
		return "it is too long";
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(path[i]) && !strchr("/-._~!$&'()+,=:@", path[i]))
			return "only letters, digits and -._~!$&'()+,=:@ may stand between its "
			       "slashes";
	}
	if (strstr(path, "//"))
		return "\"//\" in it could be read in two ways";
	if (has_dot_segment(path))
		return "\".\" and \"..\" in it could be read in two ways";
	return NULL;
}

const char *syntax_path_fault(const char *path)
{
	size_t len = strlen(path);
	const char *fault = path_fault(path, len);

	if (!fault && len > 1 && path[len - 1] == '/')
		return "it may not end with \"/\"";
	return fault;
}

const char *syntax_pattern_fault(const char *pattern)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		len--;
	return path_fault(pattern, len);
}

bool syntax_is_request_path(const char *path)
{
	size_t len = strlen(path);

	if (path[0] != '/' || strncmp(path, "//", 2) == 0 || len > HTTP_TARGET_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (path[i] <= ' ' || path[i] >= 0x7f || strchr("\\#\"<>^`{|}", path[i]))
			return false;
	}
	auto_free char *alone = xstrndup(path, strcspn(path, "?"));
	return !has_dot_segment(alone);
}

static bool is_label(const char *label, size_t len)
{
	if (len == 0 || len > HOST_LABEL_MAX_BYTES || label[0] == '-' || label[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	}
	return true;
}

/* "127.0.0.1", "1.2", "0x7f": names whose last label is a number are addresses to many readers. */
static bool is_numeric_label(const char *label, size_t len)
{
	if (len > 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
		return strspn(label + 2, "0123456789abcdefABCDEF") >= len - 2;
	return digits_at(label) >= len;
}

bool syntax_is_host_name(const char *name)
{
	const char *label = name;
	size_t len;

	if (strlen(name) > HOST_NAME_MAX_BYTES)
		return false;
	for (;; label += len + 1) {
		len = strcspn(label, ".");
		if (!is_label(label, len))
			return false;
		if (label[len] == '\0')
			return !is_numeric_label(label, len);
	}
}

bool syntax_is_host_pattern(const char *name)
{
	return syntax_is_host_name(str_starts(name, "*.") ? name + 2 : name);
}

static bool is_loopback_address(const char *host)
{
	return str_eq(host, "127.0.0.1") || str_eq(host, "[::1]");
}

bool syntax_is_origin(const char *origin)
{
	const char *authority = str_starts(origin, "https://")	? origin + 8
				: str_starts(origin, "http://") ? origin + 7
								: NULL;
	if (!authority)
		return false;
	const char *colon = strrchr(authority, ':');
	uint64_t port;

	if (colon && strchr(colon, ']'))
		colon = NULL;
	auto_free char *host =
		xstrndup(authority, colon ? (size_t)(colon - authority) : strlen(authority));
	if (colon && (!num_parse_u64(colon + 1, strlen(colon + 1), 65535, &port) || port == 0))
		return false;
	return is_loopback_address(host) || syntax_is_host_name(host);
}

bool syntax_is_env_name(const char *name)
{
	if (!*name || is_digit(*name))
		return false;
	for (; *name; name++) {
		if (!is_alnum(*name) && *name != '_')
			return false;
	}
	return true;
}

bool syntax_is_token(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++) {
		if (!is_alnum(*name) && !strchr("!#$%&'*+-.^_`|~", *name))
			return false;
	}
	return true;
}

bool syntax_is_header_value(const char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return false;
	}
	return true;
}

bool syntax_is_folder_beneath(const char *path)
{
	if (!*path || *path == '/' || strlen(path) > MANIFEST_PATH_MAX)
		return false;
	for (const char *at = path; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return false;
	}
	for (const char *part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
			return false;
	}
	return true;
}
