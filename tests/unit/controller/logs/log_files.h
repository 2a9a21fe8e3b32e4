// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A folder for the log files of one test, and whole files in and out of it. */
#include <stddef.h>

int log_folder_make(void); // an open folder
void log_folder_remove(int *folder);
char *log_file_read(int folder, const char *name, size_t *len); // asserts that it is there
void log_file_append(int folder, const char *name, const char *text);
