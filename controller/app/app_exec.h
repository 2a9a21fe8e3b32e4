// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * `capakit exec`: one command in a sandbox of a workload, on the workload's own folder. Nothing
 * else of the app is prepared or started.
 *
 *   app_exec.c       the command's sandbox, from its start to its exit status
 *   exec_guard.c     what it may not leave in the folder
 *   exec_terminal.c  a terminal of its own
 *   exec_input.c     its standard input where there is no terminal
 */
#include "controller/app/app.h"
#include "controller/app/exec_guard.h"
#include "controller/app/exec_input.h"
#include "controller/app/exec_terminal.h"

struct app_exec {
	struct app *app;
	struct plan_exec plan; // for the plan's inputs
	char *folder_path;
	int folder;
	struct exec_guard guard;
	const char **read_only; // paths of the guard
	struct app_egress egress;
	struct sandbox sandbox;
	bool begun;
	bool has_terminal;
	struct exec_terminal terminal;
	struct exec_input input;
};
