// SPDX-License-Identifier: GPL-3.0-or-later
/* Requests through real sidecar processes, with the test as controller, keeper, client and
 * workload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "sidecar_pair.h"

#ifdef __SANITIZE_ADDRESS__
enum { MEMORY_SLACK_KB = 100000 }; // freed memory stays in quarantine
#else
enum { MEMORY_SLACK_KB = 3000 };
#endif
enum { ANSWER_MAX = 32 * 1024 * 1024, PATIENCE_S = 10 };

static struct sidecar_pair pair;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void be_patient(int fd)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static int call(void)
{
	int fd = pair_call(&pair);

	assert_true(fd >= 0);
	be_patient(fd);
	return fd;
}

static void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Everything until the end of the connection. */
static char *read_all(int fd)
{
	struct buf all;
	ssize_t got;

	buf_init(&all, ANSWER_MAX);
	while ((got = recv(fd, buf_reserve(&all, 65536), 65536, 0)) > 0)
		buf_commit(&all, (size_t)got);
	return buf_take_str(&all);
}

/* Sends a request that closes, and reads the whole answer. */
static char *ask_on(int fd, const char *request)
{
	char *answer;

	put(fd, request);
	answer = read_all(fd);
	close(fd);
	return answer;
}

static char *get(const char *target)
{
	auto_free char *request =
		xasprintf("GET %s HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n", target);

	return ask_on(call(), request);
}

static void expect(const char *answer, const char *part)
{
	if (!strstr(answer, part))
		fail_msg("no \"%s\" in: %.2000s", part, answer);
}

static void expect_not(const char *answer, const char *part)
{
	if (strstr(answer, part))
		fail_msg("\"%s\" in: %.2000s", part, answer);
}

static void expect_get(const char *target, const char *part)
{
	auto_free char *answer = get(target);

	expect(answer, part);
}

static int start_with(const struct sidecar_pair_options *changes)
{
	struct sidecar_pair_options options = *changes;

	options.program = SIDECAR_PROGRAM;
	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int start(void **state)
{
	return start_with(&(struct sidecar_pair_options){0});
}

static int stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}

static void heads_pass_and_hops_are_counted(void **state)
{
	auto_free char *answer = ask_on(
		call(), "GET /w/head?q=1 HTTP/1.1\r\nHost: any:1\r\nX-Mine: kept\r\n"
			"X-Capakit-Caller: spiffe://forged\r\nX-Capakit-Other: x\r\nX-Hop: gone\r\n"
			"X-Capakit-Hops: 3\r\nKeep-Alive: 1\r\nTE: trailers\r\nUpgrade: h2c\r\n"
			"Connection: close, x-hop, upgrade\r\n\r\n");

	expect(answer, "GET /w/head?q=1 HTTP/1.1\r\nhost: any:1\r\n");
	expect(answer, "x-mine: kept\r\n");
	expect(answer, "x-capakit-caller: spiffe://t.capakit/workload/a\r\n");
	expect(answer, "x-capakit-hops: 5\r\n");
	expect_not(answer, "forged");
	expect_not(answer, "x-capakit-other");
	expect_not(answer, "gone");
	expect_not(answer, "h2c");
	expect_not(answer, "trailers");
}

static void what_is_not_declared_is_refused(void **state)
{
	static const struct {
		const char *target;
		const char *status;
	} cases[] = {
		{"/other", "403 "},	 {"/wx", "403 "},	  {"/", "403 "},
		{"/w/../other", "400 "}, {"/w/%2e%2e/x", "400 "}, {"//w", "400 "},
		{"/w/a\\b", "400 "},	 {"http://x/w", "400 "},  {"/w/%00", "400 "},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *answer = get(cases[i].target);

		expect(answer, cases[i].status);
	}
	expect_get("/w/a%2fb/head", "GET /w/a%2fb/head HTTP/1.1");
}

static void broken_framing_is_refused_and_the_connection_closed(void **state)
{
	auto_free char *answer =
		ask_on(call(), "POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
			       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /w/head HTTP/1.1\r\n"
			       "Host: a\r\n\r\n");

	expect(answer, "HTTP/1.1 400 ");
	expect(answer, "connection: close");
	expect_not(answer, "x-capakit-caller");
}

/* One message's size must not cost the link, which others use too. */
static void heads_as_large_as_allowed_pass(void **state)
{
	auto_free char *value = xcalloc(HTTP_HEADER_BYTES_MAX + 1, 1);
	auto_free char *request = NULL;
	auto_free char *answer = NULL;

	memset(value, 'v', HTTP_HEADER_BYTES_MAX - 2000);
	request = xasprintf("GET /w/head HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: %s\r\n\r\n",
			    value);
	answer = ask_on(call(), request);
	expect(answer, "200 OK");
	expect(answer, value);
	expect_get("/w/large-head?60000", "\r\n\r\nlarge");
	expect_get("/w/large-head?70000", "502 ");
	expect_get("/w/bytes?3", "\r\n\r\nabc");
}

static void a_circle_ends(void **state)
{
	auto_free char *answer =
		ask_on(call(), "GET /w/head HTTP/1.1\r\nHost: a\r\nX-Capakit-Hops: 16\r\n"
			       "Connection: close\r\n\r\n");

	expect(answer, "508 Loop Detected");
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	auto_free char *answer = ask_on(
		call(), "GET /w/bytes?3 HTTP/1.1\r\nHost: a\r\n\r\n"
			"POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
			"POST /w/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n0\r\n\r\n"
			"GET /w/until-close?4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	const char *third, *second = strstr(answer, "hello");

	assert_non_null(second);
	third = strstr(second, "3\r\nabc\r\n0\r\n\r\n");
	assert_non_null(third);
	expect(third, "4\r\nabcd\r\n0\r\n\r\n");
	assert_true(strstr(answer, "abc") < second);
}

static void responses_of_every_framing_pass(void **state)
{
	expect_get("/w/bytes?10", "content-length: 10\r\nconnection: close\r\n\r\nabcdefghij");
	expect_get("/w/chunks?5", "\r\n5\r\nabcde\r\n0\r\n\r\n");
	expect_get("/w/until-close?5", "\r\n5\r\nabcde\r\n0\r\n\r\n");
	expect_get("/w/no-content", "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
	expect_get("/w/hints", "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK");
	expect_get("/w/both", "502 ");
	expect_get("/w/die", "502 Bad Gateway: workload b: ");
}

static void trailers_pass_both_ways(void **state)
{
	auto_free char *down = get("/w/trailers");
	auto_free char *both = ask_on(
		call(), "POST /w/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3\r\nabc\r\n0\r\nX-Up: 1\r\nHost: b\r\nX-Capakit-Caller: forged\r\n"
			"Authorization: x\r\nEmpty:\r\n\r\n"
			"POST /w/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			"0\r\nOnly: a trailer\r\n\r\n"
			"GET /w/chunks?1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

	expect(down, "\r\n4\r\nbody\r\n0\r\nx-sum: 12\r\ngrpc-status: 0\r\n\r\n");
	expect(both, "\r\n3\r\nabc\r\n0\r\nx-up: 1\r\nempty: \r\n\r\n");
	expect(both, "\r\n0\r\nonly: a trailer\r\n\r\n");
	expect(both, "\r\n1\r\na\r\n0\r\n\r\n"); // none is left over for the next
}

static void trailers_are_bounded_and_checked(void **state)
{
	static const char *const bad[] = {"No colon\r\n", "Na me: x\r\n",   ": x\r\n",
					  "X: a\x01\r\n", " folded: x\r\n", "X: y\n"};
	auto_free char *value = xcalloc(HTTP_TRAILER_BYTES_MAX + 1, 1);
	auto_free char *request = NULL;
	auto_free char *answer = NULL;

	memset(value, 'v', HTTP_TRAILER_BYTES_MAX);
	request = xasprintf("POST /w/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			    "0\r\nX: %s\r\n\r\n",
			    value);
	answer = ask_on(call(), request);
	expect_not(answer, "vvv");
	for (size_t i = 0; i < array_len(bad); i++) {
		auto_free char *ask = xasprintf(
			"POST /w/bytes?3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			"0\r\n%s\r\n",
			bad[i]);
		auto_free char *refused = ask_on(call(), ask);

		expect(refused, "400 Bad Request");
	}
}

static void a_head_request_has_no_body(void **state)
{
	auto_free char *answer =
		ask_on(call(), "HEAD /w/bytes?7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

	expect(answer, "content-length: 7\r\n");
	assert_int_equal(strlen(strstr(answer, "\r\n\r\n")), 4);
}

static void http_1_0_is_served_and_closed(void **state)
{
	auto_free char *answer = ask_on(call(), "GET /w/chunks?5 HTTP/1.0\r\nHost: a\r\n\r\n");

	expect(answer, "HTTP/1.1 200 OK\r\n");
	expect_not(answer, "chunked");
	expect(answer, "\r\n\r\nabcde");
}

static void a_response_that_breaks_off_is_visibly_cut(void **state)
{
	auto_free char *answer = get("/w/half");

	expect(answer, "content-length: 100");
	assert_true(strlen(strstr(answer, "\r\n\r\n")) < 100);
}

static void continue_comes_before_the_body(void **state)
{
	int fd = call();
	char interim[64] = {0};
	auto_free char *answer = NULL;

	put(fd, "POST /w/bytes?3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
		"Expect: 100-continue\r\nConnection: close\r\n\r\n");
	assert_true(recv(fd, interim, sizeof(interim) - 1, 0) > 0);
	assert_string_equal(interim, "HTTP/1.1 100 Continue\r\n\r\n");
	answer = ask_on(fd, "hello");
	expect(answer, "\r\n\r\nabc");
}

static void the_workload_itself_says_continue(void **state)
{
	int fd = call();
	char interim[64] = {0};
	auto_free char *answer = NULL;
	auto_free char *refused = NULL;

	put(fd, "POST /w/continue HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
		"Expect: 100-continue\r\nConnection: close\r\n\r\n");
	assert_true(recv(fd, interim, sizeof(interim) - 1, 0) > 0);
	assert_true(str_starts(interim, "HTTP/1.1 100 Continue\r\nx-own: 1\r\n\r\n"));
	answer = ask_on(fd, "hello");
	expect(answer, "\r\n\r\nhello");
	refused = ask_on(call(), "POST /w/early HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
				 "Expect: 100-continue\r\nConnection: close\r\n\r\n");
	expect_not(refused, "100 Continue"); // it had its answer without the body
	expect(refused, "\r\n\r\nearly");
}

static void an_early_response_passes(void **state)
{
	auto_free char *answer = ask_on(
		call(), "POST /w/early HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nno");

	expect(answer, "\r\n\r\nearly");
}

/* Sends a body of n bytes in a process of its own, so that the answer can be read meanwhile. */
static pid_t send_body(int fd, size_t n, bool chunked)
{
	static char part[65536];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (size_t i = 0; i < sizeof(part); i++)
		part[i] = (char)(1 + i % 250); // no NUL: answers are read as text
	while (n) {
		size_t len = n < sizeof(part) ? n : sizeof(part);

		if (chunked)
			dprintf(fd, "%zx\r\n", len);
		for (size_t at = 0; at < len;) {
			ssize_t sent = send(fd, part + at, len - at, MSG_NOSIGNAL);

			if (sent <= 0)
				_exit(1);
			at += (size_t)sent;
		}
		if (chunked)
			put(fd, "\r\n");
		n -= len;
	}
	if (chunked)
		put(fd, "0\r\n\r\n");
	_exit(0);
}

static void large_bodies_pass_both_ways_at_once(void **state)
{
	size_t n = 10 * MIB;
	int fd = call();
	char head[256] = {0};
	size_t got = 0, wrong = 0;
	static char part[65536];
	pid_t writer;
	int status;

	snprintf(head, sizeof(head),
		 "POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
	put(fd, head);
	writer = send_body(fd, n, false);
	for (size_t i = 0; i < 512; i++) { // the head of the answer, byte by byte
		assert_int_equal(recv(fd, head + i % 4, 1, 0), 1);
		if (i >= 3 && head[i % 4] == '\n' && head[(i + 3) % 4] == '\r' &&
		    head[(i + 2) % 4] == '\n')
			break;
	}
	while (got < n) {
		ssize_t len = recv(fd, part, sizeof(part), 0);

		assert_true(len > 0);
		for (ssize_t i = 0; i < len; i++)
			wrong += part[i] != (char)(1 + (got + (size_t)i) % 65536 % 250);
		got += (size_t)len;
	}
	assert_int_equal(wrong, 0);
	waitpid(writer, &status, 0);
	assert_int_equal(status, 0);
	close(fd);
}

static void chunked_uploads_pass(void **state)
{
	int fd = call();
	auto_free char *answer = NULL;
	pid_t writer;

	put(fd, "POST /w/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
		"Connection: close\r\n\r\n");
	writer = send_body(fd, 1000000, true);
	answer = read_all(fd);
	expect(answer, "transfer-encoding: chunked");
	expect(answer + strlen(answer) - 7, "\r\n0\r\n\r\n");
	waitpid(writer, NULL, 0);
	close(fd);
}

static void events_come_without_delay(void **state)
{
	int fd = call();
	int64_t worst = 0;
	char data[512];
	int events = 0;
	ssize_t got;

	put(fd, "GET /w/sse?20 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	while ((got = recv(fd, data, sizeof(data) - 1, 0)) > 0) {
		uint64_t sent;
		char *at;

		data[got] = '\0';
		at = strstr(data, "data: ");
		if (!at || !num_parse_u64(at + 6, strcspn(at + 6, "\n"), INT64_MAX, &sent))
			continue;
		events++;
		if (now_us() - (int64_t)sent > worst)
			worst = now_us() - (int64_t)sent;
	}
	close(fd);
	print_message("# worst delay of an event: %lld us\n", (long long)worst);
	assert_true(events >= 18); // one or two may come together on a busy machine
	assert_true(worst < 100000);
}

static bool appears(const char *file)
{
	for (int i = 0; i < 100; i++) {
		if (access(file, F_OK) == 0)
			return unlink(file) == 0;
		usleep(20000);
	}
	return false;
}

static void a_client_that_goes_away_is_noticed_by_the_workload(void **state)
{
	int fd = call();
	char data[512];

	put(fd, "GET /w/hang HTTP/1.1\r\nHost: a\r\n\r\n");
	usleep(50000);
	close(fd);
	assert_true(appears("cancelled"));
	fd = call();
	put(fd, "GET /w/forever HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(recv(fd, data, sizeof(data), 0) > 0);
	close(fd);
	assert_true(appears("cancelled"));
}

static void a_half_closed_client_gets_its_answer(void **state)
{
	int fd = call();
	auto_free char *answer = NULL;

	put(fd, "GET /w/sse?3 HTTP/1.1\r\nHost: a\r\n\r\n");
	shutdown(fd, SHUT_WR);
	answer = read_all(fd);
	expect(answer, "\r\n0\r\n\r\n");
	close(fd);
}

/* The pool must not hand out what the workload has closed, and repeats only where it is safe. */
static void kept_connections_that_died_are_replaced(void **state)
{
	for (int i = 0; i < 20; i++)
		expect_get("/w/stale", "\r\n\r\nstale");
	for (int i = 0; i < 20; i++) {
		auto_free char *answer =
			ask_on(call(), "POST /w/stale HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
				       "Connection: close\r\n\r\nx");

		assert_true(strstr(answer, "stale") || strstr(answer, "502 "));
	}
}

static void connections_to_the_workload_are_kept(void **state)
{
	auto_free char *before = get("/w/count");
	auto_free char *after = NULL;

	for (int i = 0; i < 10; i++)
		expect_get("/w/bytes?1", "200 OK");
	after = get("/w/count");
	assert_string_equal(strstr(before, "\r\n\r\n"), strstr(after, "\r\n\r\n"));
}

/* Sixteen readers that read nothing hold what their buffers hold, and no more. */
static void readers_that_do_not_read_hold_little_memory(void **state)
{
	int fds[16];
	long before[2] = {pair_private_kb(pair.sidecars[1]), pair_private_kb(pair.sidecars[2])};
	long after[2];
	long allowed = array_len(fds) * (STREAM_BUFFER_MAX / 1024) + MEMORY_SLACK_KB;

	if (before[0] == 0) {
		print_message("# skip: the memory of another user's process cannot be read\n");
		skip();
	}
	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = call();
		put(fds[i], "GET /w/bytes?100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
	}
	sleep(1);
	after[0] = pair_private_kb(pair.sidecars[1]);
	after[1] = pair_private_kb(pair.sidecars[2]);
	print_message("# private memory, kB: caller %ld -> %ld, callee %ld -> %ld\n", before[0],
		      after[0], before[1], after[1]);
	expect_get("/w/bytes?3", "\r\n\r\nabc"); // the others go on
	for (size_t i = 0; i < array_len(fds); i++)
		close(fds[i]);
	assert_true(after[0] - before[0] < allowed);
	assert_true(after[1] - before[1] < allowed);
}

static void the_bridge_answers_each_line(void **state)
{
	static const char lines[] =
		"{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":\"model_key\"}}"
		"\n"
		"\n"
		"{\"id\":\"2\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":\"other\"}}\n"
		"not json\n"
		"{\"id\":\"3\",\"op\":\"workload_ready\",\"params\":null}";
	int fd = pair_bridge(&pair);
	auto_free char *request = xasprintf(
		"POST /rpc HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n"
		"Content-Type: application/x-capakit-runner-bridge-jsonl\r\n\r\n%s",
		sizeof(lines) - 1, lines);
	auto_free char *answer = NULL;

	be_patient(fd);
	answer = ask_on(fd, request);
	expect(answer, "HTTP/1.1 200 OK\r\n");
	expect(answer, "content-type: application/x-capakit-runner-bridge-jsonl\r\n");
	expect(answer, "{\"id\":\"1\",\"ok\":{\"value\":\"s3cret \\\"quoted\\\" \xc3\xa4\"}}\n");
	expect(answer, "{\"id\":\"2\",\"error\":{\"code\":\"NotGranted\"");
	expect(answer, "{\"id\":\"\",\"error\":{\"code\":\"InvalidRequest\"");
	expect(answer, "{\"id\":\"3\",\"ok\":{}}\n");
}

static void the_bridge_refuses_what_is_no_call(void **state)
{
	static const char *const cases[][2] = {
		{"GET /rpc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405 "},
		{"POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		 "404 "},
		{"POST /rpc HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n"
		 "Content-Type: text/html\r\n\r\n",
		 "415 "},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		int fd = pair_bridge(&pair);
		auto_free char *answer = NULL;

		be_patient(fd);
		answer = ask_on(fd, cases[i][0]);
		expect(answer, cases[i][1]);
	}
}

/* Of a keeper that does not answer so many answers are waited for, and no more. */
static void questions_to_the_keeper_have_a_bound(void **state)
{
	static const char line[] =
		"{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":\"late\"}}";
	auto_free char *request = xasprintf("POST /rpc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
					    "Content-Length: %zu\r\n\r\n%s",
					    sizeof(line) - 1, line);
	int fds[KEEPER_ASKS_MAX + 1];

	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = pair_bridge(&pair);
		be_patient(fds[i]);
		if (i == KEEPER_ASKS_MAX)
			usleep(300000); // until the others have asked
		put(fds[i], request);
	}
	auto_free char *answer = read_all(fds[KEEPER_ASKS_MAX]);
	expect(answer, "{\"id\":\"1\",\"error\":{\"code\":\"Unavailable\"");
	expect(answer, "too many questions to the keeper at once");
	expect(answer, "\"retryable\":true");
	for (size_t i = 0; i < array_len(fds); i++)
		close(fds[i]);
}

static char *ask_edge(const char *fields, const char *target)
{
	int fd = pair_edge(&pair);
	auto_free char *request =
		xasprintf("GET %s HTTP/1.1\r\n%sConnection: close\r\n\r\n", target, fields);

	be_patient(fd);
	return ask_on(fd, request);
}

static void the_edge_maps_paths_and_says_who_asks(void **state)
{
	auto_free char *host = xasprintf("Host: 127.0.0.1:%u\r\n", pair.edge_port);
	auto_free char *fields =
		xasprintf("%sX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n"
			  "X-Capakit-Hops: 9\r\n",
			  host);
	auto_free char *answer = ask_edge(fields, "/head?x=1");
	auto_free char *moved = ask_edge(host, "/redirect");
	auto_free char *outside = ask_edge(host, "/../x");

	expect(answer, "GET /w/head?x=1 HTTP/1.1\r\n");
	expect(answer, "x-capakit-caller: spiffe://t.capakit/edge\r\n");
	expect(answer, "x-capakit-hops: 2\r\n");
	expect(answer, "x-forwarded-for: 127.0.0.1\r\n");
	expect(answer, "forwarded: for=127.0.0.1;");
	expect(answer, "\r\ntraceparent: 00-"); // begun here
	expect_not(answer, "6.6.6.6");
	expect(moved, "location: /there\r\n");
	expect(moved, "set-cookie: a=b; Path=/\r\n");
	expect(outside, "400 ");
}

static void the_edge_lets_no_other_site_in(void **state)
{
	auto_free char *host = xasprintf("Host: 127.0.0.1:%u\r\n", pair.edge_port);
	auto_free char *foreign = xasprintf("%sOrigin: https://evil.example\r\n", host);
	auto_free char *rebound = ask_edge("Host: evil.example\r\n", "/head");
	auto_free char *cross = ask_edge(foreign, "/head");

	expect(rebound, "403 Forbidden");
	expect(cross, "403 Forbidden");
}

static void a_renewed_link_loses_no_request(void **state)
{
	int slow = call();
	auto_free char *answer = NULL;

	put(slow, "GET /w/sse?20 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 5; i++) {
		pair_order(&pair, PAIR_RENEW);
		for (int k = 0; k < 20; k++)
			expect_get("/w/bytes?3", "\r\n\r\nabc");
		assert_true(pair_event(&pair, "a link a>b up"));
	}
	answer = read_all(slow); // it ended on the link that it began on
	expect(answer, "\r\n0\r\n\r\n");
	close(slow);
	assert_true(pair_event(&pair, "a>b down replaced"));
}

static void readiness_is_seen(void **state)
{
	pair_order(&pair, PAIR_WATCH_READY);
	assert_true(pair_event(&pair, "b ready socket"));
}

static void draining_ends_when_the_last_answer_is_out(void **state)
{
	int slow = call(), idle = call(), events = call();
	auto_free char *answer = NULL;
	auto_free char *stream = NULL;
	char byte;

	put(idle, "GET /w/bytes?1 HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(recv(idle, &byte, 1, MSG_PEEK) == 1);
	put(slow, "POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
	put(events, "GET /w/forever HTTP/1.1\r\nHost: a\r\n\r\n");
	usleep(100000);
	pair_order(&pair, PAIR_DRAIN);
	usleep(100000);
	answer = ask_on(slow, "hello");
	expect(answer, "\r\n\r\nhello");
	stream = read_all(events); // would go on for ever
	expect(stream, "\r\n0\r\n\r\n");
	while (recv(idle, &byte, 1, 0) == 1)
		;
	close(idle);
	close(events);
	assert_true(pair_event(&pair, "drained"));
	assert_true(pair_event(&pair, "drained"));
	assert_true(pair_event(&pair, "drained"));
}

static int start_limited(void **state)
{
	return start_with(&(struct sidecar_pair_options){.max_body = 1000, .timeout_ms = 300});
}

static void a_body_over_the_limit_is_refused(void **state)
{
	auto_free char *announced =
		ask_on(call(), "POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
	int fd = call();
	auto_free char *streamed = NULL;
	pid_t writer;

	expect(announced,
	       "413 Content Too Large: workload b: the request body is larger than 1000");
	put(fd, "POST /w/count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
		"Connection: close\r\n\r\n");
	writer = send_body(fd, 5000, true);
	streamed = read_all(fd);
	close(fd);
	waitpid(writer, NULL, 0);
	expect(streamed, "413 ");
}

static void a_late_response_is_a_timeout(void **state)
{
	int64_t began = now_us();

	expect_get("/w/hang", "504 Gateway Timeout: workload b: ");
	assert_true(now_us() - began < 2000000);
	assert_true(appears("cancelled"));
}

static int start_empty(void **state)
{
	return start_with(&(struct sidecar_pair_options){.no_workload = true});
}

static void a_workload_that_is_not_there_is_503(void **state)
{
	expect_get("/w/head", "503 Service Unavailable: workload b: it is not listening");
}

static int start_wrong_peer(void **state)
{
	return start_with(&(struct sidecar_pair_options){.wrong_peer = true});
}

static void a_link_of_another_identity_is_refused(void **state)
{
	expect_get("/w/head", "503 Service Unavailable: workload b: its sidecar cannot be reached");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_pass_and_hops_are_counted),
		cmocka_unit_test(what_is_not_declared_is_refused),
		cmocka_unit_test(broken_framing_is_refused_and_the_connection_closed),
		cmocka_unit_test(heads_as_large_as_allowed_pass),
		cmocka_unit_test(a_circle_ends),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(responses_of_every_framing_pass),
		cmocka_unit_test(trailers_pass_both_ways),
		cmocka_unit_test(trailers_are_bounded_and_checked),
		cmocka_unit_test(a_head_request_has_no_body),
		cmocka_unit_test(http_1_0_is_served_and_closed),
		cmocka_unit_test(a_response_that_breaks_off_is_visibly_cut),
		cmocka_unit_test(continue_comes_before_the_body),
		cmocka_unit_test(the_workload_itself_says_continue),
		cmocka_unit_test(an_early_response_passes),
		cmocka_unit_test(large_bodies_pass_both_ways_at_once),
		cmocka_unit_test(chunked_uploads_pass),
		cmocka_unit_test(events_come_without_delay),
		cmocka_unit_test(a_client_that_goes_away_is_noticed_by_the_workload),
		cmocka_unit_test(a_half_closed_client_gets_its_answer),
		cmocka_unit_test(kept_connections_that_died_are_replaced),
		cmocka_unit_test(connections_to_the_workload_are_kept),
		cmocka_unit_test(readers_that_do_not_read_hold_little_memory),
		cmocka_unit_test(the_bridge_answers_each_line),
		cmocka_unit_test(the_bridge_refuses_what_is_no_call),
		cmocka_unit_test(questions_to_the_keeper_have_a_bound),
		cmocka_unit_test(the_edge_maps_paths_and_says_who_asks),
		cmocka_unit_test(the_edge_lets_no_other_site_in),
		cmocka_unit_test(a_renewed_link_loses_no_request),
		cmocka_unit_test(readiness_is_seen),
		cmocka_unit_test(
			draining_ends_when_the_last_answer_is_out), // the last: it ends all
	};
	const struct CMUnitTest limited[] = {
		cmocka_unit_test(a_body_over_the_limit_is_refused),
		cmocka_unit_test(a_late_response_is_a_timeout),
	};
	const struct CMUnitTest empty[] = {cmocka_unit_test(a_workload_that_is_not_there_is_503)};
	const struct CMUnitTest wrong[] = {cmocka_unit_test(a_link_of_another_identity_is_refused)};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop) +
	       cmocka_run_group_tests(limited, start_limited, stop) +
	       cmocka_run_group_tests(empty, start_empty, stop) +
	       cmocka_run_group_tests(wrong, start_wrong_peer, stop);
}
