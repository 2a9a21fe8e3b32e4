// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `command: bun run start` is written by people who know it from package.json, where a shell runs
 * it. Here none does: a shell in between would be one more process to signal, and a place where a
 * value turns into code. Splitting is easy; the worth of this file is in saying so where somebody
 * counted on the rest of a shell.
 */
#include "controller/manifest/words.h"

#include <stdio.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

struct splitter {
	const char *text;
	size_t at;
	struct buf word;
	bool in_word; // also true for an empty one: ''
	bool quoted;  // some of this word was quoted
	char **words;
	size_t count;
	struct words_fault *fault;
};

static bool refuse(struct splitter *splitter, size_t offset, const char *why)
{
	splitter->fault->offset = offset;
	snprintf(splitter->fault->text, sizeof(splitter->fault->text), "%s", why);
	return false;
}

static void add_byte(struct splitter *splitter, char byte)
{
	splitter->in_word = true;
	buf_append(&splitter->word, &byte, 1); // its maximum is the text's length
}

/* The shell replaces $name, ${...}, $(...) and the special parameters; any other $ is itself. */
static bool begins_expansion(const char *dollar)
{
	char next = dollar[1];

	return (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
	       (next >= '0' && next <= '9') || (next && strchr("_{(@*#?-$!", next));
}

static bool refuse_expansion(struct splitter *splitter)
{
	return refuse(
		splitter, splitter->at,
		splitter->text[splitter->at] == '$'
			? "no shell replaces \"$...\" here; quote it with ' to mean it literally"
			: "no shell runs \"`...`\" here; quote it with ' to mean it literally");
}

static bool is_expansion(const struct splitter *splitter)
{
	const char *here = splitter->text + splitter->at;

	return *here == '`' || (*here == '$' && begins_expansion(here));
}

static bool single_quoted(struct splitter *splitter)
{
	size_t open = splitter->at++;

	splitter->in_word = splitter->quoted = true;
	for (; splitter->text[splitter->at]; splitter->at++) {
		if (splitter->text[splitter->at] == '\'') {
			splitter->at++;
			return true;
		}
		add_byte(splitter, splitter->text[splitter->at]);
	}
	return refuse(splitter, open, "this ' has no end");
}

static bool double_quoted(struct splitter *splitter)
{
	size_t open = splitter->at++;

	splitter->in_word = splitter->quoted = true;
	while (splitter->text[splitter->at]) {
		const char *here = splitter->text + splitter->at;

		if (*here == '"') {
			splitter->at++;
			return true;
		}
		if (is_expansion(splitter))
			return refuse_expansion(splitter);
		if (*here == '\\' && here[1] == '\n') {
			splitter->at += 2;
			continue;
		}
		if (*here == '\\' && here[1] && strchr("$`\"\\", here[1]))
			here++, splitter->at++;
		add_byte(splitter, *here);
		splitter->at++;
	}
	return refuse(splitter, open, "this \" has no end");
}

static bool backslash(struct splitter *splitter)
{
	char next = splitter->text[splitter->at + 1];

	if (!next)
		return refuse(splitter, splitter->at, "this \\ has nothing behind it");
	if (next != '\n') {
		splitter->quoted = true;
		add_byte(splitter, next);
	}
	splitter->at += 2;
	return true;
}

/* What a shell would act upon where it stands unquoted. */
static const char *shell_meaning(const struct splitter *splitter)
{
	char here = splitter->text[splitter->at];

	if (strchr("|&;", here))
		return "no shell runs several commands here";
	if (strchr("<>", here))
		return "no shell redirects here";
	if (strchr("()", here))
		return "no shell runs \"(...)\" here";
	if (strchr("*?[", here))
		return "no shell looks up file names by pattern here";
	if (here == '\n')
		return "no shell runs several lines here";
	if (!splitter->in_word && here == '~')
		return "no shell replaces \"~\" here";
	if (!splitter->in_word && here == '#')
		return "no shell reads comments here";
	return NULL;
}

static bool unquoted(struct splitter *splitter)
{
	if (is_expansion(splitter))
		return refuse_expansion(splitter);
	const char *meaning = shell_meaning(splitter);
	if (meaning) {
		char why[sizeof(splitter->fault->text)];

		snprintf(why, sizeof(why), "%s; write [sh, -c, '...'] to have one", meaning);
		return refuse(splitter, splitter->at, why);
	}
	add_byte(splitter, splitter->text[splitter->at++]);
	return true;
}

/* FOO=1 command: a shell would set a variable. */
static bool is_assignment(const struct splitter *splitter, const char *word)
{
	size_t len =
		strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return splitter->count == 0 && !splitter->quoted && len > 0 && word[len] == '=' &&
	       !(word[0] >= '0' && word[0] <= '9');
}

static bool end_word(struct splitter *splitter, size_t start)
{
	if (!splitter->in_word)
		return true;
	auto_free char *word = buf_take_str(&splitter->word);

	if (is_assignment(splitter, word))
		return refuse(splitter, start,
			      "no shell sets variables here; write them under \"env\"");
	if (splitter->count == WORDS_MAX)
		return refuse(splitter, start, "there are too many words");
	splitter->words[splitter->count++] = take_ptr(&word);
	splitter->in_word = splitter->quoted = false;
	return true;
}

static bool next_byte(struct splitter *splitter)
{
	switch (splitter->text[splitter->at]) {
	case '\'':
		return single_quoted(splitter);
	case '"':
		return double_quoted(splitter);
	case '\\':
		return backslash(splitter);
	default:
		return unquoted(splitter);
	}
}

/* Lines that end a block scalar are no second command. */
static size_t trimmed_length(const char *text)
{
	size_t len = strlen(text);

	while (len && strchr(" \t\n", text[len - 1]))
		len--;
	return len;
}

static bool split(struct splitter *splitter)
{
	size_t start = 0;

	while (splitter->text[splitter->at]) {
		char here = splitter->text[splitter->at];

		if (here == ' ' || here == '\t') {
			if (!end_word(splitter, start))
				return false;
			splitter->at++;
			continue;
		}
		if (!splitter->in_word)
			start = splitter->at;
		if (!next_byte(splitter))
			return false;
	}
	return end_word(splitter, start);
}

bool words_split(const char *text, char ***words, size_t *count, struct words_fault *fault)
{
	size_t end = trimmed_length(text);
	auto_free char *trimmed =
		xstrndup(text, text[end] && end && text[end - 1] == '\\' ? end + 1 : end);
	struct splitter splitter = {.text = trimmed, .fault = fault};

	buf_init(&splitter.word, strlen(text) + 1);
	splitter.words = xcalloc(WORDS_MAX + 1, sizeof(*splitter.words));
	bool done = split(&splitter);

	if (done && splitter.count == 0)
		done = refuse(&splitter, 0, "there is no command");
	if (done && !*splitter.words[0])
		done = refuse(&splitter, 0, "its first word is empty");
	buf_free(&splitter.word);
	if (!done) {
		words_free(&splitter.words);
		return false;
	}
	*words = splitter.words;
	*count = splitter.count;
	return true;
}

void words_free(char ***words)
{
	for (size_t i = 0; *words && (*words)[i]; i++)
		free((*words)[i]);
	free(*words);
	*words = NULL;
}
