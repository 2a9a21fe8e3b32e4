// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Keys such as Ctrl-C are bytes here: the command's end of the pair makes signals of them, for
 * whatever is in its foreground.
 */
#include "controller/app/exec_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

enum { KIND_MAX = 64 };

bool exec_terminal_wanted(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

const char *exec_terminal_kind(void)
{
	static const char names[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._";
	const char *kind = getenv("TERM");
	size_t len = kind ? strspn(kind, names) : 0;
	return len > 0 && len <= KIND_MAX && kind[len] == '\0' ? kind : "dumb";
}

static void copy_size(const struct exec_terminal *terminal)
{
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(terminal->master, TIOCSWINSZ, &size);
}

static void on_resized(struct loop_signal *signal, int number)
{
	copy_size(container_of(signal, struct exec_terminal, resized));
}

/* What a command does not read is dropped when its terminal is full, as typing ahead always was. */
static void on_input(struct loop_io *io, int events)
{
	struct exec_terminal *terminal = container_of(io, struct exec_terminal, input);
	uint8_t keys[KIB];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));
	if (n > 0)
		(void)!write(terminal->master, keys, (size_t)n);
	else if (n == 0 || errno != EINTR)
		loop_io_stop(io);
}

/* True while there may be more. */
static bool show(struct exec_terminal *terminal)
{
	uint8_t bytes[4 * KIB];
	struct err ignored;
	ssize_t n = read(terminal->master, bytes, sizeof(bytes));
	return n > 0 && fd_write_all(STDOUT_FILENO, bytes, (size_t)n, &ignored);
}

static void on_output(struct loop_io *io, int events)
{
	struct exec_terminal *terminal = container_of(io, struct exec_terminal, output);
	errno = 0;
	if (!show(terminal) && errno != EAGAIN && errno != EINTR)
		loop_io_stop(io);
}

static bool open_pair(struct exec_terminal *terminal)
{
	terminal->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal->master < 0 || grantpt(terminal->master) < 0 || unlockpt(terminal->master) < 0)
		return false;
	terminal->slave = ioctl(terminal->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return terminal->slave >= 0 && fcntl(terminal->master, F_SETFL, O_NONBLOCK) == 0;
}

bool exec_terminal_open(struct exec_terminal *terminal, struct loop *loop, struct err *err)
{
	*terminal = (struct exec_terminal){.loop = loop, .master = -1, .slave = -1};
	if (!open_pair(terminal) || tcgetattr(STDIN_FILENO, &terminal->saved) < 0 ||
	    tcsetattr(terminal->slave, TCSANOW, &terminal->saved) < 0) {
		err_sys(err, errno, "cannot make a terminal for the command");
		fd_close(&terminal->slave);
		fd_close(&terminal->master);
		return false;
	}
	copy_size(terminal);
	return true;
}

bool exec_terminal_begin(struct exec_terminal *terminal, struct err *err)
{
	struct termios raw = terminal->saved;
	fd_close(&terminal->slave);
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return err_sys(err, errno, "cannot pass the terminal's keys on");
	loop_io_init(&terminal->input, terminal->loop, STDIN_FILENO, on_input);
	loop_io_want(&terminal->input, LOOP_READ);
	loop_io_init(&terminal->output, terminal->loop, terminal->master, on_output);
	loop_io_want(&terminal->output, LOOP_READ);
	loop_signal_start(&terminal->resized, terminal->loop, SIGWINCH, on_resized);
	return true;
}

void exec_terminal_end(struct exec_terminal *terminal)
{
	if (terminal->master < 0)
		return;
	loop_io_stop(&terminal->input);
	loop_io_stop(&terminal->output);
	loop_signal_stop(&terminal->resized);
	while (show(terminal))
		;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
	fd_close(&terminal->slave);
	fd_close(&terminal->master);
}
