// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Options of the sanitizers' run time for the programs of a build with CAPAKIT_SANITIZE, which is
 * the only one that this file is part of. They are compiled in since sidecars and sandboxes start
 * with an empty environment. Processes that are confined can neither trace themselves for leaks
 * (the unit tests look for those) nor start a symbolizer; a report goes to standard error, which is
 * the app's log, and ends the process with a signal.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0:abort_on_error=1:disable_coredump=0:symbolize=0";
}

const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1:symbolize=0";
}
