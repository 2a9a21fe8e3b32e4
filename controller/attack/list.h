// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The list of attacks (data/attacks, which says what its columns are), and what it means here.
 * Pure. */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct attack_case { // texts are the list's; NULL: nothing
	const char *number;
	const char *name;
	const char *layers;
	const char *only_root;
	const char *started;
	const char *needs;
	const char *what;
	const char *command;
};

struct attack_list {
	char *text;
	struct attack_case *cases;
	size_t n;
};

struct attack_fact { // what %NAME in a command stands for
	char *name;
	char *value;
};

struct attack_facts {
	struct attack_fact *list;
	size_t n;
};

void attack_facts_add(struct attack_facts *facts, const char *name,
		      const char *value); // NULL: none
void attack_facts_free(struct attack_facts *facts);

/* ERR_PROTOCOL names the line that has not its columns. The caller frees. */
must_check bool attack_list_parse(const char *text, struct attack_list *list, struct err *err);
must_check bool attack_list_own(struct attack_list *list, struct err *err); // the one built in
void attack_list_free(struct attack_list *list);

const char *attack_kit_manifest(void); // data/capability.yml

/*
 * The layers of which each holds the attack by itself: as root or as an ordinary user, on a kernel
 * with this version of Landlock. "root, landlock"; "": none. The caller frees.
 */
char *attack_layers(const struct attack_case *attack, bool root, int landlock);

/*
 * The words of its command with all facts filled in, NULL at their end; NULL: one is not known. The
 * caller frees with attack_words_free.
 */
char **attack_words(const struct attack_case *attack, const struct attack_facts *facts);
void attack_words_free(char ***words);
