// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs one sandbox after another, by the code that runs those of an app, and judges how each ended.
 */
#include "controller/doctor/attacks.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/exit_text.h"
#include "controller/app/sandbox_process.h"
#include "controller/attack/attack.h"
#include "controller/doctor/attack_site.h"

struct runner {
	struct loop *loop;
	char *program;
	struct attack_site site;
	struct sandbox sandbox;
	struct buf output;
	int wait_status;
	struct loop_timer late;
	struct loop_signal interrupt, terminate;
	bool interrupted;
};

const char *attack_state_name(enum attack_state state)
{
	static const char *const names[] = {"stopped", "succeeded", "unclear", "not-tried"};

	return names[state];
}

/* ---- one sandbox ---- */

static void on_output(void *owner, bool errors, const void *data, size_t len)
{
	struct runner *runner = owner;
	size_t room = buf_room(&runner->output);

	if (errors)
		return; // of programs that it used
	(void)buf_append(&runner->output, data, len < room ? len : room);
}

static void on_ended(void *owner, int wait_status)
{
	struct runner *runner = owner;

	runner->wait_status = wait_status;
	loop_stop(runner->loop);
}

static const struct sandbox_callbacks callbacks = {.output = on_output, .ended = on_ended};

static void on_late(struct loop_timer *timer)
{
	struct runner *runner = container_of(timer, struct runner, late);

	sandbox_signal(&runner->sandbox, SANDBOX_KILL);
}

static void on_interrupt(struct loop_signal *signal, int number)
{
	struct runner *runner = number == SIGINT ? container_of(signal, struct runner, interrupt)
						 : container_of(signal, struct runner, terminate);

	runner->interrupted = true;
	sandbox_signal(&runner->sandbox, SANDBOX_KILL);
}

static bool run_sandbox(struct runner *runner, char *const *words, struct err *err)
{
	const struct cgroup none = {0};
	auto_policy struct policy *policy = attack_site_start(&runner->site, words, err);
	struct sandbox_start start = {
		.program = runner->program,
		.policy = policy,
		.stdio = {-1, -1, -1},
		.cgroup = &none,
		.cgroup_name = "attack",
		.upper = -1,
	};

	buf_clear(&runner->output);
	if (!policy ||
	    !sandbox_start(&runner->sandbox, runner->loop, &start, &callbacks, runner, err))
		return false;
	loop_timer_start(&runner->late, DOCTOR_TRIAL_MS);
	loop_run(runner->loop);
	loop_timer_stop(&runner->late);
	if (runner->interrupted)
		return err_set(err, ERR_CANCELLED, "interrupted");
	return sandbox_was_built(&runner->sandbox, runner->wait_status, err);
}

/* ---- what it comes to ---- */

/* "HELD WHAT: ERROR" ends in the error. */
static const char *error_of(const char *line)
{
	const char *error = line;

	for (const char *at = line; (at = strstr(at, ": "));)
		error = at += 2;
	return error;
}

static void judge(const struct runner *runner, char *said, struct attack_result *result)
{
	int status = WIFEXITED(runner->wait_status) ? WEXITSTATUS(runner->wait_status) : -1;
	char end[EXIT_TEXT_MAX];

	said[strcspn(said, "\n")] = '\0';
	if (status == ATTACK_HELD && str_starts(said, "HELD ")) {
		result->state = ATTACK_STATE_STOPPED;
		result->answer = xstrdup(error_of(said));
	} else if (status == ATTACK_SUCCEEDED && str_starts(said, "SUCCEEDED ")) {
		result->state = ATTACK_STATE_SUCCEEDED;
		result->answer = xstrdup("nothing stopped it");
	} else if (status == ATTACK_IMPOSSIBLE && str_starts(said, "IMPOSSIBLE ")) {
		result->state = ATTACK_STATE_NOT_TRIED;
		result->answer = xstrdup(said + strlen("IMPOSSIBLE "));
	} else {
		exit_text(runner->wait_status, end);
		result->state = ATTACK_STATE_UNCLEAR;
		result->answer = xasprintf("it %s%s%s", end, *said ? ": " : "", said);
	}
}

/* Why it is not tried; NULL: it is. */
static const char *why_not(const struct attack_case *attack, char *const *words)
{
	if (attack->started && !str_eq(attack->started, "leaking"))
		return "it needs a terminal; the attack suite tries it";
	if (!words || (attack->needs && access(attack->needs, F_OK) < 0))
		return "there is none here";
	return NULL;
}

static bool try_attack(struct runner *runner, struct attack_result *result, struct err *err)
{
	char **words = attack_words(result->attack, &runner->site.facts);
	const char *reason = why_not(result->attack, words);
	bool ok = true;

	if (reason) {
		result->state = ATTACK_STATE_NOT_TRIED;
		result->answer = xstrdup(reason);
	} else if ((ok = run_sandbox(runner, words, err) ||
			 err_prefix(err, "attack %s", result->attack->name))) {
		auto_free char *said = buf_take_str(&runner->output);
		judge(runner, said, result);
	}
	attack_words_free(&words);
	return ok;
}

/* ---- all of them ---- */

static bool open_runner(struct runner *runner, struct err *err)
{
	runner->program = path_helper_program("capakit-sandbox", err);
	runner->loop = runner->program ? loop_new(err) : NULL;
	if (!runner->loop)
		return false;
	loop_timer_init(&runner->late, runner->loop, on_late);
	loop_signal_start(&runner->interrupt, runner->loop, SIGINT, on_interrupt);
	loop_signal_start(&runner->terminate, runner->loop, SIGTERM, on_interrupt);
	return attack_site_open(&runner->site, err);
}

static void close_runner(struct runner *runner)
{
	attack_site_close(&runner->site);
	loop_signal_stop(&runner->interrupt);
	loop_signal_stop(&runner->terminate);
	loop_free(&runner->loop);
	buf_free(&runner->output);
	free(runner->program);
}

static bool try_all(struct runner *runner, const struct facts *facts, struct attack_report *report,
		    struct err *err)
{
	report->results = xcalloc(report->list.n, sizeof(*report->results));
	for (size_t i = 0; i < report->list.n; i++) {
		const struct attack_case *attack = &report->list.cases[i];
		report->results[report->n++] = (struct attack_result){
			.attack = attack,
			.state = ATTACK_STATE_UNCLEAR, // until it is known
			.layers = attack_layers(attack, facts->root, facts->landlock),
		};
		if (!try_attack(runner, &report->results[i], err))
			return false;
	}
	return attack_victim_unharmed(&runner->site.victim, err);
}

bool attacks_run(const struct facts *facts, struct attack_report *report, struct err *err)
{
	struct runner runner = {.site = ATTACK_SITE_NONE, .output = {.max = ATTACK_OUTPUT_MAX}};

	*report = (struct attack_report){0};
	bool ok = attack_list_own(&report->list, err) && open_runner(&runner, err) &&
		  try_all(&runner, facts, report, err);
	close_runner(&runner);
	return ok;
}

size_t attacks_count(const struct attack_report *report, enum attack_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < report->n; i++)
		count += report->results[i].state == state;
	return count;
}

bool attacks_stopped(const struct attack_report *report)
{
	return attacks_count(report, ATTACK_STATE_SUCCEEDED) == 0 &&
	       attacks_count(report, ATTACK_STATE_UNCLEAR) == 0 &&
	       attacks_count(report, ATTACK_STATE_STOPPED) > 0;
}

void attack_report_free(struct attack_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		free(report->results[i].layers);
		free(report->results[i].answer);
	}
	free(report->results);
	attack_list_free(&report->list);
	*report = (struct attack_report){0};
}
