// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Errors are values on the caller's stack: a code and a short text that says what was being
 * done, to what, and what to do about it. They are set only on failure, own nothing and are never
 * freed. A function that can fail returns bool (true: done), a descriptor (-1: failed) or a
 * pointer (NULL: failed), and takes `struct err *` as its last argument; it may not be NULL.
 */
#include <stdbool.h>

#define must_check __attribute__((warn_unused_result))

enum err_code {
	ERR_NONE = 0,
	ERR_SYSTEM,	 // a system call failed
	ERR_USAGE,	 // the person asked for something that makes no sense
	ERR_MANIFEST,	 // the Kit's manifest is invalid
	ERR_NO_APP,	 // no such app
	ERR_EXISTS,	 // there is one already
	ERR_MISSING,	 // something that is needed is not there: a program, a secret, a file
	ERR_UNSUPPORTED, // this kernel, host or version of capakit cannot do it
	ERR_DENIED,	 // a rule forbids it
	ERR_LIMIT,	 // a maximum of limits.h would be exceeded
	ERR_PROTOCOL,	 // a peer sent what it may not send
	ERR_TIMEOUT,	 // it took too long
	ERR_CLOSED,	 // the peer went away
	ERR_CANCELLED,	 // interrupted by the person
};

struct err {
	enum err_code code;
	char text[1024];
};

/* Both return false, so that a failing function can `return err_set(...)`. Longer texts are cut. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set with ERR_SYSTEM, and ": " and the text of errnum (an errno value) appended. */
bool err_sys(struct err *err, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "text: " before what err says already. Returns false. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
