// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A process outside of every sandbox that the doctor has attacked, and what it has to lose. */
#include <sys/types.h>

#include "base/err.h"
#include "controller/attack/list.h"

enum { VICTIM_LEAKS = 2 };

struct attack_victim_process {
	char *host;   // a folder outside of the sandbox's own /tmp
	char *shared; // in it: what the sandbox may write to as well
	pid_t pid;
	int input;		 // it ends with this
	int leaks[VICTIM_LEAKS]; // open for whoever inherits them: its folder, its secret
};

#define ATTACK_VICTIM_NONE                                                                         \
	{                                                                                          \
		.input = -1, .leaks = { -1, -1 }                                                   \
	}

/* As root it is the user `uid`, that of the sandbox. What it says of itself is added to `facts`. */
must_check bool attack_victim_open(struct attack_victim_process *victim, uid_t uid,
				   struct attack_facts *facts, struct err *err);
void attack_victim_close(struct attack_victim_process *victim); // also one that failed to open

/* False: it has ended, or its file is not what it was. */
must_check bool attack_victim_unharmed(const struct attack_victim_process *victim, struct err *err);
