// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The bytes of a YAML text, looked at before they are parsed. Pure. */
#include <stddef.h>

#include "controller/manifest/problems.h"

/*
 * NULL: UTF-8 without NUL and within limits.h. Else what is wrong (a static text) and where;
 * line 0 stands for the file as a whole.
 */
const char *yaml_bytes_fault(const char *text, size_t len, struct location *at);
