// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs a job on an event loop of its own. A command line that only reads a Kit has no other, and
 * in `capakit up` nothing else of the app runs yet; signals are looked at here through a
 * descriptor and stay pending, so that whoever they are for gets them afterwards.
 */
#include "controller/sources/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/exit_text.h"
#include "controller/app/sandbox_process.h"

struct run {
	struct job *job;
	struct loop *loop;
	struct sandbox sandbox;
	struct sidecar egress;
	struct buf errors; // the end of what it wrote to standard error
	int wait_status;
	struct err failure; // what ended it before its time
	struct loop_timer timeout;
	struct loop_io signal_io, errors_io;
	int signals, null;
};

static void stop(struct run *run, enum err_code code, const char *why)
{
	if (run->failure.code == ERR_NONE)
		err_set(&run->failure, code, "%s", why);
	sandbox_signal(&run->sandbox, SANDBOX_KILL);
}

static void check_ended(struct run *run)
{
	if (!run->sandbox.pid && !run->egress.pid)
		loop_stop(run->loop);
}

/* ---- the sandbox ---- */

static void keep_end(struct buf *buf, const char *data, size_t len)
{
	size_t skip = len > buf->max ? len - buf->max : 0;
	data += skip;
	len -= skip;
	if (len > buf_room(buf))
		buf_consume(buf, len - buf_room(buf));
	(void)buf_append(buf, data, len);
}

static void on_output(void *owner, bool errors, const void *data, size_t len)
{
	struct run *run = owner;
	if (errors)
		keep_end(&run->errors, data, len);
	else if (!buf_append(&run->job->out, data, len))
		stop(run, ERR_LIMIT, "it answered with more than is plausible");
}

static void on_sandbox_ended(void *owner, int wait_status)
{
	struct run *run = owner;
	run->wait_status = wait_status;
	sidecar_close(&run->egress);
	check_ended(run);
}

/* ---- the way out ---- */

static void on_egress_event(void *owner, const sidecar_event *event)
{
	struct run *run = owner;
	if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED)
		sandbox_proceed(&run->sandbox);
}

static void on_egress_ended(void *owner, int wait_status)
{
	struct run *run = owner;
	if (run->sandbox.pid)
		stop(run, ERR_SYSTEM, "its egress sidecar ended");
	check_ended(run);
}

static bool start_egress(struct run *run, int listener, struct err *err)
{
	static const struct sidecar_callbacks callbacks = {.event = on_egress_event,
							   .ended = on_egress_ended};
	struct job *job = run->job;
	const struct plan_egress egress = {.rules = &job->remote, .n_rules = 1};
	struct sidecar_start start = {
		.program = job->workshop->sidecar_program,
		.keeper = -1,
		.view = job->workshop->egress,
		.log = run->null,
		.uid = job->workshop->egress_uid,
	};
	return sidecar_start(&run->egress, run->loop, &start, &callbacks, run, err) &&
	       sidecar_configure_egress(&run->egress, &egress, &job->workshop->upstreams, job->name,
					listener, err);
}

static void on_listener(void *owner, int fd)
{
	struct run *run = owner;
	auto_fd int listener = fd;
	struct err err;
	if (!start_egress(run, listener, &err))
		stop(run, err.code, err.text);
}

/* ---- the run ---- */

static void on_timeout(struct loop_timer *timer)
{
	stop(container_of(timer, struct run, timeout), ERR_TIMEOUT, "it took too long");
}

static void on_signal(struct loop_io *io, int events)
{
	loop_io_stop(io);
	stop(container_of(io, struct run, signal_io), ERR_CANCELLED, "interrupted");
}

static bool watch_signals(struct run *run, struct err *err)
{
	run->signals = signalfd(-1, &run->job->workshop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signals < 0)
		return err_sys(err, errno, "cannot watch for signals");
	loop_io_init(&run->signal_io, run->loop, run->signals, on_signal);
	loop_io_want(&run->signal_io, LOOP_READ);
	return true;
}

/* True while there may be more. */
static bool read_errors(struct run *run)
{
	char block[512];
	ssize_t n = read(run->job->errors, block, sizeof(block));
	if (n > 0)
		keep_end(&run->errors, block, (size_t)n);
	return n > 0;
}

static void on_errors(struct loop_io *io, int events)
{
	if (!read_errors(container_of(io, struct run, errors_io)) && errno != EAGAIN)
		loop_io_stop(io);
}

static void watch_errors(struct run *run)
{
	if (!run->job->errors)
		return;
	loop_io_init(&run->errors_io, run->loop, run->job->errors, on_errors);
	loop_io_want(&run->errors_io, LOOP_READ);
}

static bool start(struct run *run, struct err *err)
{
	static const struct sandbox_callbacks callbacks = {
		.listener = on_listener, .ended = on_sandbox_ended, .output = on_output};
	static const struct cgroup none = {0};
	struct job *job = run->job;
	struct sandbox_start sandbox = {
		.program = job->workshop->sandbox_program,
		.policy = job->policy,
		.cgroup = &none,
		.upper = job->written,
		.max_disk = SOURCE_BYTES_MAX,
		.stdio = {job->input ? *job->input : 0},
	};
	loop_timer_init(&run->timeout, run->loop, on_timeout);
	loop_timer_start(&run->timeout, SOURCE_JOB_MS);
	run->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	watch_errors(run);
	bool ok = watch_signals(run, err) &&
		  sandbox_start(&run->sandbox, run->loop, &sandbox, &callbacks, run, err);
	if (job->input)
		fd_close(job->input);
	return ok;
}

static void close_run(struct run *run)
{
	loop_timer_stop(&run->timeout);
	loop_io_stop(&run->signal_io);
	loop_io_stop(&run->errors_io);
	fd_close(&run->signals);
	fd_close(&run->null);
	buf_free(&run->errors);
	loop_free(&run->loop);
}

/* In its own words, if it had any. */
static bool explain(const struct run *run, struct err *err)
{
	char text[EXIT_TEXT_MAX];
	size_t len = buf_len(&run->errors);
	const char *said = (const char *)buf_bytes(&run->errors);
	while (len && said[len - 1] == '\n')
		len--;
	if (run->failure.code != ERR_NONE)
		return err_set(err, run->failure.code, "%s", run->failure.text);
	if (run->sandbox.disk.exceeded)
		return err_set(err, ERR_LIMIT, "it is too large: %s", run->sandbox.disk.why);
	if (WEXITSTATUS(run->wait_status) == 128 + SIGXFSZ)
		return err_set(err, ERR_LIMIT, "it is too large: a file of more than %zu MiB",
			       SOURCE_BYTES_MAX / MIB);
	if (len)
		return err_set(err, ERR_SYSTEM, "%.*s", (int)len, said);
	exit_text(run->wait_status, text);
	return err_set(err, ERR_SYSTEM, "it %s without a word", text);
}

bool job_run(struct job *job, struct err *err)
{
	struct run run = {.job = job, .signals = -1, .null = -1};
	buf_init(&run.errors, SOURCE_SAID_MAX);
	run.loop = loop_new(err);
	bool ok = run.loop && start(&run, err);
	if (ok) {
		loop_run(run.loop);
		while (job->errors && read_errors(&run))
			;
		ok = (run.wait_status == 0 && run.failure.code == ERR_NONE) || explain(&run, err);
	}
	if (run.loop)
		close_run(&run);
	return ok || err_prefix(err, "%s", job->name);
}

struct policy *job_policy(const struct workshop *workshop, const char *reason, struct err *err)
{
	auto_policy struct policy *policy = policy_new();
	if (!policy_add_standard_root(policy, err))
		return NULL;
	policy->host_uid = policy->host_gid = workshop->uid;
	policy_set(&policy->network_reason, reason);
	return take_ptr(&policy);
}
