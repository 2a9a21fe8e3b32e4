// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Tells a person what a plan allows that they should know of, and asks whether to go on. */
#include "controller/app/plan.h"

/*
 * Says on standard error which phases have both a way out (a network, or connections to hosts
 * outside) and folders of this machine, and asks on the terminal; with `yes` (--yes) it says so and
 * goes on. Nothing is said or asked when there is no such phase. ERR_USAGE without a terminal,
 * ERR_DENIED when the answer is no, ERR_CANCELLED on Ctrl-C, SIGTERM or the end of the terminal.
 */
must_check bool confirm_plan(const struct plan *plan, bool yes, struct err *err);
