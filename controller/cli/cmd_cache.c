// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit cache`: shows what is kept between runs, and removes what nobody needs. */
#include <fcntl.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "controller/cli/cache_view.h"
#include "controller/cli/cli.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"

#define SHOWN_MAX (16 * MIB)
#define DAY_MS (24 * 60 * 60 * (int64_t)1000)

struct cache_args {
	bool json, all;
	uint64_t days;
};

enum { KEY_ALL = 0x100, KEY_DAYS };

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cache_args *args = state->input;
	switch (key) {
	case 'j':
		args->json = true;
		return 0;
	case KEY_ALL:
		args->all = true;
		return 0;
	case KEY_DAYS:
		if (!num_parse_u64(value, strlen(value), CACHE_DAYS_MAX, &args->days))
			argp_error(state, "--days %s: a number of days, at most %d", value,
				   CACHE_DAYS_MAX);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

#define JSON_OPTION                                                                                \
	{                                                                                          \
		"json", 'j', NULL, 0, "Print one JSON document (docs/cli.md)", 0                   \
	}

static const struct argp_option list_options[] = {JSON_OPTION, {0}};
static const struct argp_option prune_options[] = {
	{"all", KEY_ALL, NULL, 0, "Whatever no running app uses, however new", 0},
	{"days", KEY_DAYS, "DAYS", 0, "What was not used for so many days (default: 30)", 0},
	JSON_OPTION,
	{0},
};
static const struct argp list_argp = {.options = list_options,
				      .parser = parse,
				      .doc = "Lists snapshots of Kits, layers that prepare and "
					     "hydrate made, and fetched sources, "
					     "with their sizes and when they were used last."};
static const struct argp prune_argp = {
	.options = prune_options,
	.parser = parse,
	.doc = "Removes what was not used for 30 days, and never what a running app uses. What is "
	       "needed again is made again."};

static int open_state(struct err *err)
{
	auto_free char *path = path_state_dir(err);
	return path ? path_open_absolute(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err) : -1;
}

static void print_json(const struct cache *cache)
{
	json_t *document = json_object();
	json_put(document, "entries", cache_view_json(cache));
	json_put(document, "bytes", json_integer((json_int_t)cache_bytes(cache)));
	json_print(document);
}

static void print_text(const struct cache *cache)
{
	auto_buf struct buf out = {.max = SHOWN_MAX};
	cache_view_text(&out, term_wants_colour(stdout), cache, clock_wall_ms());
	term_flush(&out, stdout);
}

static int cache_list(int argc, char **argv)
{
	struct cache_args args = {0};
	struct cache cache = {0};
	struct err err;
	cli_parse("cache list", &list_argp, argc, argv, 0, &args);
	auto_fd int state = open_state(&err);
	if (state < 0 || !cache_read(state, &cache, &err))
		return cli_fail(&err);
	(args.json ? print_json : print_text)(&cache);
	cache_free(&cache);
	return EXIT_DONE;
}

static void print_removed(const struct cache *removed)
{
	char size[CACHE_SIZE_MAX];
	cache_size_text(cache_bytes(removed), size);
	printf("[✓] removed %zu of what was kept, %s\n", removed->count, size);
}

static int cache_remove(int argc, char **argv)
{
	struct cache_args args = {.days = CACHE_KEEP_DAYS};
	struct cache removed = {0};
	struct err err;
	cli_parse("cache prune", &prune_argp, argc, argv, 0, &args);
	log_open("capakit", LOG_LEVEL_WARN);
	struct cache_age age = {.all = args.all,
				.before_ms = clock_wall_ms() - (int64_t)args.days * DAY_MS};
	auto_fd int state = open_state(&err);
	bool ok = state >= 0 && cache_prune(state, &age, &removed, &err);
	if (args.json)
		print_json(&removed);
	else if (ok)
		print_removed(&removed);
	cache_free(&removed);
	return ok ? EXIT_DONE : cli_fail(&err);
}

int cmd_cache(int argc, char **argv)
{
	static const struct cli_command commands[] = {
		{"list", "Machine", "show what is kept on disk", cache_list},
		{"prune", "Machine", "remove what is not used any more", cache_remove},
	};
	return cli_dispatch("capakit cache", "What is kept between runs (docs/layers.md).",
			    commands, array_len(commands), argc, argv);
}
