// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How an app's folders are called: <runtime folder>/<folder name>/ holds its control.sock as long
 * as it runs, <state folder>/apps/<folder name>/ what is kept of it, its logs/ among that. The
 * folder name is short, since a Unix socket's path ends at 107 bytes, and is made from the app's
 * name alone; a note in the state folder says the name again.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define APP_FOLDER_LEN 16 // hexadecimal digits
#define CONTROL_SOCKET "control.sock"

/* The first 16 hexadecimal digits of the SHA-256 of the name. The caller frees. */
char *app_folder_name(const char *app_name);

bool app_folder_is_name(const char *text);

/* Of an app whose folder is there: its name, and the Kit's folder. */
struct app_note {
	char *name;
	char *kit_path;
};

/* The file `app` in the state folder of an app (an open descriptor). */
must_check bool app_note_write(int folder, const char *name, const char *kit_path, struct err *err);
must_check bool app_note_read(int folder, struct app_note *note, struct err *err);
void app_note_free(struct app_note *note);
