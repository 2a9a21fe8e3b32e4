// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Apps that only answer the control API, each in a process of its own, with CAPAKIT_HOME in a
 * temporary folder.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fake_app {
	const char *name, *kit_path;
	pid_t pid;
	bool lingers; // after Stop it needs another 200 ms to end
	uid_t serves; // the user it serves
};

void fake_home_make(void);
void fake_home_remove(void);
const char *fake_home(void);

/* A folder below the home, made with all above it. */
void fake_folder(const char *name);

void fake_app_start(struct fake_app *app);
bool fake_app_runs(const struct fake_app *app);
void fake_app_kill(struct fake_app *app); // as kill -9: leaves its socket behind

/* The exit status of a child process that ends by itself. */
int fake_child_status(pid_t child);
