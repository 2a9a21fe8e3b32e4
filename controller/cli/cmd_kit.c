// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit kit`: what can be said of a Kit without running it. `validate` shows all problems of a
 * manifest at once; they are its result, so they go to stdout.
 */
#include <stdio.h>
#include <unistd.h>
#include <errno.h>

#include "base/mem.h"
#include "base/path.h"
#include "controller/cli/cmd_kit.h"
#include "controller/cli/json_out.h"
#include "controller/manifest/manifest.h"
#include "controller/sources/source.h"

const struct argp_option kit_argument_options[] = {
	{"json", 'j', NULL, 0, "Print one JSON document", 0},
	{0},
};

error_t kit_argument_parse(int key, char *arg, struct argp_state *state)
{
	struct kit_argument *argument = state->input;

	switch (key) {
	case 'j':
		argument->json = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "KIT", arg, &argument->kit);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp validate_argp = {
	kit_argument_options,
	kit_argument_parse,
	"[KIT]",
	"Checks the manifest and the tests of a Kit (default: the current folder) and shows all "
	"that "
	"is wrong with them, with file, line and column.\vExit status: 0 valid (there may be "
	"warnings), 3 invalid, 1 there is no manifest or it cannot be read.",
	NULL,
	NULL,
	NULL,
};

/* NULL after an error. */
static struct manifest *load(const char *kit, struct manifest_problems *problems, struct err *err)
{
	struct kit_source source;

	if (!kit_source_open(kit, &source, err))
		return NULL;
	struct manifest *manifest = manifest_load(source.dir, kit ? kit : ".", problems, err);
	kit_source_close(&source);
	return manifest;
}

static void print_json(const struct manifest *manifest, const struct manifest_problems *problems,
		       const struct err *err)
{
	json_t *document = json_object();
	auto_free char *listed = manifest_problems_json(problems);
	const char *failure = err->code && err->code != ERR_MANIFEST ? err->text : NULL;

	json_put(document, "valid", json_boolean(manifest));
	json_put(document, "name", json_escaped(manifest ? manifest->name : NULL));
	json_put(document, "errors", json_integer((json_int_t)problems->errors));
	json_put(document, "warnings", json_integer((json_int_t)problems->warnings));
	json_put(document, "problems", json_loads(listed, 0, NULL));
	json_put(document, "failure", json_escaped(failure));
	json_print(document);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static int print_text(const struct manifest *manifest, const struct manifest_problems *problems,
		      const struct err *err)
{
	manifest_problems_print(stdout, problems);
	fflush(stdout);
	if (!manifest)
		return cli_fail(err);
	printf("Kit [%s] is valid: %zu workload%s, %zu exposed path%s, %zu test%s", manifest->name,
	       manifest->n_workloads, plural(manifest->n_workloads), manifest->n_exposes,
	       plural(manifest->n_exposes), manifest->n_tests, plural(manifest->n_tests));
	if (problems->warnings)
		printf(", %zu warning%s", problems->warnings, plural(problems->warnings));
	printf("\n");
	return EXIT_DONE;
}

static int kit_validate(int argc, char **argv)
{
	struct kit_argument validate = {0};
	struct manifest_problems problems;
	struct err err = {0};

	cli_parse("kit validate", &validate_argp, argc, argv, 0, &validate);
	manifest_problems_init(&problems);
	struct manifest *manifest = load(validate.kit, &problems, &err);
	int status = manifest ? EXIT_DONE : cli_exit_status(err.code);

	if (validate.json)
		print_json(manifest, &problems, &err);
	else
		status = print_text(manifest, &problems, &err);
	manifest_free(&manifest);
	manifest_problems_free(&problems);
	return status;
}

/*
 * A program of its own, since the libraries that it is linked with would make every other command
 * slower to start.
 */
static int kit_package(int argc, char **argv)
{
	struct err err;
	auto_free char *program = path_helper_program("capakit-package", &err);

	if (!program)
		return cli_fail(&err);
	execv(program, argv);
	err_sys(&err, errno, "cannot run %s", program);
	return cli_fail(&err);
}

static const struct cli_command KIT_COMMANDS[] = {
	{"validate", "Kits", "check a manifest and show all its problems", kit_validate},
	{"inspect", "Kits", "show what a Kit is, asks for, may do and runs", kit_inspect},
	{"package", "Kits", "make one file of a Kit, to be given to others", kit_package},
	{"init", "Kits", "write a small Kit that works, with tests", kit_init},
	{"sign", "Kits", "sign a package", kit_sign},
	{"verify", "Kits", "check the signature of a package", kit_verify},
};

int cmd_kit(int argc, char **argv)
{
	return cli_dispatch("capakit kit", "Checks Kits and shows what is in them.", KIT_COMMANDS,
			    array_len(KIT_COMMANDS), argc, argv);
}
