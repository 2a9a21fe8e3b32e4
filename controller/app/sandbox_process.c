// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Starts a sandbox with its policy in a sealed memory file, and moves its output to a log. The
 * output is hostile: it is stored as bytes, a bounded amount each time, and never interpreted.
 */
#include "controller/app/sandbox_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "controller/app/spawn.h"

#define HANDOFF_FD (FAILURE_FD + 1)
#define READ_SIZE (64 * KIB)

/* True while there may be more. */
static bool read_some(struct sandbox_output *output)
{
	static uint8_t block[READ_SIZE];
	struct sandbox *sandbox = output->sandbox;
	ssize_t n = read(output->fd, block, sizeof(block));
	if (n < 0)
		return errno == EINTR;
	if (n == 0)
		return false;
	bool errors = output != &sandbox->output[0];
	if (sandbox->log)
		log_writer_feed(sandbox->log, errors ? LOG_STREAM_ERR : LOG_STREAM_OUT, block,
				(size_t)n);
	if (sandbox->callbacks->output)
		sandbox->callbacks->output(sandbox->owner, errors, block, (size_t)n);
	return true;
}

static void close_output(struct sandbox_output *output)
{
	loop_io_stop(&output->io);
	fd_close(&output->fd);
}

static void on_output(struct loop_io *io, int events)
{
	struct sandbox_output *output = container_of(io, struct sandbox_output, io);
	errno = 0;
	if (!read_some(output) && errno != EAGAIN)
		close_output(output);
}

/* What is still in the pipes when the sandbox is gone; nobody can write to them any more. */
static void drain_outputs(struct sandbox *sandbox)
{
	for (size_t i = 0; i < 2; i++) {
		while (sandbox->output[i].fd >= 0 && read_some(&sandbox->output[i]))
			;
		close_output(&sandbox->output[i]);
	}
	if (sandbox->log)
		log_writer_end_lines(sandbox->log);
}

static void close_handoff(struct sandbox *sandbox)
{
	loop_io_stop(&sandbox->handoff_io);
	fd_close(&sandbox->handoff);
}

/* What it says of itself comes as one piece; the workload never has the other end. */
static void read_failure(struct sandbox *sandbox)
{
	ssize_t n = read(sandbox->failure, sandbox->why, sizeof(sandbox->why) - 1);
	sandbox->why[n > 0 ? n : 0] = '\0';
	loop_io_stop(&sandbox->failure_io);
	fd_close(&sandbox->failure);
}

static void on_failure(struct loop_io *io, int events)
{
	struct sandbox *sandbox = container_of(io, struct sandbox, failure_io);
	read_failure(sandbox);
	if (sandbox_has_run(sandbox) && sandbox->callbacks->executed)
		sandbox->callbacks->executed(sandbox->owner);
}

static void on_child(struct loop_child *child, int wait_status)
{
	struct sandbox *sandbox = container_of(child, struct sandbox, child);
	loop_child_stop(&sandbox->child);
	drain_outputs(sandbox);
	close_handoff(sandbox);
	if (sandbox->failure >= 0)
		read_failure(sandbox);
	sandbox->pid = 0;
	disk_watch_finish(&sandbox->disk);
	cgroup_read(&sandbox->cgroup, &sandbox->usage);
	cgroup_remove(&sandbox->cgroup);
	sandbox->callbacks->ended(sandbox->owner, wait_status);
}

static int receive_descriptor(int socket)
{
	char byte;
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static void on_handoff(struct loop_io *io, int events)
{
	struct sandbox *sandbox = container_of(io, struct sandbox, handoff_io);
	loop_io_stop(&sandbox->handoff_io);
	int fd = receive_descriptor(sandbox->handoff);
	if (fd >= 0)
		sandbox->callbacks->listener(sandbox->owner, fd);
	/* Else the sandbox failed before it had one: its end follows. */
}

static void watch(struct sandbox *sandbox, int pipes[2])
{
	for (size_t i = 0; i < 2; i++) {
		struct sandbox_output *output = &sandbox->output[i];
		output->sandbox = sandbox;
		output->fd = take_fd(&pipes[i]);
		if (output->fd < 0)
			continue;
		loop_io_init(&output->io, sandbox->loop, output->fd, on_output);
		loop_io_want(&output->io, LOOP_READ);
	}
	loop_io_init(&sandbox->failure_io, sandbox->loop, sandbox->failure, on_failure);
	loop_io_want(&sandbox->failure_io, LOOP_READ);
	if (sandbox->handoff < 0)
		return;
	loop_io_init(&sandbox->handoff_io, sandbox->loop, sandbox->handoff, on_handoff);
	loop_io_want(&sandbox->handoff_io, LOOP_READ);
}

static void on_disk_full(struct disk_watch *watch)
{
	struct sandbox *sandbox = container_of(watch, struct sandbox, disk);
	log_warn("%s; ending it", watch->why);
	sandbox_signal(sandbox, SANDBOX_KILL);
}

/* The sandbox waits on its end, so that one blocks. */
static bool make_handoff(int ends[2], struct err *err)
{
	if (!fd_socket_pair(SOCK_STREAM, ends, err))
		return false;
	if (fcntl(ends[1], F_SETFL, 0) < 0)
		return err_sys(err, errno, "cannot make a socket to a sandbox");
	return true;
}

/* Where the sandbox writes: a descriptor that was given, or a pipe to us. */
static bool make_output(int given, int ends[2], struct err *err)
{
	if (given > 0) {
		ends[1] = fcntl(given, F_DUPFD_CLOEXEC, 3);
		return ends[1] >= 0 || err_sys(err, errno, "cannot duplicate a descriptor");
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe for a sandbox's output");
	return fd_set_nonblocking(ends[0], err);
}

bool sandbox_start(struct sandbox *sandbox, struct loop *loop, const struct sandbox_start *start,
		   const struct sandbox_callbacks *callbacks, void *owner, struct err *err)
{
	struct policy *policy = start->policy;
	int out[2] = {-1, -1}, errors[2] = {-1, -1}, handoff[2] = {-1, -1}, failure[2] = {-1, -1};
	bool egress = policy->network == POLICY_NET_EGRESS;
	policy->parent = getpid();
	policy->handoff_fd = egress ? HANDOFF_FD : -1;
	auto_free char *json = policy_to_json(policy, false);
	auto_fd int data = fd_sealed("policy", json, strlen(json), err);
	auto_fd int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool ok = cgroup_make(&sandbox->cgroup, start->cgroup, start->cgroup_name, &start->limits,
			      err) &&
		  data >= 0 && make_output(start->stdio[1], out, err) &&
		  make_output(start->stdio[2], errors, err) && make_output(0, failure, err) &&
		  (!egress || make_handoff(handoff, err));
	if (ok) {
		struct spawn spawn = {.program = start->program,
				      .fds = {start->stdio[0] > 0 ? start->stdio[0] : null, out[1],
					      errors[1], data, failure[1], handoff[1]},
				      .n_fds = egress ? 6 : 5,
				      .cgroup = &sandbox->cgroup};
		sandbox->pid = spawn_program(&spawn, err);
		ok = sandbox->pid > 0;
	}
	if (ok && !loop_child_start(&sandbox->child, loop, sandbox->pid, on_child, err)) {
		spawn_undo(&sandbox->pid);
		ok = false;
	}
	fd_close(&out[1]);
	fd_close(&errors[1]);
	fd_close(&handoff[1]);
	fd_close(&failure[1]);
	if (!ok) {
		fd_close(&out[0]);
		fd_close(&errors[0]);
		fd_close(&handoff[0]);
		fd_close(&failure[0]);
		sandbox->pid = 0;
		cgroup_remove(&sandbox->cgroup);
		return false;
	}
	sandbox->loop = loop;
	sandbox->handoff = handoff[0];
	sandbox->failure = failure[0];
	sandbox->why[0] = '\0';
	sandbox->log = start->log;
	sandbox->callbacks = callbacks;
	sandbox->owner = owner;
	watch(sandbox, (int[2]){out[0], errors[0]});
	if (start->upper >= 0)
		disk_watch_start(&sandbox->disk, loop, start->upper, start->max_disk, on_disk_full);
	return true;
}

void sandbox_proceed(struct sandbox *sandbox)
{
	/* A sandbox that is gone meanwhile is reported by `ended`. */
	(void)!send(sandbox->handoff, "", 1, MSG_NOSIGNAL);
	close_handoff(sandbox);
}

void sandbox_usage(const struct sandbox *sandbox, struct cgroup_usage *usage)
{
	if (sandbox->pid > 0)
		cgroup_read(&sandbox->cgroup, usage);
	else
		*usage = sandbox->usage;
}

bool sandbox_has_run(const struct sandbox *sandbox)
{
	return !*sandbox->why;
}

bool sandbox_was_built(const struct sandbox *sandbox, int wait_status, struct err *err)
{
	if (sandbox_has_run(sandbox) || !WIFEXITED(wait_status) ||
	    WEXITSTATUS(wait_status) != SANDBOX_EXIT_SETUP)
		return true;
	return err_set(err, ERR_UNSUPPORTED, "its sandbox cannot be built: %s", sandbox->why);
}

/* The command was not executed, for want of a sandbox or of a program. */
static void why_not_started(const struct sandbox *sandbox, int wait_status,
			    char text[SANDBOX_END_MAX])
{
	struct err err;
	const char *why = sandbox_was_built(sandbox, wait_status, &err) ? sandbox->why : err.text;
	snprintf(text, SANDBOX_END_MAX, "was not started: %s", why);
}

struct limit_hit sandbox_explain_end(const struct sandbox *sandbox,
				     const struct plan_resources *resources, int wait_status,
				     char text[SANDBOX_END_MAX])
{
	struct limit_facts facts = {
		.resources = resources,
		.usage = &sandbox->usage,
		.wait_status = wait_status,
		.disk = sandbox->disk.exceeded,
		.largest_file = sandbox->disk.largest,
	};
	struct limit_hit hit = limit_hit_find(&facts, clock_wall_ms());
	if (!sandbox_has_run(sandbox))
		why_not_started(sandbox, wait_status, text);
	else if (hit.any)
		limit_hit_text(&hit, wait_status, text);
	else
		exit_text(wait_status, text);
	return hit;
}

void sandbox_signal(struct sandbox *sandbox, int number)
{
	if (sandbox->pid <= 0)
		return;
	if (number == SIGKILL)
		cgroup_kill(&sandbox->cgroup);
	kill(sandbox->pid, number);
}
