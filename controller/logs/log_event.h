// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a stored line says: a structured record `{"v":1,"ev":{"level":…,"msg":…},"ctx":{…}}`
 * (kit-contract.md, section 3), or text. Only viewers look into lines; what stores them does not.
 */
#include <jansson.h>

#include "controller/logs/log_record.h"

enum log_severity {
	LOG_SEVERITY_TRACE,
	LOG_SEVERITY_DEBUG,
	LOG_SEVERITY_INFO,
	LOG_SEVERITY_WARN,
	LOG_SEVERITY_ERROR,
	LOG_SEVERITY_FATAL,
};

struct log_event {
	enum log_severity level;
	const char *message; // in the record's line or in `document`
	size_t message_len;
	json_t *document; // of a structured record, else NULL
	json_t *ev, *ctx; // in it; ctx may be NULL
};

/* Valid as long as the record's line is. Never fails: what is not structured is text. */
void log_event_read(const struct log_record *record, struct log_event *event);
void log_event_free(struct log_event *event);

const char *log_severity_name(enum log_severity level); // "info"
