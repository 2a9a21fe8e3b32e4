// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Test cases, of `tests:` in the manifest or of a file of their own. The older form of an mcp case
 * (exposed_path, tool, inputs and verboseOutput beside each other) says the same in fewer levels,
 * and is read into the same fields.
 */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/manifest/selector.h"

#define TEST_ID_MAX 100

/* ---- selectors and validations ---- */

/* A place in a plain or simply quoted scalar. */
static struct location place_in(const struct yaml_node *value, size_t offset)
{
	struct location at = value->at;

	at.column += (uint32_t)offset + !value->plain;
	return at;
}

static void report_fault(struct parse *parse, const struct yaml_node *value, const char *what,
			 const struct selector_fault *fault)
{
	report(parse, place_in(value, fault->offset), fault->suggestion,
	       "the %s \"%s\" is wrong: %s", what, excerpt(value->text).text, fault->text);
}

static void read_verbose_output(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;
	struct manifest_selector selector;
	struct selector_fault fault;

	if (!expect(parse, value, YAML_LIST, "a list of selectors such as [$.text]"))
		return;
	each_child(child, value)
	{
		const char *text = take_text(parse, child, "a selector such as $.text");

		if (!text)
			continue;
		if (!selector_parse(text, &selector, &fault)) {
			report_fault(parse, child, "selector", &fault);
			continue;
		}
		selector.at = child->at;
		*APPEND(test, verbose_output) = selector;
	}
}

static void read_validations(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;
	struct manifest_validation validation;
	struct selector_fault fault;

	if (!expect(parse, value, YAML_LIST, "a list of validations such as [$.text.exists()]"))
		return;
	each_child(child, value)
	{
		const char *text = take_text(parse, child, "a validation such as $.text.exists()");

		if (!text)
			continue;
		if (!validation_parse(text, &validation, &fault)) {
			report_fault(parse, child, "validation", &fault);
			continue;
		}
		validation.at = validation.selector.at = child->at;
		*APPEND(test, validations) = validation;
	}
}

/* ---- target ---- */

static void read_exposed(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *paths[MANIFEST_ITEMS_MAX];
	size_t count = 0;
	const char *text = take_text(parse, value, "an exposed path");

	if (!text)
		return;
	for (size_t i = 0; i < parse->manifest->n_exposes; i++) {
		const struct manifest_expose *expose = &parse->manifest->exposes[i];

		for (size_t j = 0; j < expose->n_routes && count < array_len(paths); j++)
			paths[count++] = expose->routes[j].public_path;
	}
	for (size_t i = 0; i < count; i++) {
		if (str_eq(paths[i], text)) {
			put_text(out, text);
			return;
		}
	}
	report(parse, value->at, text_nearest(text, paths, count),
	       "the path \"%s\" is not exposed (under \"expose\")", excerpt(text).text);
}

static void read_target_workload(struct parse *parse, const struct yaml_node *value, void *out)
{
	const struct manifest_workload *workload = take_workload(parse, value);

	if (workload)
		put_text(out, workload->key);
}

static void read_target_endpoint(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;
	const struct manifest_workload *workload =
		test->workload ? manifest_workload(parse->manifest, test->workload) : NULL;
	const struct manifest_endpoint *endpoint =
		workload ? take_endpoint(parse, value, workload) : NULL;

	if (endpoint)
		put_text(&test->endpoint, endpoint->path);
}

static const struct field TARGET_FIELDS[] = {
	{"exposed_path", read_exposed, offsetof(struct manifest_test, exposed_path), false,
	 "mcp, http: a public path of this Kit"},
	{"workload", read_target_workload, offsetof(struct manifest_test, workload), false,
	 "instead: a workload, exposed or not"},
	{"endpoint", read_target_endpoint, 0, false,
	 "mcp, http: the workload's endpoint, by path or protocol (not needed if there is one "
	 "only)"},
};
const struct mapping TARGET_MAPPING = MAPPING("a target", TARGET_FIELDS);

/* The workload's only endpoint, or only one of protocol mcp for an mcp case. */
static void default_endpoint(struct parse *parse, const struct yaml_node *value,
			     struct manifest_test *test)
{
	const struct manifest_workload *workload =
		manifest_workload(parse->manifest, test->workload);
	const struct manifest_endpoint *endpoint =
		test->kind == TEST_MCP	     ? manifest_endpoint(workload, "mcp")
		: workload->n_endpoints == 1 ? workload->endpoints
					     : NULL;

	if (endpoint)
		put_text(&test->endpoint, endpoint->path);
	else
		report(parse, value->key_at, NULL,
		       "the target needs the key \"endpoint\": it is not clear which one of \"%s\" "
		       "is "
		       "meant",
		       workload->key);
}

static void check_target(struct parse *parse, const struct yaml_node *value,
			 struct manifest_test *test)
{
	const struct yaml_node *exposed = yaml_get(value, "exposed_path");
	const struct yaml_node *workload = yaml_get(value, "workload");
	const struct yaml_node *endpoint = yaml_get(value, "endpoint");

	if (exposed && workload)
		report(parse, workload->key_at, NULL,
		       "a target is either an exposed path or a workload, not both");
	if (test->kind == TEST_EXEC && exposed)
		report(parse, exposed->key_at, NULL, "a test of kind exec runs in a \"workload\"");
	if (test->kind == TEST_EXEC && endpoint)
		report(parse, endpoint->key_at, NULL, "a test of kind exec has no endpoint");
	if (!exposed && !workload)
		report(parse, value->key_at, NULL, "the target needs the key \"%s\"",
		       test->kind == TEST_MCP ? "exposed_path" : "workload");
	if (test->workload && test->kind != TEST_EXEC && !endpoint)
		default_endpoint(parse, value, test);
}

static void read_target(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (read_mapping(parse, value, &TARGET_MAPPING, out))
		check_target(parse, value, out);
}

/* ---- the case ---- */

static void read_kind(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const KINDS[] = {"mcp", "http", "exec"};
	int kind = take_word(parse, value, "mcp, http or exec", KINDS, array_len(KINDS));

	if (kind >= 0)
		*(enum test_kind *)out = (enum test_kind)kind;
}

/* An id is also the name of a folder, tests/<id>. */
static bool is_test_id(const char *id)
{
	size_t len =
		strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return id[0] != '.' && id[0] != '-' && id[len] == '\0' && len <= TEST_ID_MAX;
}

static void read_id(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *id = take_scalar(parse, value, "an id");

	if (!id)
		return;
	if (!*id || !is_test_id(id)) {
		report(parse, value->at, NULL,
		       "\"%s\" cannot be an id: at most %d letters, digits, \"-\", \"_\" and "
		       "\".\", a "
		       "letter or digit first",
		       excerpt(id).text, TEST_ID_MAX);
		return;
	}
	for (size_t i = 0; i < parse->manifest->n_tests; i++) {
		if (str_eq(parse->manifest->tests[i].id, id)) {
			report(parse, value->at, NULL, "there is another test \"%s\"", id);
			return;
		}
	}
	put_text(out, id);
}

static const struct field TEST_FIELDS[] = {
	{"id", read_id, offsetof(struct manifest_test, id), true,
	 "letters, digits, \"-\", \"_\" and \".\"; tests/ID/MOUNT stands in for a mount"},
	{"kind", read_kind, offsetof(struct manifest_test, kind), false, "mcp, http or exec"},
	{"description", read_any_text, offsetof(struct manifest_test, description), false,
	 "shown to people"},
	{"test", read_any_text, offsetof(struct manifest_test, description), false,
	 "older form of description"},
	{"target", read_target, 0, false, "what is tested"},
	{"request", read_test_request, 0, false, "what is asked of it"},
	{"timeout", read_duration, offsetof(struct manifest_test, timeout_ms), false,
	 "a duration such as 60s"},
	{"faults", read_faults, 0, false, "mcp, http: neighbours that fail meanwhile"},
	{"exposed_path", read_exposed, offsetof(struct manifest_test, exposed_path), false,
	 "older form of target.exposed_path"},
	{"tool", read_text, offsetof(struct manifest_test, tool), false,
	 "older form of request.tool; the kind is then mcp"},
	{"inputs", read_test_inputs, 0, false, "older form of request.inputs"},
	{"verbose_output", read_verbose_output, 0, false, "selectors of what is shown"},
	{"verboseOutput", read_verbose_output, 0, false, "older form of verbose_output"},
	{"validations", read_validations, 0, false,
	 "what has to hold, $.SELECTOR.VALIDATOR(ARGUMENT)"},
};
const struct mapping TEST_MAPPING = MAPPING("a test", TEST_FIELDS);

static bool is_older_form(const struct yaml_node *value)
{
	return yaml_get(value, "tool") && !yaml_get(value, "kind");
}

static void need(struct parse *parse, const struct yaml_node *value, const char *key)
{
	if (!yaml_get(value, key))
		report(parse, value->at, NULL, "a test needs the key \"%s\"", key);
}

/* Each older key says what one of the present form says; both at once is one too many. */
static void refuse_both_forms(struct parse *parse, const struct yaml_node *value)
{
	static const struct {
		const char *older;
		const char *present;
	} PAIRS[] = {
		{"test", "description"}, {"exposed_path", "target"},	      {"tool", "request"},
		{"inputs", "request"},	 {"verboseOutput", "verbose_output"},
	};

	for (size_t i = 0; i < array_len(PAIRS); i++) {
		const struct yaml_node *older = yaml_get(value, PAIRS[i].older);

		if (older && yaml_get(value, PAIRS[i].present))
			report(parse, older->key_at, PAIRS[i].present,
			       "\"%s\" is the older form of \"%s\", which is given too",
			       PAIRS[i].older, PAIRS[i].present);
	}
}

static void check_form(struct parse *parse, const struct yaml_node *value)
{
	refuse_both_forms(parse, value);
	if (is_older_form(value)) {
		need(parse, value, "exposed_path");
		return;
	}
	need(parse, value, "kind");
	need(parse, value, "target");
	need(parse, value, "request");
}

static void read_test(struct parse *parse, const struct yaml_node *value, struct manifest *manifest)
{
	struct manifest_test test = {.kind = TEST_MCP, .at = value->at};

	if (value->kind == YAML_MAPPING)
		check_form(parse, value);
	read_mapping(parse, value, &TEST_MAPPING, &test);
	if (test.kind == TEST_HTTP && !test.method)
		test.method = xstrdup("GET");
	if (test.kind == TEST_MCP && !test.inputs)
		test.inputs = xstrdup("{}");
	*APPEND(manifest, tests) = test;
}

void read_tests(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_LIST, "a list of tests"))
		return;
	each_child(child, value) read_test(parse, child, out);
}

/* ---- freeing ---- */

static void test_clear(struct manifest_test *test)
{
	free(test->id);
	free(test->description);
	free(test->exposed_path);
	free(test->workload);
	free(test->endpoint);
	free(test->tool);
	free(test->inputs);
	free(test->method);
	free(test->path);
	free(test->body);
	for (size_t i = 0; i < test->n_headers; i++) {
		free(test->headers[i].name);
		free(test->headers[i].value);
	}
	free(test->headers);
	for (size_t i = 0; i < test->n_argv; i++)
		free(test->argv[i]);
	free(test->argv);
	for (size_t i = 0; i < test->n_faults; i++)
		free(test->faults[i].peer);
	free(test->faults);
	for (size_t i = 0; i < test->n_verbose_output; i++)
		selector_clear(&test->verbose_output[i]);
	free(test->verbose_output);
	for (size_t i = 0; i < test->n_validations; i++)
		validation_clear(&test->validations[i]);
	free(test->validations);
}

void manifest_tests_free(struct manifest *manifest, size_t first)
{
	for (size_t i = first; i < manifest->n_tests; i++)
		test_clear(&manifest->tests[i]);
	manifest->n_tests = first;
	if (first)
		return;
	free(manifest->tests);
	manifest->tests = NULL;
}
