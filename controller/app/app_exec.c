// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The plan is that of the app, with one policy more, and of all that only the app's folders, users
 * and control groups are used. What the command says goes to our own standard output and error, and
 * to no log.
 */
#include "controller/app/app_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/exit_text.h"

#define NO_SUCH_WORKLOAD "the Kit has no workload %s of its own; it has: %s"

/* ---- before the plan: which workload, and what is in its folder ---- */

static char *workload_names(const struct manifest *manifest)
{
	struct buf text = {.max = MANIFEST_BYTES_MAX};
	for (size_t i = 0; i < manifest->n_workloads; i++)
		if (!manifest->workloads[i].import.dependency)
			buf_printf(&text, "%s%s", buf_len(&text) ? ", " : "",
				   manifest->workloads[i].key);
	return buf_take_str(&text);
}

/* The one that is named, or the only one. */
static struct manifest_workload *choose_workload(struct manifest *manifest, const char *name,
						 struct err *err)
{
	auto_free char *names = workload_names(manifest);
	struct manifest_workload *chosen = NULL;
	for (size_t i = 0; i < manifest->n_workloads; i++) {
		struct manifest_workload *workload = &manifest->workloads[i];
		if (workload->import.dependency || (name && !str_eq(workload->key, name)))
			continue;
		if (chosen) {
			err_set(err, ERR_USAGE, "name the workload, one of: %s", names);
			return NULL;
		}
		chosen = workload;
	}
	if (!chosen)
		err_set(err, ERR_USAGE, NO_SUCH_WORKLOAD, name ? name : "", names);
	return chosen;
}

static bool open_folder(struct app_exec *exec, const struct app_kit *kit, const char *root,
			struct err *err)
{
	if (kit->source.kind != KIT_SOURCE_FOLDER)
		return err_set(err, ERR_USAGE,
			       "exec works on a folder: %s is none; clone or unpack it, and name "
			       "that with --kit",
			       kit->source.name);
	exec->folder = path_open_beneath(kit->source.dir, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
					 0, err);
	exec->folder_path = str_eq(root, ".") ? xstrdup(kit->source.name)
					      : xasprintf("%s/%s", kit->source.name, root);
	return exec->folder >= 0 && exec_guard_find(&exec->guard, exec->folder, err);
}

static void fill_plan(struct app_exec *exec, const struct app_exec_options *options,
		      const struct manifest_workload *workload)
{
	exec->read_only = xcalloc(exec->guard.n + 1, sizeof(*exec->read_only));
	for (size_t i = 0; i < exec->guard.n; i++)
		exec->read_only[i] = exec->guard.entries[i].path;
	exec->plan = (struct plan_exec){
		.workload = workload->key,
		.argv = options->argv,
		.n_argv = options->n_argv,
		.folder = exec->folder_path,
		.read_only = exec->read_only,
		.n_read_only = exec->guard.n,
		.terminal = exec->has_terminal ? exec_terminal_kind() : NULL,
	};
}

bool app_exec_select(struct app *app, struct err *err)
{
	const struct app_exec_options *options = app->options->exec;
	if (!options)
		return true;
	struct app_exec *exec = app->exec = xcalloc(1, sizeof(*exec));
	exec->app = app;
	exec->folder = -1;
	exec->terminal.master = exec->terminal.slave = -1;
	exec->input.pipe = exec->input.command = -1;
	exec->has_terminal = exec_terminal_wanted();
	struct manifest_workload *workload =
		choose_workload(app->kits[0].manifest, options->workload, err);
	if (!workload || !open_folder(exec, &app->kits[0], workload->root, err))
		return false;
	if (options->has_network) { // what start gets is what the command gets
		struct manifest_network *network = &workload->phases[PHASE_START].network;
		network->kind = options->network;
		network->n_allow = 0;
	}
	fill_plan(exec, options, workload);
	return true;
}

/* ---- the command ---- */

static void on_removed(void *owner, const char *path)
{
	const struct app_exec *exec = owner;
	exec->app->options->exec->removed(exec->app->options->owner, path);
}

/* Its sandbox has ended, and its egress sidecar if it had one. */
static void finish(void *owner)
{
	struct app_exec *exec = owner;
	struct app *app = exec->app;
	struct err err;
	if (exec_guard_sweep(&exec->guard, exec->folder, on_removed, exec, &err))
		app_stop(app, 0);
	else
		app_fail(app, NULL, NULL, &err);
	app_check_ended(app);
}

static void on_output(void *owner, bool errors, const void *data, size_t len)
{
	struct app_exec *exec = owner;
	struct err ignored;
	if (!fd_write_all(errors ? STDERR_FILENO : STDOUT_FILENO, data, len, &ignored))
		sandbox_signal(&exec->sandbox, SANDBOX_KILL); // nobody listens any more
}

static void on_listener(void *owner, int fd)
{
	struct app_exec *exec = owner;
	app_egress_serve(&exec->egress, fd);
}

static void on_ended(void *owner, int wait_status)
{
	struct app_exec *exec = owner;
	struct app_exec_options *options = exec->app->options->exec;
	exec_terminal_end(&exec->terminal);
	exec_input_end(&exec->input);
	options->status = exit_code(wait_status);
	options->offline =
		!options->has_network && exec->app->plan->exec->network == POLICY_NET_NONE;
	app_egress_end(&exec->egress);
	if (!app_egress_running(&exec->egress))
		finish(exec);
}

static const struct sandbox_callbacks callbacks = {
	.listener = on_listener, .output = on_output, .ended = on_ended};

static bool open_stdio(struct app_exec *exec, int stdio[3], struct err *err)
{
	if (!exec->has_terminal) {
		bool ok = exec_input_open(&exec->input, exec->app->loop, err);
		stdio[0] = exec->input.command;
		return ok;
	}
	if (!exec_terminal_open(&exec->terminal, exec->app->loop, err))
		return false;
	stdio[0] = stdio[1] = exec->terminal.slave;
	stdio[2] = isatty(STDERR_FILENO) ? exec->terminal.slave : -1;
	return true;
}

static bool start_sandbox(struct app_exec *exec, const struct plan_workload *workload,
			  struct err *err)
{
	struct app *app = exec->app;
	struct sandbox_start start = {
		.program = app->sandbox_program,
		.policy = app->plan->exec,
		.stdio = {-1, -1, -1},
		.cgroup = &app->cgroup,
		.cgroup_name = "exec",
		.limits = plan_resources_cgroup(&workload->resources),
		.upper = -1, // the folder is the person's
	};
	if (!open_stdio(exec, start.stdio, err) ||
	    !sandbox_start(&exec->sandbox, app->loop, &start, &callbacks, exec, err))
		return false;
	exec->begun = true;
	if (exec->has_terminal)
		return exec_terminal_begin(&exec->terminal, err);
	exec_input_begin(&exec->input);
	return true;
}

void app_exec_start(struct app *app)
{
	struct app_exec *exec = app->exec;
	const struct plan_workload *workload = plan_own_workload(app->plan, exec->plan.workload);
	struct err err;
	app_egress_init(&exec->egress, app, workload, PHASE_START, &exec->sandbox, finish, exec);
	if (start_sandbox(exec, workload, &err))
		return;
	exec_terminal_end(&exec->terminal);
	exec_input_end(&exec->input);
	app_fail(app, NULL, NULL, &err);
}

bool app_exec_running(const struct app *app)
{
	return app->exec && (app->exec->sandbox.pid || app_egress_running(&app->exec->egress));
}

bool app_exec_signal(struct app *app, int number)
{
	if (!app->exec || !app->exec->sandbox.pid)
		return false;
	sandbox_signal(&app->exec->sandbox, number);
	return true;
}

void app_exec_stop(struct app *app)
{
	if (!app->exec)
		return;
	sandbox_signal(&app->exec->sandbox, SANDBOX_KILL);
	app_egress_end(&app->exec->egress);
}

void app_exec_free(struct app *app)
{
	struct app_exec *exec = take_ptr(&app->exec);
	if (!exec)
		return;
	exec_terminal_end(&exec->terminal);
	exec_input_end(&exec->input);
	app_egress_free(&exec->egress);
	exec_guard_free(&exec->guard);
	free(exec->read_only);
	free(exec->folder_path);
	fd_close(&exec->folder);
	free(exec);
}
