// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Questions on the terminal, while an event loop has the signals. */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

bool ask_is_possible(void); // standard input and standard error are a terminal

/*
 * Shows the question, as it is, and reads a line without its end. ERR_CANCELLED on Ctrl-C, Ctrl-D,
 * SIGTERM or the end of the terminal. A line that does not fit is cut.
 */
must_check bool ask_line(const char *question, char *line, size_t size, struct err *err);

must_check bool ask_yes(const char *question, bool *yes, struct err *err); // Enter alone is no
