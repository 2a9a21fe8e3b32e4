// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit kit inspect`: reads a Kit and those that it depends on, and shows them. A dependency
 * that cannot be read is said where it stands, since the rest may be all that somebody wants to
 * know.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/cmd_kit.h"
#include "controller/cli/inspect.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"

#define INSPECT_TEXT_MAX (16 * MIB)

static const struct argp argp = {
	kit_argument_options,
	kit_argument_parse,
	"[KIT]",
	"Shows what a Kit (default: the current folder) is, asks for, exposes, may do and runs, "
	"and "
	"the same of the Kits that it depends on. Nothing of it is run.",
	NULL,
	NULL,
	NULL,
};

static bool load(struct inspected *kit, const char *label, struct err *err)
{
	kit->manifest = manifest_load_said(kit->source.dir, label, err);
	if (kit->manifest)
		kit->identity =
			kit_identity(kit->manifest->name, kit->source.kind, kit->source.origin);
	return kit->manifest != NULL;
}

/* `count` is of all Kits read so far; the same bounds as for an app hold. */
static void load_dependencies(struct inspected *kit, unsigned depth, size_t *count)
{
	const struct manifest *manifest = kit->manifest;
	kit->dependencies = xcalloc(manifest->n_dependencies + 1, sizeof(*kit->dependencies));
	kit->n_dependencies = manifest->n_dependencies;
	for (size_t i = 0; i < manifest->n_dependencies; i++) {
		const struct manifest_dependency *dependency = &manifest->dependencies[i];
		struct inspected *below = &kit->dependencies[i];
		below->source = KIT_SOURCE_NONE;
		if (depth == KIT_DEPTH_MAX || ++*count > KITS_MAX)
			err_set(&below->failure, ERR_LIMIT,
				"more than %d levels or %d Kits: dependencies may go round",
				KIT_DEPTH_MAX, KITS_MAX);
		else if (kit_source_open_dependency(&kit->source, dependency->path, dependency->git,
						    &below->source, &below->failure) &&
			 load(below, below->source.name, &below->failure))
			load_dependencies(below, depth + 1, count);
	}
}

static void inspected_free(struct inspected *kit)
{
	for (size_t i = 0; i < kit->n_dependencies; i++)
		inspected_free(&kit->dependencies[i]);
	free(kit->dependencies);
	free(kit->identity);
	manifest_free(&kit->manifest);
	kit_source_close(&kit->source);
}

static void print(const struct inspected *kit, bool json)
{
	auto_buf struct buf out = {.max = INSPECT_TEXT_MAX};
	if (json) {
		json_print(inspect_json(kit));
		return;
	}
	inspect_view(&out, term_wants_colour(stdout), kit);
	term_flush(&out, stdout);
}

int kit_inspect(int argc, char **argv)
{
	struct kit_argument arguments = {0};
	struct inspected kit = {.source = KIT_SOURCE_NONE};
	struct err err;
	size_t count = 1;
	cli_parse("kit inspect", &argp, argc, argv, 0, &arguments);
	bool ok = kit_source_open(arguments.kit, &kit.source, &err) &&
		  load(&kit, arguments.kit ? arguments.kit : ".", &err);
	if (ok) {
		load_dependencies(&kit, 0, &count);
		print(&kit, arguments.json);
	}
	inspected_free(&kit);
	return ok ? EXIT_DONE : cli_fail(&err);
}
