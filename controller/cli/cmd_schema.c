// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit schema`: what tools may rely on, as JSON Schema. */
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/cli/cli.h"
#include "controller/schema/schema.h"

struct arguments {
	struct buf name; // its words, joined with '-'
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (buf_len(&arguments->name))
		(void)buf_append_str(&arguments->name, "-");
	(void)buf_append_str(&arguments->name, arg);
	return 0;
}

static const struct argp argp = {
	NULL,
	parse,
	"[NAME]",
	"Prints the JSON Schema of the manifest, of capability-test.yml (tests), or of what a "
	"command "
	"prints with --json (status, kit-inspect, policy show, ...). Without NAME it lists them.",
	NULL,
	NULL,
	NULL,
};

static void print_names(void)
{
	const struct embedded_file *schema;

	for (size_t i = 0; (schema = schema_at(i)); i++) {
		auto_free char *name = schema_name(schema);
		printf("%s\n", name);
	}
}

static int fail_unknown(const char *name)
{
	size_t count = 0;
	while (schema_at(count))
		count++;
	auto_free char **names = xcalloc(count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = schema_name(schema_at(i));
	const char *near = text_nearest(name, (const char *const *)names, count);
	int status =
		near ? cli_fail_text(ERR_USAGE, "there is no schema %s; did you mean %s?", name,
				     near)
		     : cli_fail_text(ERR_USAGE,
				     "there is no schema %s; `capakit schema' lists them", name);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	return status;
}

int cmd_schema(int argc, char **argv)
{
	struct arguments arguments = {.name = {.max = KIB}};

	cli_parse("schema", &argp, argc, argv, 0, &arguments);
	if (!buf_len(&arguments.name)) {
		print_names();
		return EXIT_DONE;
	}
	auto_free char *name = buf_take_str(&arguments.name);
	const struct embedded_file *schema = schema_find(name);

	if (!schema)
		return fail_unknown(name);
	(void)fwrite(schema->data, 1, schema->len, stdout);
	return EXIT_DONE;
}
