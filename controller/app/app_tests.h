// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The cases of one test run (`capakit test`), one after another: those of kind exec when everything
 * is prepared, the others in the running app, which is started once for all of them.
 *
 *   app_tests.c        which cases, which is next, what each came to
 *   app_test_exec.c    a command in a workload's sandbox
 *   app_test_mounts.c  scratch copies that stand in for mounts
 */
#include "controller/app/app.h"
#include "controller/app/tester_process.h"
#include "controller/testing/test_report.h"

struct app_test_case {
	const struct manifest_test *test;
	struct test_record *record;
	bool done;
};

struct app_test_exec { // the command of an exec case
	struct app_egress egress;
	struct sandbox sandbox;
	struct policy *policy;
	struct log_writer *log;
	const struct plan_workload *workload;
	int output[2]; // memory files: standard output, standard error
	int wait_status;
};

struct app_tests {
	struct app *app;
	char *program;
	struct app_test_case *cases;
	size_t n_cases;
	struct app_test_case *now; // the one that is under way
	bool asked;		   // it has begun; else its faults are not in force yet
	bool interfered;	   // it was ended by us; its record says why
	struct plan_test_target *targets;
	size_t n_targets;
	int mounts;			    // folder of scratch copies; -1: not made yet
	const struct manifest_test *filled; // the case that they were filled for
	uint64_t begun_at, case_begun_at;
	struct loop_timer due; // of the case under way, or of an app that is not whole
	struct tester tester;
	struct app_test_exec exec;
};

/* Runs the tester on a case; its result ends the case. */
void app_tests_ask(struct app_tests *tests, const char *document, int first, int second);

/* The case under way has come to nothing: says why, and goes on. */
void app_tests_break(struct app_tests *tests, const struct err *why);

/* app_test_exec.c: ends in app_tests_ask or app_tests_break */
void app_test_exec_init(struct app_test_exec *exec);
void app_test_exec_start(struct app_tests *tests);
bool app_test_exec_running(const struct app_test_exec *exec);
void app_test_exec_kill(struct app_test_exec *exec);
void app_test_exec_free(struct app_test_exec *exec);

/* app_test_mounts.c: the folder of each scratch copy holds what `test` has for it, or nothing */
must_check bool app_test_mounts_fill(struct app_tests *tests, const struct manifest_test *test,
				     struct err *err);
