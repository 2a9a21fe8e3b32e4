// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Formats error texts into the caller's struct err. Texts that are too long are cut, never
 * refused: a shortened explanation is better than none.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	err->code = code;
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return false;
}

bool err_sys(struct err *err, int errnum, const char *format, ...)
{
	char reason[128];
	const char *text = strerror_r(errnum, reason, sizeof(reason));
	size_t len;
	va_list args;

	va_start(args, format);
	err->code = ERR_SYSTEM;
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %s", text);
	return false;
}

bool err_prefix(struct err *err, const char *format, ...)
{
	char old[sizeof(err->text)];
	size_t len;
	va_list args;

	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof(err->text) - len, ": %.*s", (int)sizeof(old) - 1,
		       old);
	return false;
}
