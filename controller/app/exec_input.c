// SPDX-License-Identifier: GPL-3.0-or-later
/* One block at a time: nothing is read before the command has taken what was. */
#include "controller/app/exec_input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static void on_readable(struct loop_io *io, int events)
{
	struct exec_input *input = container_of(io, struct exec_input, from);
	ssize_t n = read(STDIN_FILENO, input->bytes, sizeof(input->bytes));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	loop_io_stop(&input->from);
	if (n <= 0) {
		exec_input_end(input);
		return;
	}
	input->at = 0;
	input->len = (size_t)n;
	loop_io_want(&input->to, LOOP_WRITE);
}

static void on_writable(struct loop_io *io, int events)
{
	struct exec_input *input = container_of(io, struct exec_input, to);
	ssize_t n = write(input->pipe, input->bytes + input->at, input->len - input->at);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) { // the command reads no more
		exec_input_end(input);
		return;
	}
	input->at += (size_t)n;
	if (input->at < input->len)
		return;
	loop_io_stop(&input->to);
	loop_io_want(&input->from, LOOP_READ);
}

bool exec_input_open(struct exec_input *input, struct loop *loop, struct err *err)
{
	int ends[2];
	*input = (struct exec_input){.pipe = -1, .command = -1};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe for the command");
	input->command = ends[0];
	input->pipe = ends[1];
	loop_io_init(&input->from, loop, STDIN_FILENO, on_readable);
	loop_io_init(&input->to, loop, input->pipe, on_writable);
	return fd_set_nonblocking(input->pipe, err);
}

void exec_input_begin(struct exec_input *input)
{
	fd_close(&input->command);
	loop_io_want(&input->from, LOOP_READ);
}

void exec_input_end(struct exec_input *input)
{
	if (input->pipe < 0)
		return;
	loop_io_stop(&input->from);
	loop_io_stop(&input->to);
	fd_close(&input->command);
	fd_close(&input->pipe);
}
