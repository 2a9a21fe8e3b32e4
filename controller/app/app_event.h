// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What happens on the way to a running app, for whoever shows it to a person or a machine. */
#include <stdint.h>

#include "controller/logs/log_writer.h"
#include "controller/manifest/manifest.h"

enum app_event_kind {
	APP_EVENT_KEPT,	  // the phase's result is there from an earlier `up`
	APP_EVENT_WAITS,  // another `up` runs just this phase
	APP_EVENT_BEGINS, // also after it waited
	APP_EVENT_DONE,	  // of `start`: the workload is ready
	APP_EVENT_FAILED, // something failed the app; the error follows when the app has ended
};

struct app_event {
	enum app_event_kind kind;
	const char *subject; // the workload as in the plan; FAILED: whose `log` it is, in words
	enum manifest_phase_name phase; // but of FAILED
	const struct log_writer *log;	// what it says, until the app ends; NULL: none
};

/* Strings and log are the caller's. */
typedef void app_event_fn(void *owner, const struct app_event *event);
