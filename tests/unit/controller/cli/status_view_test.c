// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/cli/status_view.h"

#define text_(literal) ((char *)(uintptr_t)(literal))

static const int64_t NOW = 1767323045678;

/* An app of one workload, one route and one URL; the caller changes what a test is about. */
struct sample {
	control_app app;
	control_workload workload;
	control_route route;
	control_url url;
	control_workload *workloads[1];
	control_route *routes[1];
	control_url *urls[1];
	char *endpoints[2];
};

static void sample_make(struct sample *sample)
{
	capakit__control__v1__app__init(&sample->app);
	capakit__control__v1__workload__init(&sample->workload);
	capakit__control__v1__route__init(&sample->route);
	capakit__control__v1__url__init(&sample->url);
	sample->endpoints[0] = text_("/http");
	sample->endpoints[1] = text_("/mcp");
	sample->workload.key = text_("web");
	sample->workload.state = CAPAKIT__CONTROL__V1__STATE__RUNNING;
	sample->workload.sandbox_pid = 11;
	sample->workload.sidecar_pid = 12;
	sample->workload.started_at_unix_ms = NOW - 61000;
	sample->workload.endpoints = sample->endpoints;
	sample->workload.n_endpoints = 2;
	sample->route.caller = text_("@edge");
	sample->route.callee = text_("web");
	sample->route.endpoints = sample->endpoints;
	sample->route.n_endpoints = 1;
	sample->route.up = 1;
	sample->url.protocol = text_("http");
	sample->url.endpoint = text_("/");
	sample->url.url = text_("http://127.1.2.3:5000/");
	sample->workloads[0] = &sample->workload;
	sample->routes[0] = &sample->route;
	sample->urls[0] = &sample->url;
	sample->app.name = text_("newsroom");
	sample->app.kit_path = text_("/kits/newsroom");
	sample->app.profile = text_("standard");
	sample->app.state = CAPAKIT__CONTROL__V1__STATE__RUNNING;
	sample->app.started_at_unix_ms = NOW - 3661000;
	sample->app.controller_pid = 10;
	sample->app.workloads = sample->workloads;
	sample->app.n_workloads = 1;
	sample->app.routes = sample->routes;
	sample->app.n_routes = 1;
	sample->app.urls = sample->urls;
	sample->app.n_urls = 1;
}

static char *view(const struct sample *sample, bool colour)
{
	struct buf out;

	buf_init(&out, 100000);
	status_view_text(&out, colour, &sample->app, NOW);
	return buf_take_str(&out);
}

static void test_the_whole_view(void **state)
{
	struct sample sample;
	auto_free char *text = NULL;

	sample_make(&sample);
	text = view(&sample, false);
	assert_string_equal(text,
			    "newsroom  running  up 1h 1m  profile standard  pid 10\n"
			    "  /kits/newsroom\n\n"
			    "  PROTOCOL  PATH  URL\n"
			    "  http      /     http://127.1.2.3:5000/\n\n"
			    "  WORKLOAD  STATE    UP     RESTARTS  SANDBOX  SIDECAR  ENDPOINTS\n"
			    "  web       running  1m 1s  0         11       12       /http /mcp\n\n"
			    "  ROUTE        STATE  RENEWED  ENDPOINTS\n"
			    "  @edge \xe2\x86\x92 web  up     0        /http\n");
}

static void test_what_goes_out_has_tables_of_its_own(void **state)
{
	struct sample sample;
	Capakit__Control__V1__Egress egress = CAPAKIT__CONTROL__V1__EGRESS__INIT;
	Capakit__Control__V1__HostService service = CAPAKIT__CONTROL__V1__HOST_SERVICE__INIT;
	Capakit__Control__V1__HostService *services[] = {&service};
	auto_free char *text = NULL;

	sample_make(&sample);
	egress.pid = 13;
	egress.connections = 5;
	egress.refused = 1;
	egress.bytes_down = 1000;
	sample.workload.egress = &egress;
	service.name = text_("ollama");
	service.host = text_("ollama.host.capakit.internal");
	service.address = text_("127.0.0.1");
	service.port = 11434;
	sample.app.host_services = services;
	sample.app.n_host_services = 1;
	text = view(&sample, false);
	assert_non_null(strstr(text,
			       "  NETWORK  ASKED  REFUSED  FAILED  BYTES UP  BYTES DOWN  EGRESS\n"
			       "  web      5      1        0       0         1000        13\n"));
	assert_non_null(strstr(
		text, "  HOST SERVICE  AT               INSIDE\n"
		      "  ollama        127.0.0.1:11434  ollama.host.capakit.internal:11434\n"));
}

static void test_a_failed_workload_says_why(void **state)
{
	struct sample sample;
	auto_free char *text = NULL;

	sample_make(&sample);
	sample.workload.state = CAPAKIT__CONTROL__V1__STATE__FAILED;
	sample.workload.sandbox_pid = 0;
	sample.workload.reason = text_("it \x1b[2J ended with status 1");
	text = view(&sample, false);
	assert_non_null(strstr(text, "failed"));
	assert_non_null(strstr(text, "\n      it \\x1b[2J ended with status 1\n"));
}

static void test_colour_is_an_option(void **state)
{
	struct sample sample;
	auto_free char *plain = NULL;
	auto_free char *colour = NULL;

	sample_make(&sample);
	plain = view(&sample, false);
	colour = view(&sample, true);
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(colour, "\033[32mrunning\033[0m"));
}

static void test_a_state_from_the_future_is_unknown(void **state)
{
	assert_string_equal(status_state_name((Capakit__Control__V1__State)99), "unknown");
	assert_string_equal(status_state_name((Capakit__Control__V1__State)-1), "unknown");
}

static void test_long_lists_are_cut(void **state)
{
	struct sample sample;
	auto_free char *path = xcalloc(5001, 1);
	auto_free char *text = NULL;

	sample_make(&sample);
	memset(path, 'x', 5000);
	sample.endpoints[0] = path;
	text = view(&sample, false);
	assert_true(strlen(text) < 2000);
}

static void test_the_document(void **state)
{
	struct sample sample;
	auto_free char *text = NULL;
	json_t *document;

	sample_make(&sample);
	sample.workload.sandbox_pid = 0;
	document = status_view_json(&sample.app, NOW);
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	assert_string_equal(
		text,
		"{\"name\":\"newsroom\",\"run_id\":\"\",\"kit_path\":\"/kits/newsroom\","
		"\"state\":\"running\",\"started_at_unix_ms\":1767319384678,\"uptime_s\":3661,"
		"\"controller_pid\":10,\"profile\":\"standard\",\"weaker\":false,\"workloads\":[{"
		"\"key\":\"web\","
		"\"state\":\"running\",\"sandbox_pid\":null,\"sidecar_pid\":12,\"restarts\":0,"
		"\"started_at_unix_ms\":1767322984678,\"uptime_s\":61,\"endpoints\":[\"/http\","
		"\"/mcp\"],\"reason\":null,\"egress\":null,\"limits\":[],\"usage\":null,"
		"\"limit_hit\":null}],\"routes\":[{\"caller\":\"@edge\",\"callee\":\"web\","
		"\"endpoints\":[\"/http\"],\"up\":true,\"renewals\":0}],\"urls\":[{\"protocol\":"
		"\"http\",\"endpoint\":\"/\",\"url\":\"http://127.1.2.3:5000/\"}],"
		"\"host_services\":[],\"log_folder\":\"\"}");
}

static void test_limits_and_usage(void **state)
{
	Capakit__Control__V1__Limit memory = CAPAKIT__CONTROL__V1__LIMIT__INIT;
	Capakit__Control__V1__Limit cpu = CAPAKIT__CONTROL__V1__LIMIT__INIT;
	Capakit__Control__V1__Limit *limits[] = {&memory, &cpu};
	Capakit__Control__V1__Usage usage = CAPAKIT__CONTROL__V1__USAGE__INIT;
	Capakit__Control__V1__LimitHit hit = CAPAKIT__CONTROL__V1__LIMIT_HIT__INIT;
	struct sample sample;

	sample_make(&sample);
	memory.resource = hit.resource = CAPAKIT__CONTROL__V1__RESOURCE__MEMORY;
	memory.value = hit.value = 512 << 20;
	memory.holder = CAPAKIT__CONTROL__V1__HOLDER__RLIMIT;
	memory.named = true;
	memory.weaker = text_("each process by itself");
	cpu.resource = CAPAKIT__CONTROL__V1__RESOURCE__CPU;
	cpu.value = 1500;
	cpu.holder = CAPAKIT__CONTROL__V1__HOLDER__CGROUP_V2;
	usage.memory_bytes = 64 << 20;
	usage.cpu_us = 1250000;
	usage.throttled_us = 500000;
	hit.count = 2;
	sample.workload.limits = limits;
	sample.workload.n_limits = 2;
	sample.workload.usage = &usage;
	sample.workload.limit_hit = &hit;
	auto_free char *text = view(&sample, false);
	assert_non_null(strstr(text, "web       64 MiB of 512 MiB"));
	assert_non_null(strstr(text, "1.25 s of 1.5 CPUs, waited 0.50 s"));
	assert_non_null(strstr(text, "memory is held by rlimit, which is weaker: each process"));
	json_t *document = status_view_json(&sample.app, NOW);
	auto_free char *json = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	assert_non_null(strstr(json, "{\"resource\":\"memory\",\"value\":536870912,\"holder\":"
				     "\"rlimit\",\"named\":true,\"weaker\":\"each"));
	assert_non_null(strstr(json, "\"cpu_us\":1250000"));
	assert_non_null(strstr(json, "\"limit_hit\":{\"resource\":\"memory\",\"value\":536870912,"
				     "\"peak\":null,\"count\":2"));
	cpu.resource = (Capakit__Control__V1__Resource)99; // of a later version
	cpu.holder = (Capakit__Control__V1__Holder)99;
	auto_free char *later = view(&sample, false);
	assert_non_null(strstr(later, "64 MiB of 512 MiB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_whole_view),
		cmocka_unit_test(test_what_goes_out_has_tables_of_its_own),
		cmocka_unit_test(test_a_failed_workload_says_why),
		cmocka_unit_test(test_colour_is_an_option),
		cmocka_unit_test(test_a_state_from_the_future_is_unknown),
		cmocka_unit_test(test_long_lists_are_cut),
		cmocka_unit_test(test_the_document),
		cmocka_unit_test(test_limits_and_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
