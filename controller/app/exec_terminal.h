// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The terminal of `capakit exec`: a pair of our own (pty(7)), whose other end the command gets,
 * while ours is joined to the person's. The command never holds the person's terminal, so it can
 * neither type into it nor read what is typed when it has ended.
 */
#include <termios.h>

#include "base/err.h"
#include "base/loop.h"

struct exec_terminal {
	struct loop *loop;
	int master; // -1: not open
	int slave;  // for the command; until exec_terminal_begin
	struct termios saved;
	struct loop_io input;  // of the person
	struct loop_io output; // of the command
	struct loop_signal resized;
};

/* Are standard input and output the person's terminal? */
bool exec_terminal_wanted(void);

/* Of what kind it is: TERM, if that is a name as terminfo(5) has them, else "dumb". */
const char *exec_terminal_kind(void);

must_check bool exec_terminal_open(struct exec_terminal *terminal, struct loop *loop,
				   struct err *err);

/* The command has its end: what is typed goes to it from now on, each key at once. */
must_check bool exec_terminal_begin(struct exec_terminal *terminal, struct err *err);

/* The command has ended: shows its last words, and leaves the person's terminal as it was. May be
 * called twice, and on one that was never opened. */
void exec_terminal_end(struct exec_terminal *terminal);
