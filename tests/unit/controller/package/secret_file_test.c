// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/package/secret_file.h"

static void names_of_credentials(void **unused)
{
	static const char *const SECRET[] = {"server.pem",   "server.KEY",	"id_ed25519",
					     "id_work",	     ".netrc",		"credentials.json",
					     "secrets.yaml", ".git-credentials"};
	static const char *const PLAIN[] = {"index.ts", "id_utils.ts", "id_rsa.pub", "keys.ts",
					    "monkey",	"pem",	       ".npmrc",     "secrets.ts"};
	for (size_t i = 0; i < array_len(SECRET); i++)
		assert_non_null(secret_file_by_name(SECRET[i], false));
	for (size_t i = 0; i < array_len(PLAIN); i++)
		assert_null(secret_file_by_name(PLAIN[i], false));
}

static void folders_have_names_of_their_own(void **unused)
{
	assert_non_null(secret_file_by_name(".ssh", true));
	assert_null(secret_file_by_name("credentials", true));
	assert_null(secret_file_by_name("id_cards", true));
}

static const char *content(const char *name, const char *text)
{
	return secret_file_by_content(name, text, strlen(text));
}

static void a_private_key_under_any_name(void **unused)
{
	assert_non_null(content("notes.txt", "see below\n-----BEGIN RSA PRIVATE KEY-----\nMII"));
	assert_null(content("notes.txt", "-----BEGIN CERTIFICATE-----\nMII"));
}

static void settings_only_with_a_token(void **unused)
{
	assert_non_null(content(".npmrc", "//registry/:_authToken=x\n"));
	assert_non_null(content("bunfig.toml", "[install]\nregistry = { token = \"x\" }\n"));
	assert_null(content(".npmrc", "save-exact=true\n"));
	assert_null(content("index.ts", "const token = 1;\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_credentials),
		cmocka_unit_test(folders_have_names_of_their_own),
		cmocka_unit_test(a_private_key_under_any_name),
		cmocka_unit_test(settings_only_with_a_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
