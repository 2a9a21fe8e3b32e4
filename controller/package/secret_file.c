// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names are those under which well known programs keep credentials. What a file holds is looked at
 * for the two cases that a name does not tell: a private key, and a package manager's
 * settings, which are harmless but for a token in them.
 */
#include "controller/package/secret_file.h"

#include <fnmatch.h>

#include "base/mem.h"

struct secret_name {
	const char *pattern;
	const char *reason;
};

#define KEY "may be a private key"
#define PASSWORDS "may hold passwords or tokens"

static const struct secret_name NAMES[] = {
	{"*.pem", KEY},
	{"*.key", KEY},
	{"*.p12", KEY},
	{"*.pfx", KEY},
	{"*.jks", KEY},
	{"*.keystore", KEY},
	{"*.ppk", KEY},
	{"*.kdbx", PASSWORDS},
	{".netrc", PASSWORDS},
	{"_netrc", PASSWORDS},
	{".git-credentials", PASSWORDS},
	{".pgpass", PASSWORDS},
	{".my.cnf", PASSWORDS},
	{".htpasswd", PASSWORDS},
	{".pypirc", PASSWORDS},
	{".dockercfg", PASSWORDS},
	{".envrc", PASSWORDS},
	{"credentials", PASSWORDS},
	{"credentials.json", PASSWORDS},
	{"service-account*.json", PASSWORDS},
	{"secrets.json", PASSWORDS},
	{"secrets.y*ml", PASSWORDS},
};

static const struct secret_name FOLDERS[] = {
	{".ssh", KEY},	      {".gnupg", KEY},	      {".aws", PASSWORDS},
	{".kube", PASSWORDS}, {".docker", PASSWORDS}, {".password-store", PASSWORDS},
};

/* id_rsa, id_ed25519_sk, id_work: a name of ssh-keygen has no dot but that of its public half. */
static bool is_ssh_key(const char *name)
{
	return str_starts(name, "id_") && !strchr(name, '.');
}

static const char *find(const struct secret_name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(names[i].pattern, name, FNM_CASEFOLD) == 0)
			return names[i].reason;
	return NULL;
}

const char *secret_file_by_name(const char *name, bool folder)
{
	if (folder)
		return find(FOLDERS, array_len(FOLDERS), name);
	const char *reason = find(NAMES, array_len(NAMES), name);
	return reason || !is_ssh_key(name) ? reason : KEY;
}

static bool holds(const char *data, size_t len, const char *text)
{
	return memmem(data, len, text, strlen(text)) != NULL;
}

static bool is_settings_file(const char *name)
{
	return str_eq(name, ".npmrc") || str_eq(name, ".yarnrc") || str_eq(name, ".yarnrc.yml") ||
	       str_eq(name, "bunfig.toml");
}

const char *secret_file_by_content(const char *name, const char *data, size_t len)
{
	static const char *const MARKS[] = {"_authToken",   "_auth", "_password", "npmAuthToken",
					    "npmAuthIdent", "token", "password"};
	if (holds(data, len, "-----BEGIN ") && holds(data, len, "PRIVATE KEY-----"))
		return "holds a private key";
	if (!is_settings_file(name))
		return NULL;
	for (size_t i = 0; i < array_len(MARKS); i++)
		if (holds(data, len, MARKS[i]))
			return "holds a token for a package registry";
	return NULL;
}
