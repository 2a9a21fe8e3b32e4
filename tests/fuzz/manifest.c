// SPDX-License-Identifier: GPL-3.0-or-later
/* A manifest comes out exactly when no error does, and every command of one has words. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "controller/manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 leaks a little on some quoted texts (controller/manifest/yaml.c). */
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static void check(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->n_workloads; i++) {
		const struct manifest_workload *workload = &manifest->workloads[i];

		for (size_t phase = 0; phase < PHASE_COUNT; phase++) {
			if (workload->phases[phase].present && !workload->phases[phase].argv[0])
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	struct manifest *manifest =
		manifest_parse((const char *)data, size, "capability.yml", &problems);
	if ((manifest != NULL) != (problems.errors == 0))
		abort();
	if (manifest)
		check(manifest);
	auto_free char *json = manifest_problems_json(&problems);
	if (!json)
		abort();
	manifest_free(&manifest);
	manifest_problems_free(&problems);
	return 0;
}
