// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The limits of a whole sandbox, which are held from outside of it, and by whom. Pure. */
#include "controller/cli/phase_view.h"

/* For people. */
void resources_view(struct buf *out, const struct phase_view *view);

/* A JSON array; the caller frees. */
char *resources_view_json(const struct phase_view *view);
