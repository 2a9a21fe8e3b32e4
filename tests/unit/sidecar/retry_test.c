// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/http_kept.h"
#include "sidecar/retry.h"

static struct http_head head;

static bool is_safe(const char *method, enum http_framing framing)
{
	http_head_reset(&head);
	head.method = http_text_of(method);
	head.framing = framing;
	return retry_is_safe(&head);
}

static void only_what_does_no_harm_twice(void **state)
{
	static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
	static const char *const others[] = {"POST", "PATCH", "CONNECT", "TRACE", "get", "PURGE"};

	(void)state;
	for (size_t i = 0; i < array_len(safe); i++) {
		assert_true(is_safe(safe[i], HTTP_BODY_NONE));
		assert_false(is_safe(safe[i], HTTP_BODY_LENGTH));
		assert_false(is_safe(safe[i], HTTP_BODY_CHUNKED));
		assert_false(is_safe(safe[i], HTTP_BODY_STREAM));
	}
	assert_false(is_safe("GET", HTTP_BODY_TUNNEL));
	for (size_t i = 0; i < array_len(others); i++)
		assert_false(is_safe(others[i], HTTP_BODY_NONE));
}

static unsigned taken(struct retry_budget *budget)
{
	unsigned n = 0;

	while (retry_budget_take(budget))
		n++;
	return n;
}

static void the_budget_is_a_fifth_and_a_floor(void **state)
{
	struct retry_budget budget;

	(void)state;
	retry_budget_init(&budget);
	assert_int_equal(taken(&budget), RETRY_FLOOR);
	for (int i = 0; i < 50; i++)
		retry_budget_request(&budget);
	assert_int_equal(taken(&budget), 10);
	for (int i = 0; i < 4; i++)
		retry_budget_request(&budget);
	assert_int_equal(taken(&budget), 0);
	for (int i = 0; i < 100000; i++)
		retry_budget_request(&budget);
	assert_int_equal(taken(&budget), RETRY_SAVED_MAX);
}

static void delays_grow_spread_and_end(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 40; n++) {
		uint64_t longest = n < 10 ? (uint64_t)RETRY_BASE_MS << n : RETRY_DELAY_MAX_MS;

		if (longest > RETRY_DELAY_MAX_MS)
			longest = RETRY_DELAY_MAX_MS;
		for (uint32_t random = 0; random < 5000; random += 7)
			assert_in_range(retry_delay_ms(n, random), longest / 2, longest);
		assert_int_equal(retry_delay_ms(n, 0), longest);
		assert_true(retry_delay_ms(n, 11) < longest);
	}
}

/* What is repeated is the same request, though the bytes of the first are gone. */
static void a_kept_head_lives_on_its_own(void **state)
{
	static struct http_head copy;
	char bytes[] = "GET/w/x?yhostx-onetwo";
	struct http_kept *kept;

	(void)state;
	http_head_reset(&head);
	head.method = (struct http_text){bytes, 3};
	head.target = (struct http_text){bytes + 3, 6};
	head.host = (struct http_text){bytes + 9, 4};
	http_head_add(&head, (struct http_text){bytes + 13, 5}, (struct http_text){bytes + 18, 3});
	kept = http_kept_new(&head);
	memset(bytes, '#', sizeof(bytes));
	http_kept_restore(kept, &copy);
	assert_true(http_text_is(copy.method, "GET"));
	assert_true(http_text_is(copy.target, "/w/x?y"));
	assert_true(http_text_is(copy.host, "host"));
	assert_int_equal(copy.n_fields, 1);
	assert_true(http_text_is(http_head_find(&copy, "x-one")->value, "two"));
	http_kept_free(&kept);
	assert_null(kept);
	http_kept_free(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_does_no_harm_twice),
		cmocka_unit_test(the_budget_is_a_fifth_and_a_floor),
		cmocka_unit_test(delays_grow_spread_and_end),
		cmocka_unit_test(a_kept_head_lives_on_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
