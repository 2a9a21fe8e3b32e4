// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * `up -d`: the app is run by a process of its own, and the one that the person started stays
 * until the app is ready, then ends with status 0, or until it has failed, then with its status.
 */
#include "base/err.h"

/*
 * Forks. In the new process it returns true, with the descriptor for detach_done. The old one
 * waits and ends the process here. False: it could not fork.
 */
must_check bool detach_begin(int *parent, struct err *err);

/*
 * It is ready: lets the waiting process end; this one leaves the terminal and its session, and its
 * standard error becomes `log` (-1: nothing). Does nothing when *parent is -1 already.
 */
void detach_done(int *parent, int log);
