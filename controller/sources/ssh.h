// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A way to a git remote over ssh. ssh itself runs outside of the sandbox, as the person's own
 * program with the person's configuration, keys and known hosts: none of that may enter a sandbox.
 * git, which reads what the remote sends, runs inside and gets one end of a socket; it has no
 * network.
 */
#include <sys/types.h>

#include "controller/sources/source_name.h"

struct ssh {
	pid_t pid;  // 0: not running
	int socket; // to what serves the repository there (git-upload-pack(1)); may be taken
	int errors; // what ssh says, to be read
};

/* It never asks anything: what needs a passphrase or an unknown host's key fails. */
must_check bool ssh_start(struct ssh *ssh, const struct git_url *url, struct err *err);
void ssh_end(struct ssh *ssh);

#define SSH_NONE                                                                                   \
	(struct ssh)                                                                               \
	{                                                                                          \
		.socket = -1, .errors = -1                                                         \
	}
