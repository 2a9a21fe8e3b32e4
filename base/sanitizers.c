// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Options of the sanitizers' run time for the programs of a build with CAPAKIT_SANITIZE, which is
 * the only one that this file is part of. They are compiled in since sidecars and sandboxes start
 * with an empty environment. Processes that are confined can neither trace themselves for leaks
 * (commands and unit tests look for those) nor start a symbolizer; a report goes to standard error,
 * which is the app's log, and ends the process with a signal.
 */
#include <sys/prctl.h>

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
int __lsan_is_turned_off(void);

const char *__asan_default_options(void)
{
	return "abort_on_error=1:disable_coredump=0:symbolize=0";
}

const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1:symbolize=0";
}

/* Asked at the end of a process. Whoever confines itself begins with this flag. */
int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0;
}
