// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Memory and strings. Running out of memory ends the process (its supervisor restarts it); what
 * bounds memory are the maxima of limits.h, so these functions never return NULL.
 */
#include <stddef.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text); // NULL gives NULL
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Scope cleanup: `auto_free char *name = xstrdup(...)` frees at the end of the scope. */
void auto_free_cleanup(void *pointer_to_pointer);
#define auto_free __attribute__((cleanup(auto_free_cleanup)))

/* Hands a pointer over: returns *p and leaves NULL behind. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(*(p)) taken_ = *(p);                                                    \
		*(p) = NULL;                                                                       \
		taken_;                                                                            \
	})

#define array_len(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline bool str_eq(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static inline bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Wipes memory in a way that the compiler does not remove. */
void wipe(void *data, size_t len);
