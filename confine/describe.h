// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The whole table and its lists as Markdown, as docs/confinement.md prints them. */
#include "base/buf.h"

bool confine_describe(struct buf *out);
