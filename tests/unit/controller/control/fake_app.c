// SPDX-License-Identifier: GPL-3.0-or-later
#include "fake_app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "capakit/control/v1/control.pb-c.h"
#include "controller/control/app_folder.h"
#include "controller/control/control_service.h"

static char home[] = "/tmp/capakit-test-XXXXXX";

void fake_home_make(void)
{
	memcpy(home + sizeof(home) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(home));
	assert_int_equal(setenv("CAPAKIT_HOME", home, 1), 0);
}

void fake_home_remove(void)
{
	auto_fd int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err;

	assert_true(path_remove_tree(parent, strrchr(home, '/') + 1, &err));
}

const char *fake_home(void)
{
	return home;
}

void fake_folder(const char *name)
{
	auto_free char *path = xasprintf("%s/%s", home, name);
	struct err err;

	assert_true(path_make_dirs(path, 0700, &err));
}

struct server {
	const struct fake_app *app;
	struct loop *loop;
	struct loop_timer end;
};

static void on_status(void *owner, struct grpc_call *call)
{
	const struct fake_app *app = ((struct server *)owner)->app;
	Capakit__Control__V1__GetStatusResponse reply =
		CAPAKIT__CONTROL__V1__GET_STATUS_RESPONSE__INIT;
	Capakit__Control__V1__App status = CAPAKIT__CONTROL__V1__APP__INIT;

	status.name = (char *)(uintptr_t)app->name;
	status.kit_path = (char *)(uintptr_t)app->kit_path;
	status.state = CAPAKIT__CONTROL__V1__STATE__RUNNING;
	status.controller_pid = (int32_t)getpid();
	status.profile = (char *)(uintptr_t) "standard";
	reply.app = &status;
	grpc_call_reply(call, &reply.base);
}

static void on_end(struct loop_timer *timer)
{
	struct server *server = container_of(timer, struct server, end);

	loop_stop(server->loop);
}

static void on_stop(void *owner, uint32_t grace_ms, struct grpc_call *call)
{
	Capakit__Control__V1__StopResponse reply = CAPAKIT__CONTROL__V1__STOP_RESPONSE__INIT;
	struct server *server = owner;

	if (grace_ms == 666) {
		grpc_call_fail(call, GRPC_FAILED_PRECONDITION, "not on a Friday");
		return;
	}
	grpc_call_reply(call, &reply.base);
	loop_timer_start(&server->end, server->app->lingers ? 200 : 1);
}

static void serve(const struct fake_app *app, int folder, int listener)
{
	const struct control_handlers handlers = {.status = on_status, .stop = on_stop};
	struct server server = {.app = app};
	struct control_service *service;
	struct err err;

	server.loop = loop_new(&err);
	loop_timer_init(&server.end, server.loop, on_end);
	service = control_service_new(server.loop, listener, app->serves, &handlers, &server);
	loop_run(server.loop);
	control_service_free(&service);
	loop_free(&server.loop);
	(void)unlinkat(folder, CONTROL_SOCKET, 0);
	exit(0);
}

void fake_app_start(struct fake_app *app)
{
	auto_free char *folder_name = app_folder_name(app->name);
	auto_free char *path = xasprintf("run/%s", folder_name);
	auto_free char *whole = xasprintf("%s/%s", home, path);
	auto_fd int folder = -1;
	auto_fd int listener = -1;
	struct err err;

	fake_folder(path);
	folder = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder >= 0);
	(void)fflush(NULL);
	listener = fd_listen_unix(folder, CONTROL_SOCKET, 0600, 16, &err);
	if (listener < 0)
		fail_msg("%s", err.text);
	app->pid = fork();
	assert_true(app->pid >= 0);
	if (app->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(app, folder, take_fd(&listener));
	}
}

bool fake_app_runs(const struct fake_app *app)
{
	return waitpid(app->pid, NULL, WNOHANG) == 0;
}

void fake_app_kill(struct fake_app *app)
{
	(void)kill(app->pid, SIGKILL);
	(void)waitpid(app->pid, NULL, 0);
}

int fake_child_status(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}
