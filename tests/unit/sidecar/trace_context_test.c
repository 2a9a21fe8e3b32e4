// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/trace_context.h"

#define PARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static struct http_head head;

static void add(const char *name, const char *value)
{
	assert_true(http_head_add(&head, http_text_of(name), http_text_of(value)));
}

static struct trace_decision decide(const char *parent, const char *state)
{
	http_head_reset(&head);
	if (parent)
		add("traceparent", parent);
	if (state)
		add("tracestate", state);
	return trace_context_decide(&head);
}

static void a_valid_one_passes(void **state)
{
	static const char *const valid[] = {
		PARENT,
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes",
	};

	(void)state;
	for (size_t i = 0; i < array_len(valid); i++)
		assert_false(decide(valid[i], NULL).begin);
}

static void anything_else_begins_one(void **state)
{
	static const char *const broken[] = {
		NULL,
		"",
		"00",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
		"00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
		"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
		PARENT "," PARENT,
	};

	(void)state;
	for (size_t i = 0; i < array_len(broken); i++) {
		struct trace_decision decision = decide(broken[i], "a=1");

		assert_true(decision.begin);
		assert_false(decision.keep_state); // it belongs to a trace that nobody knows
	}
}

static void two_of_them_are_none(void **state)
{
	(void)state;
	decide(PARENT, "a=1");
	add("traceparent", PARENT);
	assert_true(trace_context_decide(&head).begin);
}

static void one_that_connection_names_does_not_come_on(void **state)
{
	(void)state;
	decide(PARENT, NULL);
	head.fields[0].hop = true;
	assert_true(trace_context_decide(&head).begin);
}

static void the_state_is_bounded(void **state)
{
	char text[TRACESTATE_MAX + 2] = "a=";

	(void)state;
	assert_true(decide(PARENT, "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7").keep_state);
	memset(text + 2, 'x', TRACESTATE_MAX - 2);
	assert_true(decide(PARENT, text).keep_state);
	add("tracestate", "b=1"); // together they are too long
	assert_false(trace_context_decide(&head).keep_state);
	memset(text, ',', TRACESTATE_MEMBERS_MAX);
	text[TRACESTATE_MEMBERS_MAX] = '\0';
	assert_false(decide(PARENT, text).keep_state);
	text[TRACESTATE_MEMBERS_MAX - 1] = '\0';
	assert_true(decide(PARENT, text).keep_state);
}

static void what_is_begun_is_valid(void **state)
{
	uint8_t random[TRACE_RANDOM_LEN] = {0};
	char text[TRACEPARENT_LEN + 1] = "";

	(void)state;
	trace_context_begin(random, text);
	assert_string_equal(text, "00-01000000000000000000000000000000-0100000000000000-01");
	assert_false(decide(text, NULL).begin);
	memset(random, 0xab, sizeof(random));
	trace_context_begin(random, text);
	assert_string_equal(text, "00-abababababababababababababababab-abababababababab-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_valid_one_passes),
		cmocka_unit_test(anything_else_begins_one),
		cmocka_unit_test(two_of_them_are_none),
		cmocka_unit_test(one_that_connection_names_does_not_come_on),
		cmocka_unit_test(the_state_is_bounded),
		cmocka_unit_test(what_is_begun_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
