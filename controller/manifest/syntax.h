// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What single values of a manifest may look like. Pure; none of these says why, their names do. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number as JSON writes it. */
bool syntax_is_number(const char *text);

/*
 * A path of an endpoint or an expose entry: begins with '/', at most MANIFEST_PATH_MAX bytes, no
 * dot segments, no "//", no '?', '#', '%', control or other special byte, no '/' at its end unless
 * it is "/". NULL: fine; else what is wrong with it.
 */
const char *syntax_path_fault(const char *path);

/* As above, but a '*' may be its last byte. */
const char *syntax_pattern_fault(const char *pattern);

/* What an HTTP request line can carry in origin form; no fragment, no dot segments. */
bool syntax_is_request_path(const char *path);

/* A host name of letters, digits, '-', '_' and dots; no address, no trailing dot. */
bool syntax_is_host_name(const char *name);

/* As above, or "*." and such a name. */
bool syntax_is_host_pattern(const char *name);

/* scheme://host[:port] with http or https. */
bool syntax_is_origin(const char *origin);

bool syntax_is_env_name(const char *name);     // [A-Za-z_][A-Za-z0-9_]*
bool syntax_is_token(const char *name);	       // RFC 9110, section 5.6.2: header names, methods
bool syntax_is_header_value(const char *text); // printable ASCII, spaces, tabs and UTF-8 beyond

/* A folder below another: relative, no "..", nothing that a terminal would not show. */
bool syntax_is_folder_beneath(const char *path);
