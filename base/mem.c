// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Allocation that ends the process when memory runs out. The message is a constant and goes out
 * with write(2), since nothing may be allocated any more.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static void *checked(void *memory)
{
	static const char text[] = "out of memory\n";

	if (memory)
		return memory;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAILURE);
	abort();
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *xstrdup(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

char *xstrndup(const char *text, size_t len)
{
	return checked(strndup(text, len));
}

char *xasprintf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}

void auto_free_cleanup(void *pointer_to_pointer)
{
	void *memory;

	memcpy(&memory, pointer_to_pointer, sizeof(memory));
	free(memory);
}

void wipe(void *data, size_t len)
{
	if (len)
		explicit_bzero(data, len);
}
