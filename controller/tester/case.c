// SPDX-License-Identifier: GPL-3.0-or-later
/* Asks, by the kind of the case, and judges what came; see case.h. */
#include "controller/tester/case.h"

#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/manifest/selector.h"
#include "controller/tester/http.h"
#include "controller/tester/judge.h"
#include "controller/tester/mcp.h"
#include "controller/tester/value.h"

static json_t *error_result(const struct err *err)
{
	return json_pack("{s:o}", "error", value_from_bytes(err->text, strlen(err->text)));
}

static const char *text_of(const json_t *request, const char *key)
{
	return json_string_value(json_object_get(request, key));
}

/* ---- judging ---- */

/* The manifest's own parser has accepted these texts before. */
static bool judge_one(const char *text, const json_t *root, json_t *results, struct err *err)
{
	struct manifest_validation validation;
	struct selector_fault fault;
	struct verdict verdict;

	if (!text || !validation_parse(text, &validation, &fault))
		return err_set(err, ERR_PROTOCOL, "a validation of the case cannot be read");
	judge(root, &validation, &verdict);
	json_array_append_new(
		results, json_pack("{s:b, s:o, s:o}", "passed", verdict.passed, "got",
				   value_from_bytes(verdict.got, strlen(verdict.got)), "wanted",
				   value_from_bytes(verdict.wanted, strlen(verdict.wanted))));
	verdict_clear(&verdict);
	validation_clear(&validation);
	return true;
}

static bool show_one(const char *text, const json_t *root, json_t *results, struct err *err)
{
	struct manifest_selector selector;
	struct selector_fault fault;

	if (!text || !selector_parse(text, &selector, &fault))
		return err_set(err, ERR_PROTOCOL, "a selector of the case cannot be read");
	const json_t *value = value_select(root, &selector);
	auto_free char *shown = value ? value_text(value, TEST_VERBOSE_MAX) : xstrdup("nothing");
	json_array_append_new(results, value_from_bytes(shown, strlen(shown)));
	selector_clear(&selector);
	return true;
}

typedef bool each_fn(const char *text, const json_t *root, json_t *results, struct err *err);

static bool for_each(const json_t *texts, each_fn *each, const json_t *root, json_t *results,
		     struct err *err)
{
	for (size_t i = 0; i < json_array_size(texts); i++)
		if (!each(json_string_value(json_array_get(texts, i)), root, results, err))
			return false;
	return true;
}

json_t *case_judge(const json_t *request, const json_t *root)
{
	json_t *validations = json_array();
	json_t *verbose = json_array();
	struct err err;
	bool ok = for_each(json_object_get(request, "validations"), judge_one, root, validations,
			   &err) &&
		  for_each(json_object_get(request, "verbose"), show_one, root, verbose, &err);
	json_t *result =
		ok ? json_pack("{s:O, s:O}", "validations", validations, "verbose", verbose)
		   : error_result(&err);

	json_decref(validations);
	json_decref(verbose);
	return result;
}

/* ---- asking ---- */

static json_t *reply_value(const struct http_reply *reply)
{
	json_t *body = value_from_json(buf_bytes(&reply->body), buf_len(&reply->body));

	if (!body)
		body = value_from_bytes(buf_bytes(&reply->body), buf_len(&reply->body));
	return json_pack("{s:I, s:O, s:o}", "status_code", (json_int_t)reply->status, "headers",
			 reply->headers, "body", body);
}

/* The lines of the request's headers, NULL-terminated; their texts belong to the request. */
static const char **header_lines(const json_t *request)
{
	const json_t *headers = json_object_get(request, "headers");
	size_t count = json_array_size(headers);
	const char **lines = xcalloc(count + 1, sizeof(*lines));

	for (size_t i = 0; i < count; i++)
		lines[i] = json_string_value(json_array_get(headers, i));
	return lines;
}

static json_t *run_http(const struct case_run *run, struct err *err)
{
	const json_t *request = run->request;
	const json_t *body = json_object_get(request, "body");
	auto_free const char **lines = header_lines(request);
	struct http_request asked = {
		.method = text_of(request, "method"),
		.url = text_of(request, "url"),
		.headers = lines,
		.body = json_string_value(body),
		.body_len = json_string_length(body),
	};
	struct http_reply reply;
	bool ok = http_send(run->client, &asked, &reply, err);
	json_t *root = ok ? reply_value(&reply) : NULL;

	http_reply_clear(&reply);
	return root;
}

static json_t *run_mcp(const struct case_run *run, struct err *err)
{
	const json_t *request = run->request;

	return mcp_run(run->client, run->second, text_of(request, "url"), text_of(request, "tool"),
		       json_deep_copy(json_object_get(request, "inputs")), err);
}

static json_t *read_output(int fd, struct err *err)
{
	auto_free char *data = NULL;
	size_t len;

	if (lseek(fd, 0, SEEK_SET) < 0 || !fd_read_all(fd, TEST_OUTPUT_MAX, &data, &len, err))
		return NULL;
	return value_from_bytes(data, len);
}

static json_t *run_exec(const struct case_run *run, struct err *err)
{
	json_t *its_out = read_output(run->out, err);
	json_t *its_errors = its_out ? read_output(run->errors, err) : NULL;

	if (its_errors)
		return json_pack("{s:O, s:o, s:o}", "exit_code",
				 json_object_get(run->request, "exit_code"), "stdout", its_out,
				 "stderr", its_errors);
	json_decref(its_out);
	return NULL;
}

typedef json_t *run_fn(const struct case_run *run, struct err *err);

static run_fn *kind_of(const json_t *request)
{
	static const struct {
		const char *name;
		run_fn *run;
	} KINDS[] = {{"http", run_http}, {"mcp", run_mcp}, {"exec", run_exec}};

	for (size_t i = 0; i < array_len(KINDS); i++)
		if (str_eq(text_of(request, "kind"), KINDS[i].name))
			return KINDS[i].run;
	return NULL;
}

void case_begin(struct case_run *run, const json_t *request, int out, int errors)
{
	*run = (struct case_run){.request = request, .out = out, .errors = errors};
	if (!text_of(request, "url"))
		return;
	run->client = http_client_new(text_of(request, "socket"));
	run->second = http_client_new(text_of(request, "socket"));
}

void case_end(struct case_run *run)
{
	http_client_free(&run->client);
	http_client_free(&run->second);
}

json_t *case_run(const struct case_run *run)
{
	run_fn *ask = kind_of(run->request);
	struct err err = {.text = "the case has no kind that is known"};
	json_t *root = ask ? ask(run, &err) : NULL;
	json_t *result = root ? case_judge(run->request, root) : error_result(&err);

	json_decref(root);
	return result;
}
