// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A test case of kind exec: a command in a sandbox of the workload, over its prepared layer, with a
 * throwaway layer of its own. What it writes is kept up to a bound, and judged by the tester.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/app_tests.h"
#include "controller/app/exit_text.h"
#include "controller/app/plan_policy.h"
#include "controller/testing/case_document.h"

#define LAYER                                                                                      \
	"start" // that of the workload, which does not run yet; made anew for whoever comes next

static struct app_tests *tests_of(struct app_test_exec *exec)
{
	return container_of(exec, struct app_tests, exec);
}

void app_test_exec_init(struct app_test_exec *exec)
{
	*exec = (struct app_test_exec){.output = {-1, -1}};
}

/* The sandbox has ended, and its egress sidecar if it had one. */
static void finish(void *owner)
{
	struct app_test_exec *exec = owner;
	struct app_tests *tests = tests_of(exec);
	const struct manifest_test *test = tests->now->test;
	struct err err;
	if (!sandbox_was_built(&exec->sandbox, exec->wait_status, &err)) {
		app_test_exec_free(exec);
		app_tests_break(tests, &err);
		return;
	}
	auto_free char *document = case_document_exec(test, exit_code(exec->wait_status));
	policy_free(&exec->policy);
	log_writer_free(&exec->log);
	app_egress_free(&exec->egress);
	auto_fd int out = take_fd(&exec->output[0]); // the next case may begin at once
	auto_fd int errors = take_fd(&exec->output[1]);
	app_tests_ask(tests, document, out, errors);
}

static void on_output(void *owner, bool errors, const void *data, size_t len)
{
	struct app_test_exec *exec = owner;
	int fd = exec->output[errors];
	off_t size = lseek(fd, 0, SEEK_CUR);
	size_t room = size < (off_t)TEST_OUTPUT_MAX ? TEST_OUTPUT_MAX - (size_t)size : 0;
	struct err ignored; // out of memory: what is missing is like what is over the bound
	(void)!fd_write_all(fd, data, len < room ? len : room, &ignored);
}

static void on_listener(void *owner, int fd)
{
	struct app_test_exec *exec = owner;
	app_egress_serve(&exec->egress, fd);
}

static void on_ended(void *owner, int wait_status)
{
	struct app_test_exec *exec = owner;
	exec->wait_status = wait_status;
	app_egress_end(&exec->egress);
	if (!app_egress_running(&exec->egress))
		finish(exec);
}

static const struct sandbox_callbacks callbacks = {
	.listener = on_listener, .output = on_output, .ended = on_ended};

static bool open_outputs(struct app_test_exec *exec, struct err *err)
{
	for (size_t i = 0; i < 2; i++) {
		exec->output[i] = memfd_create("output", MFD_CLOEXEC);
		if (exec->output[i] < 0)
			return err_sys(err, errno, "cannot make a memory file");
	}
	return true;
}

static bool start_sandbox(struct app_tests *tests, struct err *err)
{
	struct app *app = tests->app;
	struct app_test_exec *exec = &tests->exec;
	const struct plan_workload *workload = exec->workload;
	auto_free char *group = xasprintf("test.%s", tests->now->test->id);
	auto_fd int upper = app_folders_upper(app, workload->name, LAYER, err);
	if (upper < 0)
		return false;
	struct sandbox_start start = {
		.program = app->sandbox_program,
		.policy = exec->policy,
		.log = exec->log,
		.cgroup = &app->cgroup,
		.cgroup_name = group,
		.limits = plan_resources_cgroup(&workload->resources),
		.upper = upper,
		.max_disk = workload->resources.limits[PLAN_DISK].value,
	};
	return sandbox_start(&exec->sandbox, app->loop, &start, &callbacks, exec, err);
}

static bool start(struct app_tests *tests, struct err *err)
{
	struct app *app = tests->app;
	struct app_test_exec *exec = &tests->exec;
	const struct manifest_test *test = tests->now->test;
	exec->workload = plan_own_workload(app->plan, test->workload);
	if (!exec->workload)
		return err_set(err, ERR_USAGE,
			       "workload %s is imported: its own Kit is the place for this test",
			       test->workload);
	auto_free char *log_name = xasprintf("%s.test", exec->workload->name);
	exec->policy =
		plan_policy_command(app->plan, exec->workload, test->argv, test->n_argv, err);
	exec->log = log_writer_open(app->log_dir, log_name, err);
	app_egress_init(&exec->egress, app, exec->workload, PHASE_START, &exec->sandbox, finish,
			exec);
	return exec->policy && exec->log && open_outputs(exec, err) &&
	       app_folders_layer(app, exec->workload->name, LAYER, err) &&
	       start_sandbox(tests, err);
}

void app_test_exec_start(struct app_tests *tests)
{
	struct err err;
	if (start(tests, &err))
		return;
	app_test_exec_free(&tests->exec);
	app_tests_break(tests, &err);
}

bool app_test_exec_running(const struct app_test_exec *exec)
{
	return exec->sandbox.pid || app_egress_running(&exec->egress);
}

void app_test_exec_kill(struct app_test_exec *exec)
{
	sandbox_signal(&exec->sandbox, SANDBOX_KILL);
	app_egress_end(&exec->egress);
}

void app_test_exec_free(struct app_test_exec *exec)
{
	policy_free(&exec->policy);
	log_writer_free(&exec->log);
	app_egress_free(&exec->egress);
	fd_close(&exec->output[0]);
	fd_close(&exec->output[1]);
}
