// SPDX-License-Identifier: GPL-3.0-or-later
/* A validation on the first line, what a workload answered behind it: verdicts are well-formed
 * text. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "controller/manifest/selector.h"
#include "controller/tester/judge.h"
#include "controller/tester/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	json_t *value = json_string(text); // NULL unless it is UTF-8
	if (!value)
		abort();
	json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	if (!end)
		return 0;
	auto_free char *text = xstrndup((const char *)data, (size_t)(end - data));
	struct manifest_validation validation;
	struct selector_fault fault;
	if (!validation_parse(text, &validation, &fault))
		return 0;
	size_t len = size - (size_t)(end + 1 - data);
	json_t *root = value_from_json(end + 1, len);
	if (!root)
		root = value_from_bytes(end + 1, len);
	struct verdict verdict;
	judge(root, &validation, &verdict);
	check_text(verdict.got);
	check_text(verdict.wanted);
	verdict_clear(&verdict);
	validation_clear(&validation);
	json_decref(root);
	return 0;
}
