// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit doctor`: what this machine offers and lacks, and how to mend it. The status is 0 when
 * apps can run, also if something is weaker than it could be.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/cli.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"
#include "controller/doctor/checks.h"

#define DOCTOR_TEXT_MAX (256 * KIB)
#define NAME_WIDTH 17

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "One JSON document", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	bool *json = state->input;

	if (key == 'j') {
		*json = true;
		return 0;
	}
	if (key == ARGP_KEY_ARG)
		argp_error(state, "it takes no arguments");
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options,
	parse,
	NULL,
	"Says what this machine offers and lacks for running apps, and how to mend what is "
	"missing. It makes a sandbox to try, and changes nothing.",
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

static void print_text(const struct checks *checks)
{
	bool colour = term_wants_colour(stdout);
	auto_buf struct buf out = {.max = DOCTOR_TEXT_MAX};

	for (size_t i = 0; i < checks->n; i++)
		print_check(&out, colour, &checks->list[i]);
	(void)buf_append_str(&out, checks_usable(checks)
					   ? "apps can run on this machine\n"
					   : "no app can run on this machine: see [✗] above\n");
	term_flush(&out, stdout);
}

static void print_json(const struct checks *checks)
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
	json_t *document = json_object();
	json_put(document, "usable", json_boolean(checks_usable(checks)));
	json_put(document, "checks", list);
	json_print(document);
}

int cmd_doctor(int argc, char **argv)
{
	struct facts facts;
	struct checks checks;
	bool json = false;

	cli_parse("doctor", &argp, argc, argv, 0, &json);
	facts_collect(&facts);
	checks_make(&facts, &checks);
	if (json)
		print_json(&checks);
	else
		print_text(&checks);
	bool usable = checks_usable(&checks);
	checks_free(&checks);
	facts_free(&facts);
	return usable ? EXIT_DONE : EXIT_FAILED;
}
