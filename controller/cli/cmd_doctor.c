// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit doctor`: what this machine offers and lacks, and how to mend it; with --attack also
 * whether a sandbox made here holds. The status is 0 when apps can run, also if something is weaker
 * than it could be, and every attack was stopped.
 */
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "controller/cli/attack_view.h"
#include "controller/cli/cli.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"
#include "controller/doctor/checks.h"

#define DOCTOR_TEXT_MAX (256 * KIB)
#define NAME_WIDTH 17

struct doctor {
	bool json;
	bool attack;
	struct facts facts;
	struct checks checks;
	struct attack_report attacks;
};

static const struct argp_option options[] = {
	{"attack", 'a', NULL, 0, "Attack a sandbox from inside, and say what stopped each attack",
	 0},
	{"json", 'j', NULL, 0, "One JSON document", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor *doctor = state->input;

	switch (key) {
	case 'a':
		doctor->attack = true;
		return 0;
	case 'j':
		doctor->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "it takes no arguments");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	NULL,
	"Says what this machine offers and lacks for running apps, and how to mend what is "
	"missing. It makes sandboxes to try, and changes nothing.",
	NULL,
	NULL,
	NULL,
};

static void print_check(struct buf *out, bool colour, const struct check *check)
{
	static const enum term_style styles[] = {TERM_GREEN, TERM_YELLOW, TERM_RED};
	static const char *const marks[] = {"[✓]", "[!]", "[✗]"};

	term_append(out, colour, styles[check->state], marks[check->state]);
	(void)buf_append_str(out, " ");
	term_append_cell(out, colour, TERM_BOLD, check->name, NAME_WIDTH);
	term_append(out, colour, TERM_PLAIN, check->finding);
	(void)buf_append_str(out, "\n");
	if (!check->fix)
		return;
	(void)buf_append_str(out, "    fix: ");
	term_append(out, colour, TERM_PLAIN, check->fix);
	(void)buf_append_str(out, "\n");
}

static void print_text(const struct doctor *doctor)
{
	const struct checks *checks = &doctor->checks;
	bool colour = term_wants_colour(stdout);
	auto_buf struct buf out = {.max = DOCTOR_TEXT_MAX};

	for (size_t i = 0; i < checks->n; i++)
		print_check(&out, colour, &checks->list[i]);
	(void)buf_append_str(&out, checks_usable(checks)
					   ? "apps can run on this machine\n"
					   : "no app can run on this machine: see [✗] above\n");
	if (doctor->attacks.n > 0)
		attack_view(&out, colour, &doctor->attacks);
	term_flush(&out, stdout);
}

static json_t *checks_json(const struct checks *checks)
{
	json_t *list = json_array();

	for (size_t i = 0; i < checks->n; i++) {
		const struct check *check = &checks->list[i];
		json_t *object = json_object();
		json_put(object, "name", json_string(check->name));
		json_put(object, "state", json_string(check_state_name(check->state)));
		json_put(object, "finding", json_escaped(check->finding));
		json_put(object, "fix", json_escaped(check->fix));
		(void)json_array_append_new(list, object);
	}
	return list;
}

static void print_json(const struct doctor *doctor)
{
	json_t *document = json_object();

	json_put(document, "usable", json_boolean(checks_usable(&doctor->checks)));
	json_put(document, "checks", checks_json(&doctor->checks));
	json_put(document, "attacks",
		 doctor->attacks.n > 0 ? attack_view_json(&doctor->attacks) : NULL);
	json_print(document);
}

/* Nothing is said of attacks that were broken off: that would look as if the others were all. */
static int attack(struct doctor *doctor)
{
	struct err err;

	if (!checks_usable(&doctor->checks))
		return cli_fail_text(ERR_UNSUPPORTED,
				     "nothing was attacked, since no app can run here");
	if (attacks_run(&doctor->facts, &doctor->attacks, &err))
		return attacks_stopped(&doctor->attacks) ? EXIT_DONE : EXIT_FAILED;
	attack_report_free(&doctor->attacks);
	return err.code == ERR_CANCELLED ? EXIT_INTERRUPTED : cli_fail(&err);
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor doctor = {0};

	cli_parse("doctor", &argp, argc, argv, 0, &doctor);
	log_open("doctor", LOG_LEVEL_WARN);
	facts_collect(&doctor.facts);
	checks_make(&doctor.facts, &doctor.checks);
	int status = checks_usable(&doctor.checks) ? EXIT_DONE : EXIT_FAILED;
	if (doctor.attack)
		status = attack(&doctor);
	if (doctor.json)
		print_json(&doctor);
	else
		print_text(&doctor);
	attack_report_free(&doctor.attacks);
	checks_free(&doctor.checks);
	facts_free(&doctor.facts);
	return status;
}
