// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the run time of the sanitizers calls in a process that confines itself: to start, to map
 * memory, to print a report and to end, as far as it is not what such a process calls anyway. For
 * the tables of filters, as call(NAME) each; only a build with sanitizers lets these through.
 */
#define SANITIZER_CALLS(call)                                                                      \
	call(sigaltstack) call(sched_yield) call(sched_getaffinity) call(prctl) call(pipe)         \
		call(getrlimit) call(prlimit64) call(uname)
