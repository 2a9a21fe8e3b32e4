// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One command in a sandbox, from its start to its end, with nothing else going on: fetching and
 * unpacking a source. What it prints is kept up to a bound, what it writes is measured, and what it
 * may reach goes through an egress sidecar of its own.
 */
#include "base/buf.h"
#include "base/err.h"
#include "controller/app/sidecar_messages.h"
#include "controller/sandbox/policy.h"
#include "controller/sources/workshop.h"

struct job {
	const struct workshop *workshop;
	const char *name; // for the egress sidecar's log and for errors: "fetch of https://…"
	struct policy *policy;
	struct plan_egress_rule remote; // whom it may reach, with POLICY_NET_EGRESS
	int written;			// the folder that it writes to, or -1
	int *input;	// its standard input, closed here when it has it; NULL: nothing
	int errors;	// what else is said when it fails, non-blocking; 0: nothing
	struct buf out; // what it printed; more than its maximum ends the job
};

/*
 * A policy with the standard root and no network, run as the workshop's user, without a command.
 * NULL after an error.
 */
struct policy *job_policy(const struct workshop *workshop, const char *reason, struct err *err);

/*
 * False when it did not end with status 0: the error has the last lines that it wrote to its
 * standard error. ERR_CANCELLED: a signal waits; ERR_LIMIT, ERR_TIMEOUT.
 */
must_check bool job_run(struct job *job, struct err *err);
