// SPDX-License-Identifier: GPL-3.0-or-later
/* This user's folders and programs, looked up by the very code that `capakit up` uses. */
#include "controller/doctor/facts.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "controller/store/toolchain.h"

static char *folder_error(char *(*find)(struct err *err))
{
	struct err err;
	auto_free char *path = find(&err);

	return path ? NULL : xstrdup(err.text);
}

static void collect_toolchain(struct facts *facts)
{
	struct toolchain toolchain;
	struct registry registry;
	struct err err;

	if (!toolchain_find(&toolchain, &err)) {
		facts->toolchain_error = xstrdup(err.text);
		return;
	}
	facts->toolchain = xstrdup(toolchain.bun);
	if (registry_find(&toolchain, &registry, &err)) {
		facts->registry = xstrdup(registry.host);
		registry_free(&registry);
	} else {
		facts->registry_error = xstrdup(err.text);
	}
	toolchain_free(&toolchain);
}

void facts_collect(struct facts *facts)
{
	struct err ignored;

	*facts = (struct facts){.root = geteuid() == 0};
	facts->program_dir = path_program_dir(&ignored);
	facts_collect_kernel(facts);
	cgroup_probe(&facts->cgroups);
	facts->runtime_dir_error = folder_error(path_runtime_dir);
	facts->state_dir_error = folder_error(path_state_dir);
	collect_toolchain(facts);
	if (!facts->runtime_dir_error && !facts->state_dir_error)
		facts_try_sandboxes(facts);
}

void facts_free(struct facts *facts)
{
	char *texts[] = {
		facts->program_dir,	facts->kernel_release, facts->runtime_dir_error,
		facts->state_dir_error, facts->toolchain,      facts->toolchain_error,
		facts->registry,	facts->registry_error, facts->sandbox.refusal,
		facts->overlay.refusal, facts->idmap.refusal,
	};

	for (size_t i = 0; i < array_len(texts); i++)
		free(texts[i]);
	cgroup_support_free(&facts->cgroups);
	*facts = (struct facts){0};
}
