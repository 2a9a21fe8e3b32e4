// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The parts of attack-witness. Each adds members to the report; what cannot be read is left out. */
#include <jansson.h>

#define WITNESS_MARK 0x6361706b77697473ULL
#define WITNESS_MARKED 777

_Noreturn void witness_fail(const char *what);

/* witness_process.c: command, user, limits, variables, capabilities, namespaces */
void witness_add_process(json_t *report);

/* witness_calls.c: what the filters say of each call, and of those in the file `queries` */
void witness_add_calls(json_t *report);

/* witness_files.c: mounts, and what can be done at the paths in the file `targets` */
void witness_add_files(json_t *report);

/* witness_network.c: interfaces, sockets, what the proxy says of the hosts in the file `hosts`, and
 * what can be done in folders that somebody outside passes in */
void witness_add_network(json_t *report);
int witness_give(const char *path, char **folders);

/* Calls `each` with every line of a file in the working folder; none if it is not there. */
void witness_each_line(const char *file, void (*each)(json_t *list, char *line), json_t *list);

/* A whole text file; NULL: cannot be read. The caller frees. */
char *witness_read(const char *path);
