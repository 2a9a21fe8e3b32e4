// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * `capakit doctor --attack`: the attacks of controller/attack/, one after another, each in a
 * sandbox of its own that is made as for a workload, and what came of them. What cannot be said to
 * have been stopped counts as not stopped.
 */
#include "controller/attack/list.h"
#include "controller/doctor/facts.h"

enum attack_state {
	ATTACK_STATE_STOPPED,
	ATTACK_STATE_SUCCEEDED,
	ATTACK_STATE_UNCLEAR,	// it ended in a way that shows nothing
	ATTACK_STATE_NOT_TRIED, // this machine has nothing to attack
};

struct attack_result {
	const struct attack_case *attack;
	enum attack_state state;
	char *layers; // of which each would have stopped it; "": none of capakit's
	char *answer; // in words: the error that it got, or why it was not tried
};

struct attack_report {
	struct attack_list list;
	struct attack_result *results;
	size_t n;
};

const char *attack_state_name(enum attack_state state);

/* ERR_CANCELLED: a person interrupted it. The report is to be freed in any case. */
must_check bool attacks_run(const struct facts *facts, struct attack_report *report,
			    struct err *err);
size_t attacks_count(const struct attack_report *report, enum attack_state state);
bool attacks_stopped(const struct attack_report *report); // all that were tried
void attack_report_free(struct attack_report *report);
