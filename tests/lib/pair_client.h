// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What tests of a sidecar_pair say and hear on its sockets. Anything unexpected fails the test. */
#include "sidecar_pair.h"

void client_be_patient(int fd); // every send and receive ends after 10 s
int client_call(const struct sidecar_pair *pair);
int client_edge(const struct sidecar_pair *pair);
void client_put(int fd, const char *text);

/* Everything until the end of the connection, or until `until` has come. Freed by the caller. */
char *client_read_all(int fd);
char *client_read_until(int fd, const char *until);

/* Sends, reads all, closes. */
char *client_ask(int fd, const char *request);

void client_expect(const char *answer, const char *part);
void client_expect_not(const char *answer, const char *part);

bool client_file_appears(const char *file); // within 2 s; it is removed
