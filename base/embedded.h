// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Files of the source that are built into a program (cmake/embed.cmake). */
#include <stddef.h>

struct embedded_file {
	const char *name; // below the folder that was embedded
	const char *data; // NUL-terminated
	size_t len;	  // without that NUL
};
