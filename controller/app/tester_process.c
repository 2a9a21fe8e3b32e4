// SPDX-License-Identifier: GPL-3.0-or-later
/* Starts a tester with its case in a sealed memory file, and collects its result. */
#include "controller/app/tester_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/spawn.h"

#define READ_SIZE (16 * KIB)

/* True while there may be more. One that says too much is ended: its result is no JSON then. */
static bool read_some(struct tester *tester)
{
	uint8_t block[READ_SIZE];
	ssize_t n = read(tester->pipe, block, sizeof(block));
	if (n < 0)
		return errno == EINTR;
	if (n > 0 && !buf_append(&tester->result, block, (size_t)n))
		tester_kill(tester);
	return n > 0;
}

static void close_pipe(struct tester *tester)
{
	loop_io_stop(&tester->io);
	fd_close(&tester->pipe);
}

static void on_readable(struct loop_io *io, int events)
{
	struct tester *tester = container_of(io, struct tester, io);
	errno = 0;
	if (!read_some(tester) && errno != EAGAIN)
		close_pipe(tester);
}

static void on_child(struct loop_child *child, int wait_status)
{
	struct tester *tester = container_of(child, struct tester, child);
	struct buf result;
	loop_child_stop(&tester->child);
	while (tester->pipe >= 0 && read_some(tester))
		;
	close_pipe(tester);
	tester->pid = 0;
	result = tester->result; // the callee may start the next one
	buf_init(&tester->result, TEST_RESULT_MAX);
	tester->ended(tester->owner, (const char *)buf_bytes(&result), buf_len(&result));
	buf_free(&result);
}

static bool watch(struct tester *tester, struct loop *loop, int *pipe_end, struct err *err)
{
	if (!loop_child_start(&tester->child, loop, tester->pid, on_child, err)) {
		spawn_undo(&tester->pid);
		return false;
	}
	tester->pipe = take_fd(pipe_end);
	buf_init(&tester->result, TEST_RESULT_MAX);
	loop_io_init(&tester->io, loop, tester->pipe, on_readable);
	loop_io_want(&tester->io, LOOP_READ);
	return true;
}

bool tester_start(struct tester *tester, struct loop *loop, const struct tester_start *start,
		  tester_ended_fn *ended, void *owner, struct err *err)
{
	int ends[2];
	auto_fd int document = fd_sealed("case", start->document, strlen(start->document), err);
	if (document < 0)
		return false;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe for the tester");
	auto_fd int ours = ends[0];
	auto_fd int theirs = ends[1];
	struct spawn spawn = {
		.program = start->program,
		.fds = {-1, theirs, start->log, document, start->first, start->second},
		.n_fds = 6,
		.uid = start->uid,
		.gid = start->uid,
	};
	if (!fd_set_nonblocking(ours, err))
		return false;
	tester->pid = spawn_program(&spawn, err);
	if (tester->pid < 0) {
		tester->pid = 0;
		return false;
	}
	tester->ended = ended;
	tester->owner = owner;
	return watch(tester, loop, &ours, err);
}

void tester_kill(struct tester *tester)
{
	if (tester->pid > 0)
		kill(tester->pid, SIGKILL);
}
