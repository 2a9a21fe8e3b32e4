// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "sidecar/route.h"

static struct http_head head;

static struct route_decision decide(const char *const *paths, size_t n, const char *target)
{
	struct route_decision decision;
	struct route_table table;

	head.target = http_text_of(target);
	head.form = target[0] == '/' ? HTTP_TARGET_ORIGIN : HTTP_TARGET_ABSOLUTE;
	route_table_init(&table, paths, n);
	route_decide(&table, &head, &decision);
	route_table_free(&table);
	return decision;
}

/* As it is in `head`. */
static struct route_decision decide_head(void)
{
	static const char *const endpoint = "/w";
	struct route_decision decision;
	struct route_table table;

	route_table_init(&table, &endpoint, 1);
	route_decide(&table, &head, &decision);
	route_table_free(&table);
	return decision;
}

static void check(const char *endpoint, const char *const *targets, size_t n, unsigned status)
{
	for (size_t i = 0; i < n; i++) {
		struct route_decision decision = decide(&endpoint, 1, targets[i]);

		if (decision.status != status)
			fail_msg("%s below %s: %u, not %u (%s)", targets[i], endpoint,
				 decision.status, status, decision.reason ? decision.reason : "");
	}
}

#define CHECK(endpoint, status, ...)                                                               \
	do {                                                                                       \
		static const char *const targets[] = {__VA_ARGS__};                                \
		check(endpoint, targets, array_len(targets), status);                              \
	} while (0)

static void paths_at_or_below_pass(void **state)
{
	(void)state;
	CHECK("/oaic", 0, "/oaic", "/oaic/", "/oaic/v1/models", "/oaic?x=/../y", "/oaic/a%2fb",
	      "/oaic/a%2Fb", "/oaic/%20", "/oaic/.hidden", "/oaic/a..b", "/oaic/...", "/oaic/a;v=1",
	      "/oaic/%C3%A4", "/oaic/a%25", "/oaic/100%25", "/oaic/%23", "/oaic/a?b?c",
	      "/oaic/a=b&c");
	CHECK("/", 0, "/", "/a", "/?q", "/a/b/");
	CHECK("/oaic/", 0, "/oaic", "/oaic/", "/oaic/v1", "/oaic?q");
	CHECK("/oaic/", 403, "/", "/oai", "/oaicx", "/oaicx/");
}

static void paths_outside_are_forbidden(void **state)
{
	(void)state;
	CHECK("/oaic", 403, "/", "/oaicx", "/oai", "/test", "/oaic%2fv1", "/%6faic", "/OAIC",
	      "/oaic;x/y", "/?/oaic", "/x/oaic");
}

static void ambiguous_targets_are_bad(void **state)
{
	(void)state;
	CHECK("/w", 400, "/w/..", "/w/../x", "/w/.", "/w/./x", "/..", "/.", "/w//x", "//w",
	      "/w/\\x", "/w/%5cx", "/w/%2e", "/w/%2e%2e", "/w/.%2E/x", "/w/%2e%2e%2fx",
	      "/w/a%2f..%2fb", "/w/..%2fx", "/w/%252e%252e", "/w/%25252e.", "/w/..;/x",
	      "/w/..;a=b/x", "/w/%2e%2e;/x", "/w/%00", "/w/%0d%0a", "/w/%0A", "/w/%7f", "/w/%",
	      "/w/%2", "/w/%zz", "/w/%c0%ae", "/w/%c0%af", "/w/%e0%80%ae", "/w/%f0%80%80%ae",
	      "/w#x", "/w/x?y#z", "/w/\x01", "/w/\xc3\xa4", "/w/%255c", "http://h/w", "*", "w",
	      "/w/%25%35c", "/w/%255%63", "/w/%25%2535c", "/w/%25%32e%25%32e");
	CHECK("/w", 0, "/w/100%25", "/w/%25x", "/w/%25%25", "/w/%255x", "/w/%25%20");
}

static void empty_and_odd_forms_are_bad(void **state)
{
	(void)state;
	head.form = HTTP_TARGET_ORIGIN;
	head.target = http_text_of("");
	assert_int_equal(decide_head().status, 400);
	head.form = HTTP_TARGET_AUTHORITY;
	head.target = http_text_of("/w");
	assert_int_equal(decide_head().status, 400);
}

static void the_longest_endpoint_wins(void **state)
{
	static const char *const paths[] = {"/a", "/a/b", "/c"};

	(void)state;
	assert_int_equal(decide(paths, 3, "/a/b/x").endpoint, 1);
	assert_int_equal(decide(paths, 3, "/a/bx").endpoint, 0);
	assert_int_equal(decide(paths, 3, "/c").endpoint, 2);
	assert_int_equal(decide(paths, 3, "/d").verdict, ROUTE_OUTSIDE);
	assert_int_equal(decide(paths, 0, "/a").verdict, ROUTE_OUTSIDE);
}

static unsigned status_with_hops(const char *hops, unsigned *counted)
{
	struct route_decision decision;

	http_head_reset(&head);
	head.target = http_text_of("/w");
	http_head_add(&head, HTTP_TEXT("x-capakit-hops"), http_text_of(hops));
	decision = decide_head();
	*counted = decision.hops;
	http_head_reset(&head);
	return decision.status;
}

static void hops_are_counted_and_bounded(void **state)
{
	static const char *const endpoint = "/w";
	unsigned hops;

	(void)state;
	http_head_reset(&head);
	assert_int_equal(decide(&endpoint, 1, "/w").hops, 1);
	assert_int_equal(status_with_hops("1", &hops), 0);
	assert_int_equal(hops, 2);
	assert_int_equal(status_with_hops("15", &hops), 0);
	assert_int_equal(hops, HOPS_MAX);
	assert_int_equal(status_with_hops("16", &hops), 508);
	assert_int_equal(status_with_hops("9999", &hops), 508);
	assert_int_equal(status_with_hops("-1", &hops), 400);
	assert_int_equal(status_with_hops("", &hops), 400);
	assert_int_equal(status_with_hops("1, 2", &hops), 400);
	assert_int_equal(status_with_hops("99999999999999999999", &hops), 400);
}

static unsigned authorise(const char *granted, const char *target)
{
	static const char *const endpoints[] = {"/http", "/http/admin", "/"};
	struct route_table all, one;
	const struct route_access access = {endpoints, &all, &one};
	struct route_decision decision;

	head.target = http_text_of(target);
	head.form = HTTP_TARGET_ORIGIN;
	route_table_init(&all, endpoints, array_len(endpoints));
	route_table_init(&one, &granted, 1);
	route_authorise(&access, &head, &decision);
	route_table_free(&all);
	route_table_free(&one);
	return decision.status;
}

/* On a link, who does not say it has passed the caller's sidecar. */
static void hops_of_a_link_begin_with_the_callers(void **state)
{
	static const char *const endpoint = "/w";
	struct route_table table;
	const struct route_access access = {&endpoint, &table, &table};
	struct route_decision decision;

	route_table_init(&table, &endpoint, 1);
	http_head_reset(&head);
	head.target = HTTP_TEXT("/w");
	route_authorise(&access, &head, &decision);
	assert_int_equal(decision.hops, 2);
	http_head_add(&head, HTTP_TEXT("x-capakit-hops"), HTTP_TEXT("7"));
	route_authorise(&access, &head, &decision);
	assert_int_equal(decision.hops, 8);
	http_head_reset(&head);
	route_table_free(&table);
}

static void a_right_to_an_endpoint_is_none_to_one_below_it(void **state)
{
	assert_int_equal(authorise("/http", "/http/x"), 0);
	assert_int_equal(authorise("/http", "/http/admin"), 403);
	assert_int_equal(authorise("/http", "/http/admin/x"), 403);
	assert_int_equal(authorise("/http", "/http/administrator"), 0);
	assert_int_equal(authorise("/http/admin", "/http/admin/x"), 0);
	assert_int_equal(authorise("/http/admin", "/http/x"), 403);
	assert_int_equal(authorise("/", "/x"), 0);
	assert_int_equal(authorise("/", "/http/x"), 403);
	assert_int_equal(authorise("/http", "/http/../x"), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_at_or_below_pass),
		cmocka_unit_test(paths_outside_are_forbidden),
		cmocka_unit_test(ambiguous_targets_are_bad),
		cmocka_unit_test(empty_and_odd_forms_are_bad),
		cmocka_unit_test(the_longest_endpoint_wins),
		cmocka_unit_test(hops_are_counted_and_bounded),
		cmocka_unit_test(hops_of_a_link_begin_with_the_callers),
		cmocka_unit_test(a_right_to_an_endpoint_is_none_to_one_below_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
