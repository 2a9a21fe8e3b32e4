// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The only file that knows libfyaml. It takes the library's events, not its documents, because a
 * tree of our own can be bounded while it grows: libfyaml expands, compares and nests as the text
 * tells it to, and this text comes from strangers.
 */
#include "controller/manifest/yaml.h"

#include <libfyaml.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/manifest/syntax.h"
#include "controller/manifest/yaml_bytes.h"

#define NO_KEY "" // of a key that was in error: its value belongs to nothing

struct build {
	struct yaml_document *document;
	const char *file;
	struct manifest_problems *problems;
	struct yaml_node *parents[MANIFEST_DEPTH_MAX];
	size_t depth;
	size_t nodes;
	char *key; // of a mapping, read; its value is still to come
	struct location key_at;
	struct location last; // for what has no place of its own
	unsigned key_depth;   // > 0: inside a key that is no scalar, which is passed over
	bool has_document;
};

#define yaml_error(build, at, ...)                                                                 \
	manifest_problems_add((build)->problems, PROBLEM_ERROR, (build)->file, at, NULL,           \
			      __VA_ARGS__)

/* ---- places and texts of libfyaml's things ---- */

static struct location mark_location(struct build *build, const struct fy_mark *mark)
{
	if (mark)
		build->last =
			(struct location){(uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
	return build->last;
}

static bool is_quoted(enum fy_scalar_style style)
{
	return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

/* A quoted scalar's mark stands behind the quote. */
static struct location event_location(struct build *build, struct fy_event *event)
{
	struct location at = mark_location(build, fy_event_start_mark(event));

	if (event->type == FYET_SCALAR && fy_event_start_mark(event) && at.column > 1 &&
	    is_quoted(fy_token_scalar_style(event->scalar.value)))
		at.column--;
	return at;
}

/*
 * libfyaml 0.7.12 leaks here, some 110 bytes an escape, where a single-quoted scalar has many ''
 * and one at its end. The file's size bounds it; its iterators, which do not leak, give wrong text.
 */
static char *token_text(struct fy_token *token)
{
	size_t len = 0;
	const char *text = token ? fy_token_get_text(token, &len) : NULL;

	return text ? xstrndup(text, len) : NULL;
}

/* ---- the tree ---- */

static struct yaml_node *parent_of(const struct build *build)
{
	return build->depth ? build->parents[build->depth - 1] : NULL;
}

static bool awaits_key(const struct build *build)
{
	const struct yaml_node *parent = parent_of(build);

	return parent && parent->kind == YAML_MAPPING && !build->key;
}

static void take_tag(struct build *build, struct yaml_node *node, struct fy_event *event)
{
	struct fy_token *tag = fy_event_get_tag_token(event);

	if (!tag)
		return;
	node->tag = token_text(tag);
	node->tag_at = mark_location(build, fy_token_start_mark(tag));
}

static struct yaml_node *new_node(struct build *build, enum yaml_kind kind, struct location at)
{
	struct yaml_node *node = xcalloc(1, sizeof(*node));

	node->kind = kind;
	node->at = at;
	node->made_before = build->document->newest;
	build->document->newest = node;
	build->nodes++;
	return node;
}

static const struct yaml_node *find_child(const struct yaml_node *mapping, const char *key)
{
	for (const struct yaml_node *child = mapping->first; child; child = child->next) {
		if (str_eq(child->key, key))
			return child;
	}
	return NULL;
}

/* A value whose key is there already stays in no mapping (but in the list of all nodes). */
static void attach(struct build *build, struct yaml_node *node)
{
	struct yaml_node *parent = parent_of(build);

	if (!parent) {
		build->document->root = node;
		return;
	}
	if (parent->kind == YAML_MAPPING) {
		node->key = take_ptr(&build->key);
		node->key_at = build->key_at;
		if (str_eq(node->key, NO_KEY))
			return;
		const struct yaml_node *before = find_child(parent, node->key);
		if (before) {
			yaml_error(build, node->key_at,
				   "the key \"%.80s\" is given twice, first in line %u", node->key,
				   before->key_at.line);
			return;
		}
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->count++;
}

static bool within_limits(struct build *build, struct location at)
{
	const struct yaml_node *parent = parent_of(build);

	if (build->nodes >= MANIFEST_NODES_MAX)
		yaml_error(build, at, "there is too much in this file (over %d values)",
			   MANIFEST_NODES_MAX);
	else if (parent && parent->count >= MANIFEST_ITEMS_MAX)
		yaml_error(build, at, "there is too much in this list or mapping (over %d entries)",
			   MANIFEST_ITEMS_MAX);
	else
		return true;
	return false;
}

static void refuse_anchor(struct build *build, struct fy_event *event)
{
	struct fy_token *anchor =
		event->type == FYET_ALIAS ? NULL : fy_event_get_anchor_token(event);
	if (!anchor)
		return;
	auto_free char *name = token_text(anchor);
	struct location at = mark_location(build, fy_token_start_mark(anchor));

	if (at.column > 1)
		at.column--; // the mark stands behind the &
	yaml_error(build, at, "anchors are not supported; \"&%.80s\" has to go", name ? name : "");
}

/* ---- events ---- */

static bool on_key(struct build *build, struct fy_event *event)
{
	struct location at = event_location(build, event);

	refuse_anchor(build, event);
	auto_free char *text = token_text(event->scalar.value);

	build->key_at = at;
	if (text && *text && strlen(text) == fy_token_get_text_length(event->scalar.value)) {
		build->key = take_ptr(&text);
		return true;
	}
	yaml_error(build, at, "a key cannot be empty or hold a NUL");
	build->key = xstrdup(NO_KEY);
	return true;
}

static bool on_scalar(struct build *build, struct fy_event *event)
{
	struct location at = event_location(build, event);

	refuse_anchor(build, event);
	struct yaml_node *node = new_node(build, YAML_SCALAR, at);

	node->text = token_text(event->scalar.value);
	if (!node->text)
		node->text = xstrdup("");
	if (strlen(node->text) != fy_token_get_text_length(event->scalar.value)) {
		yaml_error(build, at, "a NUL byte is not text");
		node->kind = YAML_BROKEN;
	}
	node->plain = fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
	take_tag(build, node, event);
	attach(build, node);
	return true;
}

static bool on_collection(struct build *build, struct fy_event *event, enum yaml_kind kind)
{
	struct location at = event_location(build, event);

	refuse_anchor(build, event);
	if (build->depth == MANIFEST_DEPTH_MAX) {
		yaml_error(build, at, "this is nested too deeply (over %d levels)",
			   MANIFEST_DEPTH_MAX);
		return false;
	}
	struct yaml_node *node = new_node(build, kind, at);

	take_tag(build, node, event);
	attach(build, node);
	build->parents[build->depth++] = node;
	return true;
}

static bool on_alias(struct build *build, struct fy_event *event)
{
	auto_free char *name = token_text(event->alias.anchor);
	struct location at = mark_location(build, fy_event_start_mark(event));

	if (at.column > 1)
		at.column--; // the mark stands behind the *
	yaml_error(build, at, "aliases are not supported; write out what \"*%.80s\" stands for",
		   name ? name : "");
	if (awaits_key(build)) {
		build->key = xstrdup(NO_KEY);
		build->key_at = at;
	} else {
		attach(build, new_node(build, YAML_BROKEN, at));
	}
	return true;
}

static bool on_document(struct build *build, struct fy_event *event)
{
	if (!build->has_document) {
		build->has_document = true;
		return true;
	}
	yaml_error(build, mark_location(build, fy_event_start_mark(event)),
		   "a second document begins here; a manifest is one document");
	return false;
}

/* A list or mapping as a key: said once, then its events are passed over until it ends. */
static bool on_complex_key(struct build *build, struct fy_event *event)
{
	if (!build->key_depth) {
		build->key_at = event_location(build, event);
		yaml_error(build, build->key_at, "a key has to be a plain word");
	}
	switch (event->type) {
	case FYET_MAPPING_START:
	case FYET_SEQUENCE_START:
		if (++build->key_depth > MANIFEST_DEPTH_MAX)
			return false;
		return true;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		if (--build->key_depth == 0)
			build->key = xstrdup(NO_KEY);
		return true;
	default:
		return true;
	}
}

static bool is_value(enum fy_event_type type)
{
	return type == FYET_SCALAR || type == FYET_ALIAS || type == FYET_MAPPING_START ||
	       type == FYET_SEQUENCE_START;
}

static bool on_value(struct build *build, struct fy_event *event)
{
	if (!within_limits(build, event_location(build, event)))
		return false;
	switch (event->type) {
	case FYET_ALIAS:
		return on_alias(build, event);
	case FYET_SCALAR:
		return awaits_key(build) ? on_key(build, event) : on_scalar(build, event);
	default:
		if (awaits_key(build))
			return on_complex_key(build, event);
		return on_collection(build, event,
				     event->type == FYET_MAPPING_START ? YAML_MAPPING : YAML_LIST);
	}
}

static bool on_event(struct build *build, struct fy_event *event)
{
	if (build->key_depth)
		return on_complex_key(build, event);
	if (is_value(event->type))
		return on_value(build, event);
	if (event->type == FYET_DOCUMENT_START)
		return on_document(build, event);
	if (event->type == FYET_MAPPING_END || event->type == FYET_SEQUENCE_END)
		build->depth--;
	return true;
}

/* ---- the whole ---- */

static void report_syntax(struct build *build, struct fy_diag *diag)
{
	void *state = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(diag, &state);
	struct location at = {error && error->line > 0 ? (uint32_t)error->line : 1,
			      error && error->column > 0 ? (uint32_t)error->column : 1};

	yaml_error(build, at, "this is not YAML: %.200s",
		   error && error->msg ? error->msg : "it cannot be parsed");
}

/* True: the text ended well. */
static bool feed(struct build *build, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;

	while ((event = fy_parser_parse(parser))) {
		bool go_on = on_event(build, event);

		fy_parser_event_free(parser, event);
		if (!go_on)
			return false;
	}
	if (!fy_parser_get_stream_error(parser))
		return true;
	report_syntax(build, diag);
	return false;
}

static bool run_parser(struct build *build, const char *text, size_t len)
{
	struct fy_diag_cfg diag_cfg;

	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	struct fy_diag *diag = fy_diag_create(&diag_cfg);
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2, .diag = diag};
	struct fy_parser *parser = fy_parser_create(&cfg);
	bool done = false;

	if (!diag || !parser)
		abort(); // out of memory
	fy_diag_set_collect_errors(diag, true);
	if (fy_parser_set_string(parser, text, len) == 0)
		done = feed(build, parser, diag);
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	return done;
}

bool yaml_parse(struct yaml_document *document, const char *text, size_t len, const char *file_name,
		struct manifest_problems *problems)
{
	struct build build = {
		.document = document, .file = file_name, .problems = problems, .last = {1, 1}};

	*document = (struct yaml_document){0};
	struct location at;
	const char *fault = yaml_bytes_fault(text, len, &at);
	if (fault) {
		yaml_error(&build, at, "%s", fault);
		return false;
	}
	bool done = run_parser(&build, text, len);

	free(build.key);
	if (!done)
		yaml_free(document);
	return done;
}

void yaml_free(struct yaml_document *document)
{
	while (document->newest) {
		struct yaml_node *node = document->newest;

		document->newest = node->made_before;
		free(node->tag);
		free(node->text);
		free(node->key);
		free(node);
	}
	document->root = NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
	return mapping->kind == YAML_MAPPING ? find_child(mapping, key) : NULL;
}

enum yaml_type yaml_type(const struct yaml_node *scalar)
{
	static const struct {
		const char *text;
		enum yaml_type type;
	} WORDS[] = {
		{"", YAML_NULL},	 {"~", YAML_NULL},	  {"null", YAML_NULL},
		{"Null", YAML_NULL},	 {"NULL", YAML_NULL},	  {"true", YAML_BOOLEAN},
		{"True", YAML_BOOLEAN},	 {"TRUE", YAML_BOOLEAN},  {"false", YAML_BOOLEAN},
		{"False", YAML_BOOLEAN}, {"FALSE", YAML_BOOLEAN},
	};

	if (!scalar->plain)
		return YAML_TEXT;
	for (size_t i = 0; i < array_len(WORDS); i++) {
		if (str_eq(scalar->text, WORDS[i].text))
			return WORDS[i].type;
	}
	return syntax_is_number(scalar->text) ? YAML_NUMBER : YAML_TEXT;
}
