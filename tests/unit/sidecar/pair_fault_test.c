// SPDX-License-Identifier: GPL-3.0-or-later
/* What a caller sees of each fault of a test run, and that nothing of it stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "pair_client.h"

#define KIND(name) CAPAKIT__SIDECAR__V1__FAULT__KIND__##name
#define CLOSING " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

enum { TIMEOUT_MS = 500 };

static struct sidecar_pair pair;

static int start(void **state)
{
	const struct sidecar_pair_options options = {
		.program = SIDECAR_PROGRAM, .timeout_ms = TIMEOUT_MS, .test_run = true};

	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}

static void set(struct pair_fault fault)
{
	pair_set_fault(&pair, &fault);
	assert_true(pair_event(&pair, "a faults set"));
}

static char *ask(const char *path)
{
	auto_free char *request = xasprintf("GET /w/%s" CLOSING, path);

	return client_ask(client_call(&pair), request);
}

static void expect(const char *path, const char *part)
{
	auto_free char *answer = ask(path);

	client_expect(answer, part);
}

static unsigned connections(void)
{
	auto_free char *answer = ask("count");
	unsigned n = 0;

	assert_int_equal(sscanf(strstr(answer, "\r\n\r\n"), "%u", &n), 1);
	return n;
}

/* The body of the answer, which has a head. */
static const char *body_of(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	assert_non_null(end);
	return end + 4;
}

static void down_is_a_link_that_is_down(void **state)
{
	set((struct pair_fault){.kind = KIND(DOWN)});
	expect("head", "503 Service Unavailable");
	expect("head", "its sidecar cannot be reached (the link is down)");
	set((struct pair_fault){0});
	expect("head", "200 OK");
}

static void an_error_is_answered_and_the_callee_not_asked(void **state)
{
	unsigned before = connections();

	set((struct pair_fault){.kind = KIND(ERROR), .status = 429});
	expect("count", "HTTP/1.1 429 ");
	set((struct pair_fault){0});
	assert_in_range(connections() - before, 0, 1); // ours
}

static void a_reset_closes_without_a_word(void **state)
{
	set((struct pair_fault){.kind = KIND(RESET)});
	auto_free char *answer = ask("head");
	assert_string_equal(answer, "");
	set((struct pair_fault){0});
}

static void a_latency_is_within_the_timeout_or_not(void **state)
{
	set((struct pair_fault){.kind = KIND(LATENCY), .latency_ms = TIMEOUT_MS / 5});
	expect("head", "200 OK");
	set((struct pair_fault){.kind = KIND(LATENCY), .latency_ms = 20 * TIMEOUT_MS});
	expect("head", "504 Gateway Timeout");
	set((struct pair_fault){0});
}

static void a_killed_sidecar_takes_one_call_with_it(void **state)
{
	set((struct pair_fault){.kind = KIND(SIDECAR_KILLED)});
	expect("head", "502 Bad Gateway");
	assert_true(pair_event(&pair, "a fault reached a>b"));
	expect("head", "200 OK"); // the test has killed nobody
	set((struct pair_fault){0});
}

static void the_circuit_forgets_what_faults_did(void **state)
{
	set((struct pair_fault){.kind = KIND(DOWN)});
	for (int i = 0; i < 2 * CIRCUIT_FAILURES; i++)
		free(ask("head"));
	expect("head", "is not asked again yet");
	set((struct pair_fault){0});
	expect("head", "200 OK");
}

/* ---- in the middle ---- */

/* All that is visible of a response of ten bytes is its head and half of them. */
static void a_stream_is_cut_in_its_middle(void **state)
{
	static const uint32_t kinds[] = {KIND(RESET), KIND(DOWN), KIND(SIDECAR_KILLED)};

	for (size_t i = 0; i < array_len(kinds); i++) {
		set((struct pair_fault){.kind = kinds[i], .mid_stream = 1});
		auto_free char *answer = ask("bytes?10");
		client_expect(answer, "200 OK");
		client_expect(answer, "10\r\n");
		assert_int_equal(strlen(body_of(answer)), 5);
	}
	assert_true(pair_event(&pair, "a fault reached a>b"));
	expect("bytes?10", "200 OK"); // that one was killed already
	set((struct pair_fault){0});
}

static void a_stream_that_waits_is_whole_in_the_end(void **state)
{
	set((struct pair_fault){
		.kind = KIND(LATENCY), .mid_stream = 1, .latency_ms = TIMEOUT_MS / 5});
	auto_free char *small = ask("bytes?10");
	assert_int_equal(strlen(body_of(small)), 10);
	auto_free char *large = ask("bytes?1000000");
	assert_int_equal(strlen(body_of(large)), 1000000);
	auto_free char *chunks = ask("chunks?300000");
	client_expect(chunks, "\r\n0\r\n\r\n");
	auto_free char *events = ask("sse?5");
	client_expect(events, "\r\n0\r\n\r\n");
	set((struct pair_fault){0});
}

static void a_response_without_a_body_has_no_middle(void **state)
{
	set((struct pair_fault){.kind = KIND(RESET), .mid_stream = 1});
	expect("no-content", "204 No Content");
	set((struct pair_fault){0});
}

/* ---- who may ---- */

static void outside_of_a_test_run_faults_are_refused(void **state)
{
	const struct sidecar_pair_options options = {.program = SIDECAR_PROGRAM};
	struct sidecar_pair other;

	assert_true(sidecar_pair_start(&other, &options));
	pair_set_fault(&other, &(struct pair_fault){.kind = KIND(DOWN)});
	assert_true(pair_event(&other, "a gone"));
	sidecar_pair_stop(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(down_is_a_link_that_is_down),
		cmocka_unit_test(an_error_is_answered_and_the_callee_not_asked),
		cmocka_unit_test(a_reset_closes_without_a_word),
		cmocka_unit_test(a_latency_is_within_the_timeout_or_not),
		cmocka_unit_test(a_killed_sidecar_takes_one_call_with_it),
		cmocka_unit_test(the_circuit_forgets_what_faults_did),
		cmocka_unit_test(a_stream_is_cut_in_its_middle),
		cmocka_unit_test(a_stream_that_waits_is_whole_in_the_end),
		cmocka_unit_test(a_response_without_a_body_has_no_middle),
		cmocka_unit_test(outside_of_a_test_run_faults_are_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop);
}
