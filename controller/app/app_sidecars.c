// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sidecars of an app. The controller makes every listening socket and keeps it, so that a
 * sidecar that crashed finds its sockets as they were, with whoever waits in their backlog.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "controller/app/app.h"
#include "controller/app/backoff.h"
#include "controller/app/exit_text.h"
#include "controller/app/plan_environment.h"
#include "controller/app/sidecar_commands.h"

#define BACKLOG 512
#define PORT_FILE "port"

/* ---- listening sockets ---- */

static int listen_at(const struct in_addr address, uint16_t port)
{
	auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	struct sockaddr_in name = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, BACKLOG) < 0)
		return -1;
	return take_fd(&fd);
}

/* The port of the last run, so that bookmarks and cookies stay good; 0: none is known. */
static uint16_t last_port(const struct app *app)
{
	struct err ignored;
	auto_fd int fd =
		path_open_beneath(app->app_state_dir, PORT_FILE, O_RDONLY | O_CLOEXEC, 0, &ignored);
	auto_free char *text = NULL;
	size_t len;
	uint64_t port;
	if (fd < 0 || !fd_read_all(fd, 16, &text, &len, &ignored) ||
	    !num_parse_u64(text, len, 65535, &port))
		return 0;
	return (uint16_t)port;
}

/* Written only when it changed: a write that survives a power cut costs milliseconds. */
static bool remember_port(struct app *app, uint16_t before, struct err *err)
{
	struct sockaddr_in name;
	socklen_t len = sizeof(name);
	if (getsockname(app->edge.edge, (struct sockaddr *)&name, &len) < 0)
		return err_sys(err, errno, "cannot read the port of the app");
	app->port = ntohs(name.sin_port);
	if (app->port == before)
		return true;
	char text[8];
	int n = snprintf(text, sizeof(text), "%u", app->port);
	return path_write_atomic(app->app_state_dir, PORT_FILE, text, (size_t)n, 0600, err);
}

static bool open_edge(struct app *app, struct err *err)
{
	uint16_t wanted = app->options->port;
	struct in_addr address;
	if (inet_pton(AF_INET, app->address, &address) != 1 ||
	    (ntohl(address.s_addr) >> 24) != IN_LOOPBACKNET)
		return err_set(
			err, ERR_USAGE,
			"--address %s: not a loopback address (127.x.y.z); an app is offered "
			"to this machine only",
			app->address);
	uint16_t before = last_port(app);
	if (before && !wanted)
		app->edge.edge = listen_at(address, before);
	if (app->edge.edge < 0)
		app->edge.edge = listen_at(address, wanted);
	if (app->edge.edge >= 0)
		return remember_port(app, before, err);
	if (errno == EADDRINUSE)
		return err_set(err, ERR_EXISTS,
			       "port %u of %s is in use by another program; stop it, or choose "
			       "another with --port",
			       wanted, app->address);
	return err_sys(err, errno, "cannot listen on %s port %u", app->address, wanted);
}

static bool open_view_sockets(struct app_sidecar *sidecar, struct err *err)
{
	const struct plan_workload *plan = sidecar->plan;
	/* The view's parent folder is closed to everybody else; inside, its own workload connects.
	 */
	if (plan->manifest)
		sidecar->bridge =
			fd_listen_unix(sidecar->view, PLAN_BRIDGE_SOCKET, 0666, BACKLOG, err);
	auto_fd int connect = path_open_beneath(sidecar->view, "connect",
						O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if ((plan->manifest && sidecar->bridge < 0) || connect < 0)
		return false;
	for (size_t i = 0; i < plan->n_connections; i++) {
		sidecar->connections[i] =
			fd_listen_unix(connect, plan->connections[i].socket, 0666, BACKLOG, err);
		if (sidecar->connections[i] < 0)
			return false;
	}
	return true;
}

bool app_sidecars_open(struct app *app, struct err *err)
{
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		if (!open_view_sockets(&app->workloads[i].sidecar, err))
			return false;
	return (!app->tester.plan || open_view_sockets(&app->tester, err)) &&
	       (app->plan->n_exposes == 0 || open_edge(app, err));
}

/* ---- processes ---- */

static const char *label(const struct app_sidecar *sidecar)
{
	return sidecar->plan ? sidecar->plan->name : PLAN_EDGE_NAME;
}

struct app_sidecar *app_sidecar_of(struct app *app, size_t index)
{
	if (index == PLAN_EDGE)
		return &app->edge;
	if (index == PLAN_TESTER)
		return &app->tester;
	return index < app->plan->n_workloads ? &app->workloads[index].sidecar
					      : &app->outsides[index - app->plan->n_workloads];
}

static struct app_workload *workload_of(struct app_sidecar *sidecar)
{
	return sidecar->plan && sidecar->plan->manifest
		       ? container_of(sidecar, struct app_workload, sidecar)
		       : NULL;
}

static void on_event(void *owner, const sidecar_event *event)
{
	struct app_sidecar *sidecar = owner;
	struct app *app = sidecar->app;
	switch (event->kind_case) {
	case CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED:
		sidecar->configured = true;
		app_check_running(app);
		break;
	case CAPAKIT__SIDECAR__V1__EVENT__KIND_LINK_STATE:
		app_links_on_state(app, sidecar, event->link_state);
		break;
	case CAPAKIT__SIDECAR__V1__EVENT__KIND_FAULTS_SET:
		sidecar->faults = event->faults_set->serial;
		app_check_running(app);
		break;
	case CAPAKIT__SIDECAR__V1__EVENT__KIND_FAULT_REACHED:
		app_faults_reached(app, event->fault_reached->link);
		break;
	case CAPAKIT__SIDECAR__V1__EVENT__KIND_WORKLOAD_READY:
		if (workload_of(sidecar))
			app_workload_ready(workload_of(sidecar), event->workload_ready->token);
		break;
	case CAPAKIT__SIDECAR__V1__EVENT__KIND_WORKLOAD_PAUSED:
		if (workload_of(sidecar))
			app_restart_paused(workload_of(sidecar), event->workload_paused->token);
		break;
	default: // Drained: workloads end when they like, so nothing waits for it
		break;
	}
}

static void on_ended(void *owner, int wait_status)
{
	struct app_sidecar *sidecar = owner;
	struct app *app = sidecar->app;
	char text[EXIT_TEXT_MAX];
	exit_text(wait_status, text);
	if (app->state >= APP_STOPPING) {
		app_check_ended(app);
	} else if (app->state == APP_RUNNING) {
		uint64_t delay = backoff_delay_ms(sidecar->drilled ? 0 : sidecar->restarts++);
		sidecar->drilled = false;
		log_warn("the sidecar of %s %s; restarting it in %u ms", label(sidecar), text,
			 (unsigned)delay);
		loop_timer_start(&sidecar->restart, delay);
	} else {
		struct err why;
		err_set(&why, ERR_SYSTEM, "the sidecar of %s %s before it was ready",
			label(sidecar), text);
		app_fail(app, app->log, LOG_OWN_NAME, &why);
	}
}

static const struct sidecar_callbacks callbacks = {.event = on_event, .ended = on_ended};

static bool start_process(struct app_sidecar *sidecar, struct err *err)
{
	struct app *app = sidecar->app;
	int keeper[2];
	if (!fd_socket_pair(SOCK_SEQPACKET, keeper, err))
		return false;
	auto_fd int theirs = keeper[0];
	auto_fd int ours = keeper[1];
	struct sidecar_start start = {
		.program = app->sidecar_program,
		.keeper = ours,
		.view = sidecar->view >= 0 ? sidecar->view : app->edge.view, // an empty one

		.log = app->log_pipe,
		.uid = sidecar->plan ? sidecar->plan->sidecar_uid : app->plan->edge_uid,
	};
	sidecar->configured = false;
	sidecar->faults = 0;
	return sidecar_add_principal(app, sidecar, theirs, err) &&
	       sidecar_start(&sidecar->process, app->loop, &start, &callbacks, sidecar, err) &&
	       sidecar_configure(app, sidecar, err) && app_faults_send(sidecar, err);
}

static void start_sidecar(struct app_sidecar *sidecar)
{
	struct err err;
	if (!start_process(sidecar, &err)) {
		err_prefix(&err, "cannot start the sidecar of %s", label(sidecar));
		app_fail(sidecar->app, NULL, NULL, &err);
	}
}

static void on_restart(struct loop_timer *timer)
{
	struct app_sidecar *sidecar = container_of(timer, struct app_sidecar, restart);
	struct app_workload *workload = workload_of(sidecar);
	struct err err;
	start_sidecar(sidecar);
	app_links_make_of(sidecar->app, sidecar);
	if (workload && workload->sandbox.pid && !workload->ready &&
	    !app_workload_watch_ready(workload, &err))
		app_fail(sidecar->app, NULL, NULL, &err);
}

/* A sidecar that is not a workload's. */
static void start_other(struct app *app, struct app_sidecar *sidecar, bool needed)
{
	if (!needed || app->state != APP_STARTING)
		return;
	loop_timer_init(&sidecar->restart, app->loop, on_restart);
	start_sidecar(sidecar);
}

void app_sidecars_start(struct app *app)
{
	for (size_t i = 0; i < app->plan->n_workloads && app->state == APP_STARTING; i++) {
		loop_timer_init(&app->workloads[i].sidecar.restart, app->loop, on_restart);
		start_sidecar(&app->workloads[i].sidecar);
	}
	for (size_t i = 0; i < app->plan->n_outsides; i++)
		start_other(app, &app->outsides[i], true);
	start_other(app, &app->edge, app->plan->n_exposes != 0);
	start_other(app, &app->tester, app->tester.plan != NULL);
}

bool app_sidecars_configured(const struct app *app)
{
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		if (!app->workloads[i].sidecar.configured)
			return false;
	for (size_t i = 0; i < app->plan->n_outsides; i++)
		if (!app->outsides[i].configured)
			return false;
	return (app->plan->n_exposes == 0 || app->edge.configured) &&
	       (!app->tester.plan || app->tester.configured);
}

static void for_each(struct app *app, void (*fn)(struct app_sidecar *))
{
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++)
		fn(&app->workloads[i].sidecar);
	for (size_t i = 0; app->outsides && i < app->plan->n_outsides; i++)
		fn(&app->outsides[i]);
	fn(&app->edge);
	fn(&app->tester);
}

static void drain(struct app_sidecar *sidecar)
{
	struct err err;
	if (!sidecar_drain(sidecar, &err))
		log_warn("cannot drain the sidecar of %s: %s", label(sidecar), err.text);
}

static void stop(struct app_sidecar *sidecar)
{
	loop_timer_stop(&sidecar->restart);
	sidecar_close(&sidecar->process);
}

static void kill_sidecar(struct app_sidecar *sidecar)
{
	sidecar_kill(&sidecar->process);
}

static void release(struct app_sidecar *sidecar)
{
	fd_close(&sidecar->view);
	fd_close(&sidecar->ingress);
	fd_close(&sidecar->bridge);
	fd_close(&sidecar->edge);
	for (size_t i = 0; sidecar->connections && i < sidecar->plan->n_connections; i++)
		fd_close(&sidecar->connections[i]);
	free(sidecar->connections);
	sidecar->connections = NULL;
}

void app_sidecars_drain(struct app *app)
{
	for_each(app, drain);
}

void app_sidecars_close(struct app *app)
{
	for_each(app, stop);
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++)
		app_egress_end(&app->workloads[i].egress);
}

void app_sidecars_kill(struct app *app)
{
	for_each(app, kill_sidecar);
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++)
		sidecar_kill(&app->workloads[i].egress.process);
}

void app_sidecars_free(struct app *app)
{
	for_each(app, release);
}

bool app_sidecars_running(const struct app *app)
{
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++)
		if (app->workloads[i].sidecar.process.pid ||
		    app_egress_running(&app->workloads[i].egress))
			return true;
	for (size_t i = 0; app->outsides && i < app->plan->n_outsides; i++)
		if (app->outsides[i].process.pid)
			return true;
	return app->edge.process.pid || app->tester.process.pid;
}
