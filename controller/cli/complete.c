// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Flags go before what was remembered, and that before a default. What was remembered is said each
 * time, since a folder that an app gets should never be a surprise; what does not fit the manifest
 * any more is left out.
 */
#include "controller/cli/complete.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/answers.h"
#include "controller/cli/ask.h"
#include "controller/cli/cli.h"
#include "controller/cli/term.h"

#define QUESTION_MAX (64 * KIB)

static bool is_given(const struct plan_value *list, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].key, key))
			return true;
	return false;
}

static bool has_option(const struct app_options *options, const char *key)
{
	return is_given(options->options, options->n_options, key);
}

static bool has_mount(const struct app_options *options, const char *key)
{
	return is_given(options->mounts, options->n_mounts, key);
}

static void add_option(struct app_options *options, const char *key, const char *value)
{
	plan_value_add(&options->options, &options->n_options, key, value);
}

static void add_mount(struct app_options *options, const char *key, const char *path)
{
	plan_value_add(&options->mounts, &options->n_mounts, key, path);
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- what was remembered ---- */

static void say_remembered(const char *what, const struct plan_value *value)
{
	auto_buf struct buf out = {.max = QUESTION_MAX};
	(void)buf_printf(&out, "[i] remembered: --%s ", what);
	term_append(&out, false, TERM_PLAIN, value->key);
	(void)buf_append_str(&out, "=");
	term_append(&out, false, TERM_PLAIN, value->value);
	(void)buf_append_str(&out, "\n");
	term_flush(&out, stderr);
}

static void take_option(struct app_options *options, const struct manifest *manifest,
			const struct plan_value *value)
{
	const struct manifest_option *option = manifest_option(manifest, value->key);
	struct err err;
	if (!option || has_option(options, value->key))
		return;
	if (!manifest_option_accepts(option, value->value, &err)) {
		cli_warn("the value that was remembered for the option %s is not taken: %s",
			 value->key, err.text);
		return;
	}
	say_remembered("option", value);
	add_option(options, value->key, value->value);
}

static void take_mount(struct app_options *options, const struct manifest *manifest,
		       const struct plan_value *value)
{
	if (!manifest_host_mount(manifest, value->key) || has_mount(options, value->key))
		return;
	if (!is_folder(value->value)) {
		cli_warn("the folder that was remembered for the mount %s is no more: %s",
			 value->key, value->value);
		return;
	}
	say_remembered("mount", value);
	add_mount(options, value->key, value->value);
}

static bool take_remembered(struct app_options *options, const struct app *app, struct err *err)
{
	struct answers answers;
	if (!answers_read(app->name, app->kits[0].identity, &answers, err))
		return false;
	for (size_t i = 0; i < answers.n_options; i++)
		take_option(options, app->kits[0].manifest, &answers.options[i]);
	for (size_t i = 0; i < answers.n_mounts; i++)
		take_mount(options, app->kits[0].manifest, &answers.mounts[i]);
	answers_free(&answers);
	return true;
}

/* ---- what is missing ---- */

static bool option_is_missing(const struct app_options *options,
			      const struct manifest_option *option)
{
	return !option->default_value && !has_option(options, option->key);
}

/* In tests a scratch copy may stand in for it. */
static bool mount_is_missing(const struct app_options *options, const struct app *app,
			     const struct manifest_host_mount *mount)
{
	return !has_mount(options, mount->key) && !app_tests_have_mount(app, mount->key);
}

static bool is_complete(const struct app_options *options, const struct app *app)
{
	const struct manifest *manifest = app->kits[0].manifest;
	for (size_t i = 0; i < manifest->n_options; i++)
		if (option_is_missing(options, &manifest->options[i]))
			return false;
	for (size_t i = 0; i < manifest->n_host_mounts; i++)
		if (mount_is_missing(options, app, &manifest->host_mounts[i]))
			return false;
	return true;
}

static void name_flag(struct buf *text, const char *flag, const char *key, const char *value,
		      const char *about)
{
	(void)buf_printf(text, "%s--%s %s=%s", buf_len(text) ? ", " : "", flag, key, value);
	if (about && *about)
		(void)buf_printf(text, " (%s)", about);
}

static void name_mount(struct buf *text, const struct app *app,
		       const struct manifest_host_mount *mount)
{
	const char *usage = mount->usage ? mount->usage : "no usage said";
	auto_free char *about =
		app->tests ? xasprintf("%s; or make a folder tests/<id of the test>/%s in the Kit",
				       usage, mount->key)
			   : xstrdup(mount->usage);
	name_flag(text, "mount", mount->key, "PATH", about);
}

/* All of them at once. */
static bool fail_missing(const struct app_options *options, const struct app *app, struct err *err)
{
	const struct manifest *manifest = app->kits[0].manifest;
	auto_buf struct buf text = {.max = sizeof(err->text)};
	for (size_t i = 0; i < manifest->n_options; i++)
		if (option_is_missing(options, &manifest->options[i]))
			name_flag(&text, "option", manifest->options[i].key, "VALUE",
				  manifest->options[i].description);
	for (size_t i = 0; i < manifest->n_host_mounts; i++)
		if (mount_is_missing(options, app, &manifest->host_mounts[i]))
			name_mount(&text, app, &manifest->host_mounts[i]);
	return err_set(err, ERR_USAGE, "the Kit %s asks for what was not given; give %.*s",
		       manifest->name, (int)buf_len(&text), (const char *)buf_bytes(&text));
}

/* ---- questions ---- */

/* As it is to be shown; the caller frees. */
static char *question(const char *what, const char *key, const char *about, const char *choices)
{
	auto_buf struct buf out = {.max = QUESTION_MAX};
	auto_free char *text = xasprintf("%s %s%s%s%s", what, key, about && *about ? ": " : "",
					 about ? about : "", choices);
	(void)buf_append_str(&out, "[?] ");
	term_append(&out, false, TERM_PLAIN, text);
	(void)buf_append_str(&out, "\n    > ");
	return buf_take_str(&out);
}

static char *choices_of(const struct manifest_option *option)
{
	auto_buf struct buf text = {.max = QUESTION_MAX};
	if (option->kind == OPTION_NUMBER)
		(void)buf_append_str(&text, " (a number)");
	if (option->kind == OPTION_BOOLEAN)
		(void)buf_append_str(&text, " (true or false)");
	for (size_t i = 0; i < option->n_enum_values; i++)
		(void)buf_printf(&text, "%s%s%s", i ? ", " : " (one of ", option->enum_values[i],
				 i + 1 == option->n_enum_values ? ")" : "");
	return buf_take_str(&text);
}

static bool ask_option(struct app_options *options, const struct manifest_option *option,
		       struct err *err)
{
	auto_free char *choices = choices_of(option);
	auto_free char *text = question("option", option->key, option->description, choices);
	char line[PATH_MAX];
	for (;;) {
		struct err why;
		if (!ask_line(text, line, sizeof(line), err))
			return false;
		if (*line && manifest_option_accepts(option, line, &why)) {
			add_option(options, option->key, line);
			return true;
		}
		cli_warn("%s", *line ? why.text : "a value is needed");
	}
}

/* A shell would have done this with a word of its own. */
static char *expand_home(const char *path)
{
	const char *home = getenv("HOME");
	if (home && path[0] == '~' && (path[1] == '/' || !path[1]))
		return xasprintf("%s%s", home, path + 1);
	return xstrdup(path);
}

static bool ask_mount(struct app_options *options, const struct manifest_host_mount *mount,
		      struct err *err)
{
	auto_free char *text =
		question("folder for the mount", mount->key, mount->usage,
			 mount->access == ACCESS_READ_WRITE ? " (written to)" : " (only read)");
	char line[PATH_MAX];
	for (;;) {
		if (!ask_line(text, line, sizeof(line), err))
			return false;
		auto_free char *path = expand_home(line);
		if (is_folder(path)) {
			add_mount(options, mount->key, path);
			return true;
		}
		cli_warn("%s: there is no such folder", path);
	}
}

static bool ask_all(struct complete *complete, const struct app *app, struct err *err)
{
	const struct manifest *manifest = app->kits[0].manifest;
	struct app_options *options = complete->options;
	for (size_t i = 0; i < manifest->n_options; i++)
		if (option_is_missing(options, &manifest->options[i]) &&
		    !ask_option(options, &manifest->options[i], err))
			return false;
	for (size_t i = 0; i < manifest->n_host_mounts; i++)
		if (mount_is_missing(options, app, &manifest->host_mounts[i]) &&
		    !ask_mount(options, &manifest->host_mounts[i], err))
			return false;
	if (complete->once)
		return true;
	auto_free char *text = xasprintf("[?] remember this for the app %s? [y/N] ", app->name);
	return complete->remember || ask_yes(text, &complete->remember, err);
}

static bool use_memory(struct complete *complete, const struct app *app, struct err *err)
{
	if (complete->once)
		return true;
	return complete->forget ? answers_forget(app->name, err)
				: take_remembered(complete->options, app, err);
}

bool complete_options(struct complete *complete, const struct app *app, struct err *err)
{
	if (!use_memory(complete, app, err))
		return false;
	if (is_complete(complete->options, app))
		return true;
	if (complete->ask && ask_is_possible())
		return ask_all(complete, app, err);
	return fail_missing(complete->options, app, err);
}

bool complete_from_memory(void *owner, const struct app *app, struct err *err)
{
	struct complete complete = {.options = owner};
	return complete_options(&complete, app, err);
}

/* The plan has real paths, and, in tests, scratch copies, which nobody chose. */
static struct plan_value *chosen_mounts(const struct app_options *options,
					const struct plan_kit *kit, size_t *count)
{
	struct plan_value *mounts = xcalloc(kit->n_mounts + 1, sizeof(*mounts));
	*count = 0;
	for (size_t i = 0; i < kit->n_mounts; i++)
		if (has_mount(options, kit->mounts[i].key))
			mounts[(*count)++] = kit->mounts[i];
	return mounts;
}

bool complete_remember(const struct complete *complete, const struct plan *plan, struct err *err)
{
	const struct plan_kit *kit = &plan->inputs->kits[0];
	struct answers answers = {.options = kit->options, .n_options = kit->n_options};
	if (!complete->remember)
		return true;
	auto_free struct plan_value *mounts =
		chosen_mounts(complete->options, kit, &answers.n_mounts);
	answers.mounts = mounts;
	return answers_write(plan->inputs->app, kit->identity, &answers, err);
}
