// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One running capakit-tester as the controller sees it: a child process that is given a case, and
 * the pipe on which its result comes. The result is bounded, and not interpreted here.
 */
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

struct tester;

/* It is gone; `result` is what it said, and good during the call. */
typedef void tester_ended_fn(void *owner, const char *result, size_t len);

struct tester {
	pid_t pid; // 0: not running
	struct loop_child child;
	struct loop_io io;
	int pipe;
	struct buf result; // TEST_RESULT_MAX
	tester_ended_fn *ended;
	void *owner;
};

struct tester_start {
	const char *program;
	const char *document; // the case (tester/case.h)
	int first;	      // descriptor 4: the folder of sockets, or what a command wrote; -1
	int second;	      // descriptor 5: what it wrote to its standard error; -1
	int log;
	uid_t uid; // as root: who it runs as
};

must_check bool tester_start(struct tester *tester, struct loop *loop,
			     const struct tester_start *start, tester_ended_fn *ended, void *owner,
			     struct err *err);
void tester_kill(struct tester *tester); // `ended` follows
