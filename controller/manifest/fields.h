// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Reading a YAML mapping into a struct by a table of its keys. The table says which keys there are,
 * where each value goes and what it is for; unknown keys, missing ones and their suggestions follow
 * from it, and so does the reference in docs/manifest.md (a test compares them).
 *
 * Readers report to parse->problems and go on: one wrong value hides no other. They leave `out`
 * alone when the value is of no use.
 */
#include <stddef.h>

#include "controller/manifest/manifest.h"
#include "controller/manifest/yaml.h"

struct parse {
	struct manifest *manifest;
	struct manifest_problems *problems;
	const char *file;
};

typedef void read_fn(struct parse *parse, const struct yaml_node *value, void *out);

struct field {
	const char *key;
	read_fn *read; // NULL: no such key any more; `about` says what to write instead
	size_t offset; // of the target within the struct that the mapping fills
	bool required;
	const char *about;
};

struct mapping {
	const char *what; // "an option": for messages
	const struct field *fields;
	size_t count;
};

#define MAPPING(what, fields)                                                                      \
	{                                                                                          \
		what, fields, array_len(fields)                                                    \
	}

/* All tables there are; NULL ends the list. */
extern const struct mapping *const manifest_mappings[];

/* Reads in the table's order, whatever the file's. False when the value is no mapping. */
bool read_mapping(struct parse *parse, const struct yaml_node *value, const struct mapping *mapping,
		  void *out);

void report(struct parse *parse, struct location at, const char *suggestion, const char *format,
	    ...) __attribute__((format(printf, 4, 5)));
void warn(struct parse *parse, struct location at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Foreign text cut to what a message can hold, at a character's end. */
struct excerpt {
	char text[128];
};
struct excerpt excerpt(const char *text);
struct excerpt describe(const struct yaml_node *value); // `the number 5`, `a list`, `nothing`

/* False after "expected <what>, not ..."; a broken or tagged value has had its error already. */
bool expect(struct parse *parse, const struct yaml_node *value, enum yaml_kind kind,
	    const char *what);
void report_type(struct parse *parse, const struct yaml_node *value, const char *what);

/* An error for every tag in the tree, naming what is written instead. */
void refuse_tags(struct parse *parse, const struct yaml_node *root);

/*
 * The text of a scalar that has to be text: quoted, or plain and neither a number, a boolean nor
 * null. NULL (and an error that expects `what`) when it is something else or empty.
 */
const char *take_text(struct parse *parse, const struct yaml_node *value, const char *what);

/* The text of any scalar but null, as it was written. NULL and an error: something else. */
const char *take_scalar(struct parse *parse, const struct yaml_node *value, const char *what);

/* Sets the char * that `out` points to, in place of what it was. */
void put_text(void *out, const char *text);

/* ---- readers; the type of what `out` points to is in their comment ---- */
void read_text(struct parse *parse, const struct yaml_node *value, void *out);	   // char *
void read_any_text(struct parse *parse, const struct yaml_node *value, void *out); // char *, "" too
void read_boolean(struct parse *parse, const struct yaml_node *value, void *out);  // bool
void read_duration(struct parse *parse, const struct yaml_node *value, void *out); // uint64_t, ms
void read_size(struct parse *parse, const struct yaml_node *value, void *out);	   // uint64_t
void read_access(struct parse *parse, const struct yaml_node *value, void *out);   // enum

/* A whole number in a range; false and an error otherwise. */
bool take_number(struct parse *parse, const struct yaml_node *value, uint64_t least, uint64_t most,
		 uint64_t *number);

/* A key as text_is_key wants it (the key of `value`), else an error. */
bool check_key(struct parse *parse, const struct yaml_node *value, const char *what);

/* As above for keys that are in nobody's address (options, capabilities): letters, digits, _ and -.
 */
bool check_free_key(struct parse *parse, const struct yaml_node *value, const char *what);

/* Words of a fixed list; -1 and an error with a suggestion for others. */
int take_word(struct parse *parse, const struct yaml_node *value, const char *what,
	      const char *const *words, size_t count);

/* ---- arrays of the model ---- */
void *array_append(void *array, size_t *count, size_t size); // the new element, zeroed
#define APPEND(owner, array)                                                                       \
	((__typeof__((owner)->array))array_append(&(owner)->array, &(owner)->n_##array,            \
						  sizeof(*(owner)->array)))
void append_text(char ***texts, size_t *count, const char *text);
bool has_text(char *const *texts, size_t count, const char *text);

#define each_child(child, parent)                                                                  \
	for (const struct yaml_node *child = (parent)->first; child; child = child->next)
