// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "controller/sources/source.h"

/* The archive at this real path as a source. Its digest is its identity, wherever it lies. */
must_check bool archive_source_open(const char *path, struct kit_source *source, struct err *err);
