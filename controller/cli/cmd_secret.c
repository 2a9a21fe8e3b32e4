// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit secret`: the values that a Kit's manifest names. A value comes from a prompt or a pipe,
 * never from the arguments, where other processes could see it, and is never shown again. Only
 * names that the manifest declares can be set, so that a typing error does not end as a secret
 * that nobody reads.
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/cli/cli.h"
#include "controller/cli/kit_options.h"
#include "controller/cli/secret_view.h"
#include "controller/control/discover.h"
#include "controller/manifest/manifest.h"
#include "controller/sources/source.h"
#include "secrets/prompt.h"
#include "secrets/store_db.h"

/* --- the Kit and the store --- */

struct kit {
	struct kit_source source;
	struct manifest *manifest;
	char *identity; // whose the secrets are in the store
	struct secret_store *store;
};

static bool load_manifest(struct kit *kit, const char *name, struct err *err)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	kit->manifest = manifest_load(kit->source.dir, name ? name : ".", &problems, err);
	if (!kit->manifest)
		manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	return kit->manifest;
}

static bool open_store(struct kit *kit, enum secret_store_mode mode, struct err *err)
{
	auto_free char *data = path_data_dir(err);

	kit->store = data ? secret_store_open(data, mode, err) : NULL;
	return kit->store;
}

static bool kit_read(struct kit *kit, const char *name, struct err *err)
{
	*kit = (struct kit){.source = KIT_SOURCE_NONE};
	if (!kit_source_open(name, &kit->source, err) || !load_manifest(kit, name, err))
		return false;
	kit->identity = kit_identity(kit->manifest->name, kit->source.kind, kit->source.origin);
	return true;
}

static bool kit_open(struct kit *kit, const char *name, enum secret_store_mode mode,
		     struct err *err)
{
	return kit_read(kit, name, err) && open_store(kit, mode, err);
}

static void kit_close(struct kit *kit)
{
	secret_store_close(&kit->store);
	manifest_free(&kit->manifest);
	kit_source_close(&kit->source);
	free(kit->identity);
}

static bool declared(const struct manifest *manifest, const char *name, struct err *err)
{
	auto_free const char **names = xcalloc(manifest->n_secrets + 1, sizeof(*names));
	const char *near;

	if (manifest_secret(manifest, name))
		return true;
	for (size_t i = 0; i < manifest->n_secrets; i++)
		names[i] = manifest->secrets[i].key;
	near = text_nearest(name, names, manifest->n_secrets);
	if (near)
		return err_set(err, ERR_USAGE, "the Kit %s declares no secret %s; did you mean %s?",
			       manifest->name, name, near);
	return err_set(err, ERR_USAGE,
		       "the Kit %s declares no secret %s: name it under `secrets:` in its %s, or "
		       "see `capakit secret list` for those it has",
		       manifest->name, name, MANIFEST_FILE);
}

/* --- arguments --- */

struct arguments {
	const char *kit; // NULL: the current folder
	const char *name;
	const char *workload; // of revoke; NULL: all
	bool json;
};

static error_t parse_named(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (arguments->name)
			argp_error(state, "only one NAME can be given; a value is typed at the "
					  "prompt or piped in, since other processes can see "
					  "arguments");
		arguments->name = arg;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->kit;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->name)
			argp_error(state, "which secret? Give its NAME");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_list(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'j':
		arguments->json = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->kit;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "KIT", arg, &arguments->kit);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&kit_choice, 0, NULL, 0}, {0}};

static const struct argp_option list_options[] = {
	{"json", 'j', NULL, 0, "Print one JSON document", 0},
	{0},
};

/* --- set, rm --- */

static bool read_and_set(struct kit *kit, const char *name, struct err *err)
{
	auto_free char *question =
		xasprintf("Value of %s for the Kit %s (not shown): ", name, kit->manifest->name);
	auto_locked struct locked value = {0};

	return secret_prompt(question, &value, err) &&
	       secret_store_set(kit->store, kit->identity, name, &value, time(NULL), err);
}

static int secret_set(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_named,
		.children = children,
		.args_doc = "NAME",
		.doc = "Sets a secret of a Kit. The value is asked for, or read from standard "
		       "input "
		       "when that is a pipe or a file (one newline at its end is left out).",
	};
	struct arguments arguments = {0};
	struct err err;
	struct kit kit;
	int status = EXIT_DONE;

	cli_parse("secret set", &argp, argc, argv, 0, &arguments);
	prctl(PR_SET_DUMPABLE, 0); // no core file with the value in it
	if (!kit_open(&kit, arguments.kit, SECRET_STORE_WRITE, &err) ||
	    !declared(kit.manifest, arguments.name, &err) ||
	    !read_and_set(&kit, arguments.name, &err))
		status = cli_fail(&err);
	else
		printf("[✓] Secret [%s] of the Kit [%s] is set\n", arguments.name,
		       kit.manifest->name);
	kit_close(&kit);
	return status;
}

/* Also one that the manifest does not declare any more. */
static bool remove_secret(struct kit *kit, const char *name, struct err *err)
{
	if (secret_store_remove(kit->store, kit->identity, name, err))
		return true;
	if (err->code == ERR_MISSING)
		err_set(err, ERR_MISSING, "the secret %s of the Kit %s is not set", name,
			kit->manifest->name);
	return false;
}

static int secret_rm(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_named,
		.children = children,
		.args_doc = "NAME",
		.doc = "Removes the value of a secret of a Kit.",
	};
	struct arguments arguments = {0};
	struct err err;
	struct kit kit;
	int status = EXIT_DONE;

	cli_parse("secret rm", &argp, argc, argv, 0, &arguments);
	if (!kit_open(&kit, arguments.kit, SECRET_STORE_WRITE, &err) ||
	    !remove_secret(&kit, arguments.name, &err))
		status = cli_fail(&err);
	else
		printf("[✓] Secret [%s] of the Kit [%s] is removed\n", arguments.name,
		       kit.manifest->name);
	kit_close(&kit);
	return status;
}

/* --- list --- */

static bool list(const struct kit *kit, bool json, struct err *err)
{
	struct secret_view view = {.manifest = kit->manifest, .identity = kit->identity};
	struct secret_entry *entries;

	if (!secret_store_list(kit->store, kit->identity, &entries, &view.n_entries, err))
		return false;
	view.entries = entries;
	if (json)
		secret_view_json(&view);
	else
		secret_view_table(&view);
	secret_entries_free(&entries, view.n_entries);
	return true;
}

static int secret_list(int argc, char **argv)
{
	static const struct argp argp = {
		.options = list_options,
		.parser = parse_list,
		.children = children,
		.args_doc = "[KIT]",
		.doc = "Shows which secrets a Kit declares and which of them are set, never a "
		       "value.",
	};
	struct arguments arguments = {0};
	struct err err;
	struct kit kit;
	int status = EXIT_DONE;

	cli_parse("secret list", &argp, argc, argv, 0, &arguments);
	if (!kit_open(&kit, arguments.kit, SECRET_STORE_READ, &err) ||
	    !list(&kit, arguments.json, &err))
		status = cli_fail(&err);
	kit_close(&kit);
	return status;
}

/* --- revoke --- */

/* From one app that runs; *grants grows by how many had it. */
static bool revoke_from(const struct running_app *app, const struct kit *kit,
			const struct arguments *arguments, unsigned *grants, struct err *err)
{
	unsigned taken = 0;
	const char *workload = arguments->workload ? arguments->workload : "";

	if (!control_revoke(app->folder, kit->identity, arguments->name, workload, &taken, err)) {
		bool none_there = err->code == ERR_MISSING || err->code == ERR_NO_APP;
		return none_there ||
		       err_prefix(err, "taking it from app %s", app->status->app->name);
	}
	if (taken)
		printf("[✓] Secret [%s] is taken from %u workload%s of the app [%s]\n",
		       arguments->name, taken, taken == 1 ? "" : "s", app->status->app->name);
	*grants += taken;
	return true;
}

/* All apps are asked, also after one has failed: what can be taken is taken. */
static bool revoke_from_all(const struct kit *kit, const struct arguments *arguments,
			    struct err *err)
{
	struct running_apps apps = {0};
	unsigned grants = 0;
	bool ok = true;

	if (!discover_apps(&apps, err))
		return false;
	for (size_t i = 0; i < apps.count; i++) {
		struct err failed = apps.apps[i].err;
		bool done = apps.apps[i].status &&
			    revoke_from(&apps.apps[i], kit, arguments, &grants, &failed);
		if (!done && ok)
			*err = failed;
		ok = ok && done;
	}
	running_apps_free(&apps);
	if (ok && grants == 0)
		return err_set(err, ERR_MISSING,
			       "no workload that runs has the secret %s of the Kit %s",
			       arguments->name, kit->manifest->name);
	return ok;
}

static error_t parse_revoke(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	if (key != 'w')
		return parse_named(key, arg, state);
	arguments->workload = arg;
	return 0;
}

static const struct argp_option revoke_options[] = {
	{"workload", 'w', "WORKLOAD", 0, "Take it from this workload alone (default: from all)", 0},
	{0},
};

static int secret_revoke(int argc, char **argv)
{
	static const struct argp argp = {
		.options = revoke_options,
		.parser = parse_revoke,
		.children = children,
		.args_doc = "NAME",
		.doc = "Takes a secret of a Kit from the apps that run: their workloads cannot get "
		       "it any more until the app ends. Its value stays in the store; see "
		       "`capakit secret rm`.",
	};
	struct arguments arguments = {0};
	struct err err;
	struct kit kit;

	cli_parse("secret revoke", &argp, argc, argv, 0, &arguments);
	bool ok = kit_read(&kit, arguments.kit, &err) &&
		  declared(kit.manifest, arguments.name, &err) &&
		  revoke_from_all(&kit, &arguments, &err);
	kit_close(&kit);
	return ok ? EXIT_DONE : cli_fail(&err);
}

static const struct cli_command SECRET_COMMANDS[] = {
	{"set", "Secrets", "set a secret of a Kit, from a prompt or a pipe", secret_set},
	{"list", "Secrets", "show which secrets of a Kit are set", secret_list},
	{"rm", "Secrets", "remove a secret of a Kit", secret_rm},
	{"revoke", "Secrets", "take a secret from apps that run", secret_revoke},
};

int cmd_secret(int argc, char **argv)
{
	return cli_dispatch("capakit secret",
			    "Keeps the secrets that Kits declare, encrypted, each for one Kit.",
			    SECRET_COMMANDS, array_len(SECRET_COMMANDS), argc, argv);
}
