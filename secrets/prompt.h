// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Reads a secret's value from standard input into locked memory: typed without echo when it is a
 * terminal (one line of any length), else all of it but one newline at its end.
 */
#include "secrets/locked.h"

/*
 * `question` goes to standard error, on a terminal only. ERR_CANCELLED on Ctrl-C, ERR_USAGE when
 * nothing was given, ERR_LIMIT over SECRET_VALUE_MAX.
 */
must_check bool secret_prompt(const char *question, struct locked *value, struct err *err);
