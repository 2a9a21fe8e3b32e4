// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A terminal's own line editing echoes, keeps at most 4095 bytes, and leaves echo off when Ctrl-C
 * ends the process in mid-line. So the line is read byte by byte with all of that turned off, and
 * what keys mean is decided here.
 */
#include "secrets/prompt.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, DELETE = 127 };

static bool too_long(struct err *err)
{
	return err_set(err, ERR_LIMIT,
		       "the value is longer than %zu KiB, the most that a secret "
		       "can have",
		       SECRET_VALUE_MAX / KIB);
}

static void erase_character(struct locked *value)
{
	while (value->len > 0 && (value->data[value->len - 1] & 0xc0) == 0x80)
		value->len--; // the rest of a UTF-8 character
	if (value->len > 0)
		value->len--;
}

/* *done: the line has ended. */
static bool take_key(struct locked *value, uint8_t key, bool *done, struct err *err)
{
	switch (key) {
	case CTRL_C:
		return err_set(err, ERR_CANCELLED, "interrupted; nothing was changed");
	case '\n':
	case CTRL_D:
		*done = true;
		return true;
	case BACKSPACE:
	case DELETE:
		erase_character(value);
		return true;
	case CTRL_U:
		value->len = 0;
		return true;
	default:
		if (value->len >= SECRET_VALUE_MAX)
			return too_long(err);
		value->data[value->len++] = key;
		return true;
	}
}

static bool read_line(struct locked *value, struct err *err)
{
	bool done = false;
	uint8_t key;

	while (!done) {
		ssize_t got = read(STDIN_FILENO, &key, 1);

		if (got < 0 && errno != EINTR)
			return err_sys(err, errno, "reading from the terminal");
		if (got == 0)
			return true;
		if (got == 1 && !take_key(value, key, &done, err))
			return false;
	}
	return true;
}

static bool read_terminal(const char *question, struct locked *value, struct err *err)
{
	struct termios before, silent;
	bool read;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return err_sys(err, errno, "looking at the terminal");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	silent.c_cc[VMIN] = 1;
	silent.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) < 0)
		return err_sys(err, errno, "turning the terminal's echo off");
	if (!fd_write_all(STDERR_FILENO, question, strlen(question), err))
		read = false;
	else
		read = read_line(value, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)!write(STDERR_FILENO, "\n", 1);
	return read;
}

static bool read_pipe(struct locked *value, struct err *err)
{
	while (value->len < value->cap) {
		ssize_t got = read(STDIN_FILENO, value->data + value->len, value->cap - value->len);

		if (got < 0 && errno != EINTR)
			return err_sys(err, errno, "reading the value from standard input");
		if (got == 0)
			break;
		if (got > 0)
			value->len += (size_t)got;
	}
	if (value->len > 0 && value->data[value->len - 1] == '\n')
		value->len--;
	return value->len <= SECRET_VALUE_MAX || too_long(err);
}

bool secret_prompt(const char *question, struct locked *value, struct err *err)
{
	bool read;

	if (!locked_new(value, SECRET_VALUE_MAX + 2, err))
		return false;
	read = isatty(STDIN_FILENO) ? read_terminal(question, value, err) : read_pipe(value, err);
	if (read && value->len == 0)
		read = err_set(err, ERR_USAGE,
			       "no value was given: type it, or pipe it to standard input");
	if (!read)
		locked_free(value);
	return read;
}
