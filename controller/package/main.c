// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit kit package`, as the program capakit-package: libarchive alone takes longer to load
 * than all of `capakit`.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/version.h"
#include "controller/cli/cli.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"
#include "controller/package/output.h"
#include "controller/package/package.h"
#include "controller/sources/source.h"

const char *argp_program_version = "capakit " CAPAKIT_VERSION;

struct arguments {
	const char *kit; // NULL: the current folder
	const char *out;
	char **include;
	size_t n_include;
	bool force, json;
};

enum { KEY_INCLUDE = 0x100 };

static const struct argp_option options[] = {
	{"out", 'o', "FILE", 0, "The file to write; its name ends in " PACKAGE_SUFFIX, 0},
	{"include", KEY_INCLUDE, "PATH", 0,
	 "Take a file in though it looks like a secret; its path below the Kit", 0},
	{"force", 'f', NULL, 0, "Replace FILE if it exists", 0},
	{"json", 'j', NULL, 0, "Print one JSON document", 0},
	{0},
};

static void set_out(struct arguments *arguments, char *arg, struct argp_state *state)
{
	size_t len = strlen(arg), suffix = strlen(PACKAGE_SUFFIX);

	if (len <= suffix || arg[len - suffix - 1] == '/' ||
	    !str_eq(arg + len - suffix, PACKAGE_SUFFIX))
		argp_error(state, "--out %s: the name of a package ends in %s", arg,
			   PACKAGE_SUFFIX);
	arguments->out = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'o':
		set_out(arguments, arg, state);
		return 0;
	case KEY_INCLUDE:
		arguments->include = xreallocarray(arguments->include, arguments->n_include + 2,
						   sizeof(*arguments->include));
		arguments->include[arguments->n_include++] = arg;
		arguments->include[arguments->n_include] = NULL;
		return 0;
	case 'f':
		arguments->force = true;
		return 0;
	case 'j':
		arguments->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->kit)
			argp_error(state, "only one KIT can be given");
		arguments->kit = arg;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->out)
			argp_error(state, "name the file to write with --out FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"[KIT]",
	"Makes one file of a Kit (default: the current folder), to be given to others: the same "
	"files "
	"give the same bytes. What .gitignore names and what looks like a secret is left out, and "
	"listed.",
	NULL,
	NULL,
	NULL,
};

static void print_text(const struct arguments *arguments, const struct manifest *manifest,
		       const struct package_result *result)
{
	bool colour = term_wants_colour(stdout);
	auto_buf struct buf out = {.max = 64 * MIB};

	term_append(&out, colour, TERM_GREEN, "[✓]");
	(void)buf_printf(&out, " Kit [%s] is packaged: ", manifest->name);
	term_append(&out, false, TERM_PLAIN, arguments->out);
	(void)buf_printf(&out, " (%zu entries, %llu bytes)\ndigest=[sha256:%s]\n", result->files,
			 (unsigned long long)result->bytes, result->digest);
	if (result->n_left_out)
		(void)buf_append_str(&out, "[i] left out:\n");
	for (size_t i = 0; i < result->n_left_out; i++) {
		(void)buf_append_str(&out, "    ");
		term_append(&out, false, TERM_PLAIN, result->left_out[i].path);
		(void)buf_printf(&out, " (%s)\n", result->left_out[i].reason);
	}
	term_flush(&out, stdout);
}

static void print_json(const struct arguments *arguments, const struct manifest *manifest,
		       const struct package_result *result)
{
	json_t *document = json_object(), *left_out = json_array();

	for (size_t i = 0; i < result->n_left_out; i++) {
		json_t *entry = json_object();
		json_put(entry, "path", json_escaped(result->left_out[i].path));
		json_put(entry, "reason", json_string(result->left_out[i].reason));
		(void)json_array_append_new(left_out, entry);
	}
	json_put(document, "kit", json_string(manifest->name));
	json_put(document, "file", json_escaped(arguments->out));
	json_put(document, "digest", json_sprintf("sha256:%s", result->digest));
	json_put(document, "bytes", json_integer((json_int_t)result->bytes));
	json_put(document, "entries", json_integer((json_int_t)result->files));
	json_put(document, "left_out", left_out);
	json_print(document);
}

static bool package(const struct arguments *arguments, const struct kit_source *source,
		    const struct manifest *manifest, struct err *err)
{
	const struct package_request request = {
		.kit = source->dir, .manifest = manifest, .include = arguments->include};
	struct package_result result = {0};
	struct output output;
	bool ok = output_open(&output, arguments->out, arguments->force, err) &&
		  package_write(&request, output.fd, &result, err) && output_publish(&output, err);

	output_drop(&output);
	if (ok)
		(arguments->json ? print_json : print_text)(arguments, manifest, &result);
	package_result_free(&result);
	return ok;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct kit_source source;
	struct err err;

	cli_parse("kit package", &argp, argc, argv, 0, &arguments);
	signal(SIGPIPE, SIG_IGN);
	if (!kit_source_open(arguments.kit, &source, &err))
		return cli_fail(&err);
	struct manifest *manifest =
		manifest_load_said(source.dir, arguments.kit ? arguments.kit : ".", &err);
	bool ok = manifest && package(&arguments, &source, manifest, &err);
	manifest_free(&manifest);
	kit_source_close(&source);
	free(arguments.include);
	return ok ? EXIT_DONE : cli_fail(&err);
}
