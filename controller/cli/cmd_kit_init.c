// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit kit init`: a small Kit that works, with its tests, to begin from. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/cli/cmd_kit.h"
#include "controller/cli/term.h"
#include "controller/template/template.h"

struct arguments {
	const char *folder; // NULL: the current one
	const char *name;   // NULL: made of the folder's
};

enum { KEY_NAME = 0x100 };

static const struct argp_option options[] = {
	{"name", KEY_NAME, "NAME", 0, "Name of the Kit (default: the folder's)", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_NAME:
		if (!text_is_name(arg))
			argp_error(state,
				   "--name %s: a name is a-z, 0-9 and '-', begins with a letter or "
				   "digit, and has at most 63 characters",
				   arg);
		arguments->name = arg;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "FOLDER", arg, &arguments->folder);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[FOLDER]",
	"Writes a small Kit that works, with tests, into a folder (default: the current one), "
	"which is "
	"made if it is missing. No file is ever written over.",
	NULL,
	NULL,
	NULL,
};

/* By its real path, so that "." has a name too; a folder that is to be made has that it is given.
 */
static char *name_of(const char *folder)
{
	auto_free char *real = realpath(folder, NULL);
	auto_free char *path = xstrdup(real ? real : folder);
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		path[--len] = '\0';
	const char *slash = strrchr(path, '/');
	return template_name_of(slash ? slash + 1 : path);
}

static void on_written(const char *path)
{
	printf("    %s\n", path);
}

static void print_done(const char *name, const char *folder)
{
	auto_buf struct buf out = {.max = 64 * KIB};

	(void)buf_printf(&out, "[✓] Kit [%s] is there; start it with: capakit up", name);
	if (folder) {
		(void)buf_append_str(&out, " '");
		term_append(&out, false, TERM_PLAIN, folder);
		(void)buf_append_str(&out, "'");
	}
	(void)buf_append_str(&out, "\n");
	term_flush(&out, stdout);
}

int kit_init(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct err err;

	cli_parse("kit init", &argp, argc, argv, 0, &arguments);
	const char *folder = arguments.folder ? arguments.folder : ".";
	auto_free char *name = arguments.name ? xstrdup(arguments.name) : name_of(folder);

	if (!template_write(folder, name, on_written, &err))
		return cli_fail(&err);
	print_done(name, arguments.folder);
	return EXIT_DONE;
}
