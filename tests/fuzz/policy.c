// SPDX-License-Identifier: GPL-3.0-or-later
/* Policies: whatever is accepted is written and read again as the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "controller/sandbox/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	auto_policy struct policy *policy = policy_from_json((const char *)data, size, &err);

	if (!policy)
		return 0;
	auto_free char *text = policy_to_json(policy, false);
	auto_policy struct policy *again = policy_from_json(text, strlen(text), &err);
	if (!again)
		abort();
	auto_free char *text_again = policy_to_json(again, false);
	if (strcmp(text, text_again) != 0)
		abort();
	return 0;
}
