// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Standard input of `capakit exec` where it is no terminal: copied into a pipe, so that the command
 * holds no descriptor of ours. */
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct exec_input {
	int pipe;    // our end; -1: closed
	int command; // its end, until exec_input_begin
	struct loop_io from, to;
	uint8_t bytes[4096];
	size_t at, len;
};

must_check bool exec_input_open(struct exec_input *input, struct loop *loop, struct err *err);
void exec_input_begin(struct exec_input *input); // the command has its end
void exec_input_end(struct exec_input *input);	 // may be called twice
