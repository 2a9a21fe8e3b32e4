// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "controller/sources/source.h"
#include "controller/sources/source_name.h"

/*
 * A git URL as a source; `of` is the Kit that depends on it, or NULL when a person named it. A
 * commit that is kept is not fetched again, and one that is named by its id is not even asked for.
 */
must_check bool git_source_open(const char *name, const struct kit_source *of,
				struct kit_source *source, struct err *err);
