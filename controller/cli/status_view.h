// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* An app's status as text for people and as JSON for machines. Pure: the time is passed in. */
#include <jansson.h>

#include "base/buf.h"
#include "controller/control/control_client.h"

void status_view_text(struct buf *out, bool colour, const control_app *app, int64_t now_ms);

/* One element of "apps" in the document of `capakit status --json` (docs/cli.md). */
json_t *status_view_json(const control_app *app, int64_t now_ms);

const char *status_state_name(Capakit__Control__V1__State state); // "running"
