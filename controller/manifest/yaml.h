// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * YAML as a tree that keeps the place of everything. It is the part of YAML that a manifest needs:
 * one document of mappings, lists and scalars. Anchors, aliases, duplicate keys, keys that are not
 * scalars, several documents, NUL, text that is not UTF-8 and whatever exceeds limits.h are
 * errors. Tags are kept, for whoever reads the tree to refuse with a better text.
 */
#include <stdbool.h>
#include <stddef.h>

#include "controller/manifest/problems.h"

enum yaml_kind {
	YAML_SCALAR,
	YAML_LIST,
	YAML_MAPPING,
	YAML_BROKEN, // an error has been said about it already; readers pass over it
};

struct yaml_node {
	enum yaml_kind kind;
	struct location at;
	char *tag; // as written out ("!LocalPackage", "tag:yaml.org,2002:str"), or NULL
	struct location tag_at;
	char *text; // of a scalar, NUL-terminated, without NUL inside
	bool plain; // a scalar that was not quoted

	struct yaml_node *first; // children of a list or mapping, in order
	struct yaml_node *last;
	size_t count;
	struct yaml_node *next; // sibling

	char *key; // of a mapping's child
	struct location key_at;

	struct yaml_node *made_before; // all nodes, for yaml_free
};

struct yaml_document {
	struct yaml_node *root; // NULL: an empty document
	struct yaml_node *newest;
};

/*
 * Adds what is wrong to `problems`. False when the text is no YAML at all (the document is then
 * empty); with lesser errors the tree is there, so that all problems can be shown at once.
 */
bool yaml_parse(struct yaml_document *document, const char *text, size_t len, const char *file_name,
		struct manifest_problems *problems);
void yaml_free(struct yaml_document *document); // may be called twice

/* The child of a mapping, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);

/* What a plain scalar means by the YAML 1.2 core schema; quoted ones are always text. */
enum yaml_type { YAML_TEXT, YAML_NULL, YAML_BOOLEAN, YAML_NUMBER };
enum yaml_type yaml_type(const struct yaml_node *scalar);
