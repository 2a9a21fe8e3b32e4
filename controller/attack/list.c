// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads data/attacks, which is built into the program and shared with the attack suite. */
#include "controller/attack/list.h"

#include "base/buf.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

enum { COLUMNS = 8 };

#define SEPARATOR " | "

extern const struct embedded_file ATTACK_FILES[]; // in the order of their names
enum { FILE_ATTACKS, FILE_MANIFEST };

/* ---- lines and columns ---- */

/* The text up to the separator, which is cut off; *rest is what follows, NULL at the end. */
static const char *next_column(char **rest)
{
	char *column = *rest;
	char *end = column ? strstr(column, SEPARATOR) : NULL;

	*rest = end ? end + strlen(SEPARATOR) : NULL;
	if (end)
		*end = '\0';
	return column;
}

static bool parse_line(char *line, struct attack_case *attack)
{
	const char **columns[COLUMNS] = {
		&attack->number,  &attack->name,  &attack->layers, &attack->only_root,
		&attack->started, &attack->needs, &attack->what,   &attack->command,
	};
	char *rest = line;

	for (size_t i = 0; i < COLUMNS; i++) {
		const char *column = next_column(&rest);
		if (!column || !*column)
			return false;
		*columns[i] = str_eq(column, "-") ? NULL : column;
	}
	return !rest && attack->number && attack->name && attack->layers && attack->what &&
	       attack->command;
}

bool attack_list_parse(const char *text, struct attack_list *list, struct err *err)
{
	*list = (struct attack_list){.text = xstrdup(text)};
	char *rest = list->text;

	for (char *line; (line = strsep(&rest, "\n"));) {
		if (!*line || *line == '#')
			continue;
		list->cases = xreallocarray(list->cases, list->n + 1, sizeof(*list->cases));
		list->cases[list->n] = (struct attack_case){0};
		if (!parse_line(line, &list->cases[list->n])) {
			err_set(err, ERR_PROTOCOL,
				"the list of attacks: a line has not its %d columns: %.80s",
				COLUMNS, line);
			attack_list_free(list);
			return false;
		}
		list->n++;
	}
	return true;
}

bool attack_list_own(struct attack_list *list, struct err *err)
{
	return attack_list_parse(ATTACK_FILES[FILE_ATTACKS].data, list, err);
}

const char *attack_kit_manifest(void)
{
	return ATTACK_FILES[FILE_MANIFEST].data;
}

void attack_list_free(struct attack_list *list)
{
	free(list->cases);
	free(list->text);
	*list = (struct attack_list){0};
}

/* ---- layers ---- */

/* "calls@root": only as root; "landlock/6": from that version on. */
static bool layer_is_here(const char *layer, size_t len, bool root, int landlock)
{
	const char *mark = memchr(layer, '@', len);
	const char *slash = memchr(layer, '/', len);
	uint64_t version;

	if (mark)
		return str_starts(mark, "@root") == root;
	if (!slash)
		return true;
	slash++;
	return num_parse_u64(slash, len - (size_t)(slash - layer), INT32_MAX, &version) &&
	       landlock >= (int)version;
}

char *attack_layers(const struct attack_case *attack, bool root, int landlock)
{
	auto_buf struct buf text = {.max = KIB};
	const char *at = attack->layers;

	while (*at) {
		size_t len = strcspn(at, " ");
		if (layer_is_here(at, len, root, landlock)) {
			(void)buf_append_str(&text, buf_len(&text) ? ", " : "");
			(void)buf_append(&text, at, strcspn(at, "@/ "));
		}
		at += len + strspn(at + len, " ");
	}
	return buf_take_str(&text);
}

/* ---- commands ---- */

void attack_facts_add(struct attack_facts *facts, const char *name, const char *value)
{
	if (!value)
		return;
	facts->list = xreallocarray(facts->list, facts->n + 1, sizeof(*facts->list));
	facts->list[facts->n++] = (struct attack_fact){xstrdup(name), xstrdup(value)};
}

void attack_facts_free(struct attack_facts *facts)
{
	for (size_t i = 0; i < facts->n; i++) {
		free(facts->list[i].name);
		free(facts->list[i].value);
	}
	free(facts->list);
	*facts = (struct attack_facts){0};
}

static const char *value_of(const struct attack_facts *facts, const char *name, size_t len)
{
	for (size_t i = 0; i < facts->n; i++)
		if (strlen(facts->list[i].name) == len &&
		    strncmp(facts->list[i].name, name, len) == 0)
			return facts->list[i].value;
	return NULL;
}

/* NULL: a fact is not known. */
static char *fill_in(const struct attack_facts *facts, const char *word, size_t len)
{
	auto_buf struct buf text = {.max = ATTACK_WORD_MAX};
	const char *end = word + len;

	while (word < end) {
		size_t plain = strcspn(word, "% ");
		(void)buf_append(&text, word, plain);
		word += plain;
		if (word >= end)
			break;
		size_t name = strspn(++word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		const char *value = value_of(facts, word, name);
		if (!value || !buf_append_str(&text, value))
			return NULL;
		word += name;
	}
	return buf_take_str(&text);
}

char **attack_words(const struct attack_case *attack, const struct attack_facts *facts)
{
	char **words = xcalloc(strlen(attack->command) + 1, sizeof(*words));
	const char *at = attack->command;

	for (size_t i = 0; *at; i++) {
		size_t len = strcspn(at, " ");
		words[i] = fill_in(facts, at, len);
		if (!words[i]) {
			attack_words_free(&words);
			return NULL;
		}
		at += len + strspn(at + len, " ");
	}
	return words;
}

void attack_words_free(char ***words)
{
	for (size_t i = 0; *words && (*words)[i]; i++)
		free((*words)[i]);
	free(*words);
	*words = NULL;
}
