// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/edge_map.h"

#define OWN "127.83.1.2:50958"

static const struct edge_expose root = {"/", "/http"};
static const struct edge_expose v1 = {"/v1", "/oaic"};
static const struct edge_expose deep = {"/tools/mcp", "/mcp"};
static const struct edge_expose flat = {"/", "/"};
static const struct edge_expose raw = {"/app", "/"};

typedef bool mapper(const struct edge_expose *expose, const char *text, struct buf *out);

static bool to_workload(const struct edge_expose *expose, const char *text, struct buf *out)
{
	return edge_map_target(expose, text, strlen(text), out);
}
static bool location(const struct edge_expose *expose, const char *text, struct buf *out)
{
	return edge_map_location(expose, OWN, text, strlen(text), out);
}
static bool cookie(const struct edge_expose *expose, const char *text, struct buf *out)
{
	return edge_map_cookie(expose, text, strlen(text), out);
}

struct mapping {
	const struct edge_expose *expose;
	const char *from;
	const char *to;
};

static void check(mapper *map, const struct mapping *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_buf struct buf out;
		buf_init(&out, 4 * KIB);
		assert_true(map(cases[i].expose, cases[i].from, &out) && buf_append(&out, "", 1));
		if (strcmp((char *)buf_bytes(&out), cases[i].to) != 0)
			fail_msg("%s: %s, not %s", cases[i].from, (char *)buf_bytes(&out),
				 cases[i].to);
	}
}

static void targets(void **state)
{
	(void)state;
	static const struct mapping cases[] = {
		{&root, "/api/x", "/http/api/x"},
		{&root, "/", "/http"},
		{&root, "/?q=1", "/http?q=1"},
		{&root, "/x/?q=/", "/http/x/?q=/"},
		{&v1, "/v1/models", "/oaic/models"},
		{&v1, "/v1", "/oaic"},
		{&v1, "/v1/", "/oaic/"},
		{&v1, "/v1?x", "/oaic?x"},
		{&deep, "/tools/mcp/a%2fb", "/mcp/a%2fb"},
		{&flat, "/", "/"},
		{&flat, "/x?y", "/x?y"},
		{&flat, "/?y", "/?y"},
		{&raw, "/app", "/"},
		{&raw, "/app/", "/"},
		{&raw, "/app?y", "/?y"},
		{&raw, "/app/x", "/x"},
	};
	check(to_workload, cases, array_len(cases));
}

static void locations(void **state)
{
	(void)state;
	static const struct mapping cases[] = {
		{&root, "/http/login", "/login"},
		{&root, "/http", "/"},
		{&root, "/http/", "/"},
		{&root, "/http?a=b#c", "/?a=b#c"},
		{&root, "/login", "/login"},
		{&root, "/", "/"},
		{&root, "/httpx", "/httpx"},
		{&root, "http://capakit.local/http/a", "/a"},
		{&root, "HTTP://Capakit.Local:80/http/a?b", "/a?b"},
		{&root, "http://capakit.local", "/"},
		{&root, "http://capakit.local?x", "/?x"},
		{&root, "http://" OWN "/http/a", "/a"},
		{&root, "http://" OWN "/a", "/a"},
		{&root, "http://capakit.local.evil.example/", "http://capakit.local.evil.example/"},
		{&root, "http://capakit.localx/http", "http://capakit.localx/http"},
		{&root, "http://capakit.local@evil.example/", "http://capakit.local@evil.example/"},
		{&root, "http://capakit.local:81/http", "http://capakit.local:81/http"},
		{&root, "https://capakit.local/http", "https://capakit.local/http"},
		{&root, "https://example.org/http/a", "https://example.org/http/a"},
		{&root, "//example.org/http", "//example.org/http"},
		{&root, "/\\example.org", "/\\example.org"},
		{&root, "/http//example.org", "http://" OWN "//example.org"},
		{&root, "/http/\\example.org", "http://" OWN "/\\example.org"},
		{&root, "x/y", "x/y"},
		{&root, "../y", "../y"},
		{&root, "?q", "?q"},
		{&root, "", ""},
		{&v1, "/oaic/models", "/v1/models"},
		{&v1, "/models", "/v1/models"},
		{&v1, "/", "/v1"},
		{&v1, "/oaic", "/v1"},
		{&v1, "/oaic/", "/v1/"},
		{&v1, "/oaic//x", "/v1//x"},
		{&v1, "http://capakit.local/oaic/files/1", "/v1/files/1"},
		{&deep, "/mcp/s", "/tools/mcp/s"},
		{&flat, "/x", "/x"},
		{&flat, "/", "/"},
		{&raw, "/x", "/app/x"},
		{&raw, "/", "/app"},
	};
	check(location, cases, array_len(cases));
}

static void port_80_may_be_left_out(void **state)
{
	(void)state;
	static const char *const values[] = {"http://127.83.1.2/http/a",
					     "http://127.83.1.2:80/http/a"};
	for (size_t i = 0; i < array_len(values); i++) {
		auto_buf struct buf out;
		buf_init(&out, 4 * KIB);
		assert_true(edge_map_location(&root, "127.83.1.2:80", values[i], strlen(values[i]),
					      &out));
		assert_int_equal(buf_len(&out), 2);
		assert_memory_equal(buf_bytes(&out), "/a", 2);
	}
}

static void cookies(void **state)
{
	(void)state;
	static const struct mapping cases[] = {
		{&root, "a=b", "a=b"},
		{&root, "a=b; Path=/http", "a=b; Path=/"},
		{&root, "a=b; Path=/", "a=b; Path=/"},
		{&v1, "a=b; path=/oaic/x; HttpOnly", "a=b; Path=/v1/x; HttpOnly"},
		{&v1, "a=b;Secure;PATH = /", "a=b;Secure; Path=/v1"},
		{&v1, "a=b; Path=/login", "a=b; Path=/v1/login"},
		{&v1, "a=b; Path=relative", "a=b; Path=relative"},
		{&v1, "a=b; Path", "a=b; Path"},
		{&v1, "a=b; Path=", "a=b; Path="},
		{&v1, "Path=/oaic; Max-Age=3", "Path=/oaic; Max-Age=3"},
		{&v1, "a=b; Domain=capakit.local; Secure", "a=b; Secure"},
		{&v1, "a=b; Domain=.Capakit.Local", "a=b"},
		{&v1, "a=b; Domain=example.org", "a=b; Domain=example.org"},
		{&v1, "a=\"x=y\"; Path=/oaic;", "a=\"x=y\"; Path=/v1;"},
		{&v1, "", ""},
	};
	check(cookie, cases, array_len(cases));
}

static void a_full_buffer_is_an_ordinary_error(void **state)
{
	(void)state;
	for (size_t room = 0; room < 10; room++) {
		auto_buf struct buf out;
		buf_init(&out, room);
		assert_false(edge_map_location(&v1, OWN, "/oaic/models", 12, &out));
		buf_clear(&out);
		assert_false(edge_map_target(&v1, "/v1/models", 10, &out));
		buf_clear(&out);
		assert_false(edge_map_cookie(&v1, "a=b; Path=/", 11, &out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(locations),
		cmocka_unit_test(port_80_may_be_left_out),
		cmocka_unit_test(cookies),
		cmocka_unit_test(a_full_buffer_is_an_ordinary_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
