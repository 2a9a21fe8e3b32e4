// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Shows on standard error what an app does on its way to running (docs/cli.md): on a terminal one
 * live line for each workload and phase, else one line for each event, or one JSON object.
 */
#include "base/loop.h"
#include "controller/app/app_event.h"

struct progress;

enum progress_form { PROGRESS_TEXT, PROGRESS_JSON };

struct progress *progress_new(struct loop *loop, enum progress_form form);
void progress_event(struct progress *progress, const struct app_event *event);

/* The app runs, or has ended: what is shown stays, and nothing moves any more. May be called twice.
 */
void progress_end(struct progress *progress);
void progress_free(struct progress **progress); // ends it
