// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The frame that all commands share: finding the command, its options by argp, and how errors are
 * shown and become an exit status. What a command does is in its own cmd_<name>.c.
 */
#include "controller/cli/cli.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/limits.h"
#include "base/text.h"
#include "controller/cli/term.h"

#define CLI_TEXT_MAX (16 * KIB) // of one message, escaped

int cli_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return EXIT_DONE;
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_MANIFEST:
		return EXIT_MANIFEST;
	case ERR_NO_APP:
		return EXIT_NO_APP;
	case ERR_CANCELLED:
		return EXIT_INTERRUPTED;
	default:
		return EXIT_FAILED;
	}
}

/* Every line of the text but no other control character: an error may quote a manifest. */
static void append_lines(struct buf *out, const char *text)
{
	for (const char *line = text;; line++) {
		size_t len = strcspn(line, "\n");

		(void)text_escape(out, line, len);
		line += len;
		if (!*line)
			return;
		(void)buf_append_str(out, "\n");
	}
}

static void say(const char *mark, enum term_style style, const char *text)
{
	auto_buf struct buf out;

	buf_init(&out, CLI_TEXT_MAX);
	if (term_wants_colour(stderr)) {
		(void)buf_append_str(&out, "capakit: ");
		term_append(&out, true, style, mark);
		(void)buf_append_str(&out, " ");
	} else {
		(void)buf_append_str(&out, "capakit: ");
	}
	append_lines(&out, text);
	(void)buf_append_str(&out, "\n");
	term_flush(&out, stderr);
}

void cli_take_only(struct argp_state *state, const char *what, const char *arg, const char **taken)
{
	if (*taken)
		argp_error(state, "only one %s can be given", what);
	*taken = arg;
}

int cli_fail(const struct err *err)
{
	say("error:", TERM_RED, err->text);
	return cli_exit_status(err->code);
}

int cli_fail_text(enum err_code code, const char *format, ...)
{
	struct err err = {.code = code};
	va_list args;

	va_start(args, format);
	(void)vsnprintf(err.text, sizeof(err.text), format, args);
	va_end(args);
	return cli_fail(&err);
}

void cli_warn(const char *format, ...)
{
	char text[sizeof(((struct err *)0)->text)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say("warning:", TERM_YELLOW, text);
}

void cli_parse(const char *command, const struct argp *argp, int argc, char **argv, unsigned flags,
	       void *input)
{
	auto_free char *name = xasprintf("capakit %s", command);
	auto_free char **args = xcalloc((size_t)argc + 1, sizeof(*args));

	memcpy(args, argv, (size_t)argc * sizeof(*args));
	args[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(argp, argc, args, flags, NULL, input) != 0)
		exit(EXIT_USAGE);
}

static void print_help(FILE *stream, const char *parent, const char *intro,
		       const struct cli_command *table, size_t count)
{
	const char *group = "";

	fprintf(stream, "Usage: %s COMMAND [ARGUMENT...]\n%s\n", parent, intro);
	for (size_t i = 0; i < count; i++) {
		if (!table[i].fn)
			continue;
		if (!str_eq(group, table[i].group))
			fprintf(stream, "\n%s:\n", table[i].group);
		group = table[i].group;
		fprintf(stream, "  %-12s %s\n", table[i].name, table[i].summary);
	}
	fprintf(stream, "\n`%s COMMAND --help' says more about each.\n", parent);
}

static const struct cli_command *find(const struct cli_command *table, size_t count,
				      const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(table[i].name, name))
			return &table[i];
	return NULL;
}

static int fail_unknown(const char *parent, const struct cli_command *table, size_t count,
			const char *name)
{
	auto_free const char **names = xcalloc(count, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < count; i++)
		names[i] = table[i].name;
	near = text_nearest(name, names, count);
	if (near)
		return cli_fail_text(ERR_USAGE, "there is no command '%s %s'; did you mean '%s'?",
				     parent, name, near);
	return cli_fail_text(ERR_USAGE, "there is no command '%s %s'; `%s --help' lists them",
			     parent, name, parent);
}

int cli_dispatch(const char *parent, const char *intro, const struct cli_command *table,
		 size_t count, int argc, char **argv)
{
	const struct cli_command *command;

	if (argc < 2) {
		print_help(stderr, parent, intro, table, count);
		return EXIT_USAGE;
	}
	if (str_eq(argv[1], "--help") || str_eq(argv[1], "-?") || str_eq(argv[1], "-h") ||
	    str_eq(argv[1], "help")) {
		print_help(stdout, parent, intro, table, count);
		return EXIT_DONE;
	}
	if (str_eq(argv[1], "--version") || str_eq(argv[1], "-V")) {
		printf("%s\n", argp_program_version);
		return EXIT_DONE;
	}
	command = find(table, count, argv[1]);
	if (!command)
		return fail_unknown(parent, table, count, argv[1]);
	if (!command->fn)
		return cli_fail_text(ERR_UNSUPPORTED, "'%s %s' is not in this version yet", parent,
				     command->name);
	return command->fn(argc - 1, argv + 1);
}
