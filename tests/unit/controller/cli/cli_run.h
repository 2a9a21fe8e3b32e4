// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Runs a command of the command line in a child process and keeps what it prints. */
#include <stddef.h>

#include "controller/cli/cli.h"

struct cli_result {
	int status;
	char out[16384], err[16384];
};

/* `line` is split at blanks; its first word is argv[0]. The folder is the child's own, or NULL. */
void cli_run(cli_fn *command, const char *folder, const char *line, struct cli_result *result);
