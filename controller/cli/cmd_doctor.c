// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit doctor`: what this machine offers and lacks, and how to mend it. The status is 0 when
 * apps can run, also if something is weaker than it could be.
 */
#include <jansson.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/cli.h"
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

/* What is no UTF-8 in a foreign text appears as \xNN, as on a terminal. */
static json_t *text_json(const char *text)
{
	auto_buf struct buf out = {.max = DOCTOR_TEXT_MAX};

	if (!text)
		return json_null();
	term_append(&out, false, TERM_PLAIN, text);
	return json_stringn((const char *)buf_bytes(&out), buf_len(&out));
}

static void print_json(const struct checks *checks)
{
	json_t *list = json_array();

	for (size_t i = 0; i < checks->n; i++) {
		const struct check *check = &checks->list[i];
		json_t *object = json_object();
		(void)json_object_set_new(object, "name", json_string(check->name));
		(void)json_object_set_new(object, "state",
					  json_string(check_state_name(check->state)));
		(void)json_object_set_new(object, "finding", text_json(check->finding));
		(void)json_object_set_new(object, "fix", text_json(check->fix));
		(void)json_array_append_new(list, object);
	}
	json_t *document = json_object();
	(void)json_object_set_new(document, "usable", json_boolean(checks_usable(checks)));
	(void)json_object_set_new(document, "checks", list);
	(void)json_dumpf(document, stdout, JSON_INDENT(2));
	(void)puts("");
	json_decref(document);
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
