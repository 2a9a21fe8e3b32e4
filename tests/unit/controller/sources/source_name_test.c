// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/sources/source_name.h"

struct parts {
	const char *text, *ref;
	enum git_transport transport;
	const char *host;
	uint16_t port;
	const char *user, *path;
};

static void is_read_as(const char *text, const struct parts *expected)
{
	struct git_url url;
	struct err err = {0};
	if (!git_url_parse(text, &url, &err))
		fail_msg("%s", err.text);
	const char *const pairs[][2] = {{url.text, expected->text},
					{url.ref, expected->ref},
					{url.host, expected->host},
					{url.user, expected->user},
					{url.path, expected->path}};
	for (size_t i = 0; i < array_len(pairs); i++)
		if (pairs[i][1] ? !str_eq(pairs[i][0], pairs[i][1]) : pairs[i][0] != NULL)
			fail_msg("%s: %s is not %s", text, pairs[i][0], pairs[i][1]);
	assert_int_equal(url.transport, expected->transport);
	assert_int_equal(url.port, expected->port);
	git_url_free(&url);
	git_url_free(&url);
}

static void only_a_whole_commit_pins(void **unused)
{
	assert_true(git_url_is_pinned(
		"https://example.org/a#0123456789abcdef0123456789abcdef01234567"));
	static const char *const others[] = {
		"https://example.org/a",
		"https://example.org/a#",
		"https://example.org/a#main",
		"https://example.org/a#0123456789abcdef",
		"https://example.org/a#0123456789ABCDEF0123456789abcdef01234567",
		"https://example.org/0123456789abcdef0123456789abcdef01234567",
		"https://example.org/a#0123456789abcdef0123456789abcdef01234567#main",
	};
	for (size_t i = 0; i < array_len(others); i++)
		assert_false(git_url_is_pinned(others[i]));
}

static void urls_that_are_read(void **unused)
{
	is_read_as("https://example.org/kits/a.git",
		   &(struct parts){"https://example.org/kits/a.git", NULL, GIT_HTTPS, "example.org",
				   443, NULL, "/kits/a.git"});
	is_read_as("https://Example.ORG:8443/a#v1.0/rc-2",
		   &(struct parts){"https://Example.ORG:8443/a", "v1.0/rc-2", GIT_HTTPS,
				   "example.org", 8443, NULL, "/a"});
	is_read_as("file:///srv/kits/a#main",
		   &(struct parts){"file:///srv/kits/a", "main", GIT_FILE, NULL, 0, NULL,
				   "/srv/kits/a"});
	is_read_as("git@example.org:team/a.git",
		   &(struct parts){"git@example.org:team/a.git", NULL, GIT_SSH, "example.org", 0,
				   "git", "team/a.git"});
	is_read_as("ssh://me@example.org:2222/srv/a",
		   &(struct parts){"ssh://me@example.org:2222/srv/a", NULL, GIT_SSH, "example.org",
				   2222, "me", "/srv/a"});
	is_read_as("ssh://example.org/~/a", &(struct parts){"ssh://example.org/~/a", NULL, GIT_SSH,
							    "example.org", 0, NULL, "/~/a"});
}

static void refused(const char *text, const char *why)
{
	struct git_url url;
	struct err err = {0};
	if (git_url_parse(text, &url, &err))
		fail_msg("%s is read", text);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
	git_url_free(&url);
}

static void urls_that_are_refused(void **unused)
{
	refused("http://example.org/a", "write https://");
	refused("git://example.org/a", "write https://");
	refused("https://me:secret@example.org/a", "leave out user and password");
	refused("https://example.org", "path is empty");
	refused("https://example.org/", "path is empty");
	refused("https://-oProxyCommand=x/a", "host is no name");
	refused("https:///a", "host is no name");
	refused("https://exa_mple.org/a", "host is no name");
	refused("https://example.org:0/a", "port");
	refused("https://example.org:65536/a", "port");
	refused("https://example.org:x/a", "port");
	refused("file://srv/a", "absolute");
	refused("file:///", "path is empty");
	refused("git@example.org", "no ':'");
	refused("git@-oProxyCommand=x:a", "host is no name");
	refused("git@example.org:", "path is empty");
	refused("git@example.org:--upload-pack=x", "begins with '-'");
	refused("git@example.org:a'$(x)'", "quote");
	refused("ssh://-oProxyCommand=x@example.org/a", "user");
	refused("ssh://example.org", "no path");
	refused("https://example.org/a b", "spaces");
	refused("https://example.org/a\nb", "cannot be shown");
	refused("ext::sh -c x", "spaces");
	refused("ext::sh", "no git URL");
	char longest[SOURCE_URL_MAX + 2];
	memset(longest, 'a', sizeof(longest) - 1);
	memcpy(longest, "https://a/", 10);
	longest[sizeof(longest) - 1] = '\0';
	refused(longest, "too long");
}

static void refs_that_are_refused(void **unused)
{
	static const char *const refs[] = {
		"",	 "--option", "-x",  "a..b", "a~1",  "a^",  "a:b",  "a?", "a*",
		"a[b",	 "a\\b",     "/a",  "a/",   "a//b", ".a",  "a/.b", "a.", "a.lock",
		"a@{1}", "@",	     "a#b", "a'b",  "$(a)", "a;b", "a|b",  "!a", "a.lock/b",
	};
	for (size_t i = 0; i < array_len(refs); i++) {
		auto_free char *text = xasprintf("https://example.org/a#%s", refs[i]);
		refused(text, "no name of a branch");
	}
}

static void kinds(void **unused)
{
	assert_true(source_is_git("https://x"));
	assert_true(source_is_git("http://x"));
	assert_true(source_is_git("git@x"));
	assert_true(source_is_git("file:///x"));
	assert_false(source_is_git("kits/https"));
	assert_false(source_is_git("git"));
	assert_true(source_is_archive("a.capakit"));
	assert_false(source_is_archive(".capakit"));
	assert_false(source_is_archive("a.capakit.gz"));
	assert_true(git_is_commit("0123456789abcdef0123456789abcdef01234567"));
	assert_false(git_is_commit("0123456789ABCDEF0123456789abcdef01234567"));
	assert_false(git_is_commit("0123456789abcdef0123456789abcdef0123456"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_that_are_read),
		cmocka_unit_test(only_a_whole_commit_pins),
		cmocka_unit_test(urls_that_are_refused),
		cmocka_unit_test(refs_that_are_refused),
		cmocka_unit_test(kinds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
