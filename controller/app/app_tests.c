// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Goes from case to case; see app_tests.h. A case ends exactly once, in `end_case`: with the
 * tester's result, or with a reason why there is none.
 */
#include "controller/app/app_tests.h"

#include <fcntl.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/testing/case_document.h"

/* ---- which cases ---- */

static bool is_chosen(const struct app_test_options *options, const char *id)
{
	for (size_t i = 0; i < options->n_ids; i++)
		if (str_eq(options->ids[i], id))
			return true;
	return options->n_ids == 0;
}

static bool check_ids(const struct app_test_options *options, const struct manifest *manifest,
		      struct err *err)
{
	auto_free const char **known = xcalloc(manifest->n_tests + 1, sizeof(*known));
	for (size_t t = 0; t < manifest->n_tests; t++)
		known[t] = manifest->tests[t].id;
	for (size_t i = 0; i < options->n_ids; i++) {
		const char *id = options->ids[i];
		bool found = false;
		for (size_t t = 0; t < manifest->n_tests && !found; t++)
			found = str_eq(known[t], id);
		const char *near = found ? NULL : text_nearest(id, known, manifest->n_tests);
		if (!found)
			return err_set(err, ERR_USAGE, "the Kit has no test %s%s%s%s", id,
				       near ? "; did you mean " : "", near ? near : "",
				       near ? "?" : "");
	}
	return true;
}

static void add_target(struct app_tests *tests, const struct manifest_test *test)
{
	tests->targets =
		xreallocarray(tests->targets, tests->n_targets + 1, sizeof(*tests->targets));
	tests->targets[tests->n_targets++] =
		(struct plan_test_target){test->workload, test->endpoint};
}

static void add_case(struct app_tests *tests, const struct manifest_test *test)
{
	tests->cases[tests->n_cases++] = (struct app_test_case){
		.test = test,
		.record = test_report_add(tests->app->options->tests->report, test),
	};
	if (test->kind != TEST_EXEC && test->workload)
		add_target(tests, test);
}

static void on_due(struct loop_timer *timer);

static void choose(struct app *app)
{
	const struct app_test_options *options = app->options->tests;
	const struct manifest *manifest = app->kits[0].manifest;
	struct app_tests *tests = app->tests = xcalloc(1, sizeof(*tests));
	tests->app = app;
	tests->mounts = -1;
	tests->cases = xcalloc(manifest->n_tests + 1, sizeof(*tests->cases));
	tests->begun_at = loop_now(app->loop);
	app_test_exec_init(&tests->exec);
	loop_timer_init(&tests->due, app->loop, on_due);
	test_report_init(options->report, manifest->name, manifest->n_tests);
	for (size_t i = 0; i < manifest->n_tests; i++)
		if (is_chosen(options, manifest->tests[i].id))
			add_case(tests, &manifest->tests[i]);
}

bool app_tests_select(struct app *app, struct err *err)
{
	const struct app_test_options *options = app->options->tests;
	if (!options)
		return true;
	if (app->kits[0].manifest->n_tests == 0)
		return err_set(
			err, ERR_MISSING,
			"the Kit has no tests: write them under `tests:` in its manifest, or "
			"in a file " MANIFEST_TEST_FILE);
	if (!check_ids(options, app->kits[0].manifest, err))
		return false;
	choose(app);
	app->tests->program = path_helper_program("capakit-tester", err);
	return app->tests->program != NULL;
}

static bool needs_app(const struct app_test_case *the_case)
{
	return the_case->test->kind != TEST_EXEC;
}

bool app_tests_need_app(const struct app *app)
{
	for (size_t i = 0; app->tests && i < app->tests->n_cases; i++)
		if (needs_app(&app->tests->cases[i]))
			return true;
	return !app->tests;
}

/* The next case of this sort; NULL: all are done. */
static struct app_test_case *next_case(struct app_tests *tests, bool in_app)
{
	for (size_t i = 0; i < tests->n_cases; i++)
		if (!tests->cases[i].done && needs_app(&tests->cases[i]) == in_app)
			return &tests->cases[i];
	return NULL;
}

/* ---- one case ---- */

static bool stopping(const struct app_tests *tests)
{
	return tests->app->state >= APP_STOPPING;
}

/* Its time runs from here. */
static void begin_case(struct app_tests *tests)
{
	uint64_t timeout = tests->now->test->timeout_ms;
	tests->asked = true;
	loop_refresh_now(tests->app->loop);
	tests->case_begun_at = loop_now(tests->app->loop);
	loop_timer_start(&tests->due, timeout ? timeout : TEST_TIMEOUT_MS);
}

static void go_on(struct app_tests *tests);

static void end_case(struct app_tests *tests)
{
	struct app_test_case *the_case = tests->now;
	const struct app_options *options = tests->app->options;
	loop_timer_stop(&tests->due);
	the_case->done = true;
	if (tests->asked)
		the_case->record->duration_ms = loop_now(tests->app->loop) - tests->case_begun_at;
	options->tests->report->duration_ms = loop_now(tests->app->loop) - tests->begun_at;
	tests->now = NULL;
	if (the_case->test->n_faults)
		app_faults_set(tests->app, NULL, 0);
	options->tests->ended(options->owner, the_case->record);
	go_on(tests);
}

/* It takes too long: what it runs is ended, and the end of that ends the case. */
static void on_due(struct loop_timer *timer)
{
	struct app_tests *tests = container_of(timer, struct app_tests, due);
	struct err err;
	if (!tests->asked) {
		err_set(&err, ERR_TIMEOUT,
			"the app was not whole within %d s; `capakit logs %s` may say why",
			TEST_SETTLE_MS / 1000, tests->app->name);
		app_tests_break(tests, &err);
		return;
	}
	uint64_t limit = tests->now->test->timeout_ms;
	test_record_break(tests->now->record,
			  "no result within %.6g s (`timeout:` of the case changes the limit)",
			  (double)(limit ? limit : TEST_TIMEOUT_MS) / 1000);
	tests->interfered = true;
	tester_kill(&tests->tester);
	app_test_exec_kill(&tests->exec);
}

static void on_result(void *owner, const char *result, size_t len)
{
	struct app_tests *tests = owner;
	if (stopping(tests)) {
		app_check_ended(tests->app);
		return;
	}
	if (!tests->interfered)
		test_record_take(tests->now->record, tests->now->test, result, len);
	end_case(tests);
}

void app_tests_break(struct app_tests *tests, const struct err *why)
{
	test_record_break(tests->now->record, "%s", why->text);
	end_case(tests);
}

void app_tests_ask(struct app_tests *tests, const char *document, int first, int second)
{
	const struct app *app = tests->app;
	struct err err;
	struct tester_start start = {
		.program = tests->program,
		.document = document,
		.first = first,
		.second = second,
		.log = app->log_pipe,
		.uid = app->tester_uid,
	};
	if (stopping(tests)) {
		app_check_ended(tests->app);
		return;
	}
	if (tests->interfered)
		end_case(tests);
	else if (!tester_start(&tests->tester, app->loop, &start, on_result, tests, &err))
		app_tests_break(tests, &err);
}

/* ---- in the running app ---- */

/* The socket that stands for the target; NULL: the case goes to the app's own address. */
static const char *socket_of(const struct app *app, const struct manifest_test *test)
{
	const struct plan_test_target target = {test->workload, test->endpoint};
	return test->workload ? plan_tester_connection(app->plan, &target)->socket : NULL;
}

static void ask_app(struct app_tests *tests)
{
	const struct app *app = tests->app;
	const struct manifest_test *test = tests->now->test;
	const struct case_target target = {
		.address = app->address, .port = app->port, .socket = socket_of(app, test)};
	auto_free char *document = case_document(test, &target);
	struct err err;
	auto_fd int sockets = -1;
	if (target.socket)
		sockets = path_open_beneath(app->tester.view, "connect",
					    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, &err);
	if (target.socket && sockets < 0)
		app_tests_break(tests, &err);
	else
		app_tests_ask(tests, document, sockets, -1);
}

/* Everything runs, and fails where it shall: a workload or sidecar that ended may be on its way. */
static bool is_whole(const struct app *app)
{
	return app_workloads_ready(app) && app_sidecars_configured(app) && app_links_up(app) &&
	       app_faults_in_force(app);
}

static void ask_when_whole(struct app_tests *tests)
{
	struct err err;
	if (!is_whole(tests->app))
		return;
	begin_case(tests);
	if (app_test_mounts_fill(tests, tests->now->test, &err))
		ask_app(tests);
	else
		app_tests_break(tests, &err);
}

static void start_case(struct app_tests *tests, struct app_test_case *the_case)
{
	struct err err;
	tests->now = the_case;
	tests->asked = tests->interfered = false;
	if (needs_app(the_case)) {
		loop_timer_start(&tests->due, TEST_SETTLE_MS);
		app_faults_set(tests->app, the_case->test->faults, the_case->test->n_faults);
		ask_when_whole(tests);
		return;
	}
	begin_case(tests);
	if (app_test_mounts_fill(tests, the_case->test, &err))
		app_test_exec_start(tests);
	else
		app_tests_break(tests, &err);
}

static void finish(struct app_tests *tests)
{
	app_stop(tests->app, tests->app->options->stop_grace_ms);
}

/* Whatever is to be done next; also called when it is done already. */
static void go_on(struct app_tests *tests)
{
	struct app *app = tests->app;
	struct app_test_case *next;
	if (stopping(tests) || (tests->now && tests->asked))
		return;
	if (tests->now)
		ask_when_whole(tests);
	else if (app->state == APP_PREPARING && (next = next_case(tests, false)))
		start_case(tests, next);
	else if (app->state == APP_PREPARING && app_tests_need_app(app))
		app_start_all(app);
	else if (app->state == APP_RUNNING && (next = next_case(tests, true)))
		start_case(tests, next);
	else if (app->state == APP_PREPARING || app->state == APP_RUNNING)
		finish(tests);
}

/* Mounts are there when the workloads start: with what the first case has for them. */
static bool fill_for_start(struct app_tests *tests)
{
	const struct app_test_case *first = next_case(tests, true);
	struct err err;
	if (!first || app_test_mounts_fill(tests, first->test, &err))
		return true;
	app_fail(tests->app, NULL, NULL, &err);
	return false;
}

bool app_tests_prepared(struct app *app)
{
	struct app_tests *tests = app->tests;
	if (!tests)
		return true;
	if (!next_case(tests, false) && app_tests_need_app(app))
		return fill_for_start(tests);
	go_on(tests);
	return false;
}

void app_tests_go_on(struct app *app)
{
	if (app->tests)
		go_on(app->tests);
}

/* ---- the end ---- */

void app_tests_stop(struct app *app)
{
	struct app_tests *tests = app->tests;
	if (!tests)
		return;
	loop_timer_stop(&tests->due);
	tester_kill(&tests->tester);
	app_test_exec_kill(&tests->exec);
}

bool app_tests_running(const struct app *app)
{
	return app->tests && (app->tests->tester.pid || app_test_exec_running(&app->tests->exec));
}

void app_tests_free(struct app *app)
{
	struct app_tests *tests = take_ptr(&app->tests);
	if (!tests)
		return;
	app_test_exec_free(&tests->exec);
	fd_close(&tests->mounts);
	free(tests->program);
	free(tests->cases);
	free(tests->targets);
	free(tests);
}
