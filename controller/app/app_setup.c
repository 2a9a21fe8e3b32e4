// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Everything that is decided before a process starts: the Kit is read and snapshot, the toolchain
 * found, options and mounts checked, and the plan made.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/app/app.h"
#include "controller/app/app_exec.h"
#include "controller/app/app_tests.h"
#include "controller/app/ids.h"
#include "controller/app/mount_check.h"
#include "controller/app/plan_egress.h"
#include "controller/app/plan_environment.h"
#include "controller/app/plan_kit.h"
#include "controller/store/ca_bundle.h"
#include "controller/sandbox/profile.h"

/* A test run, commands, and the app itself may run side by side. */
static char *default_name(const struct app *app)
{
	const char *of_kit = app->kits[0].manifest->name;
	if (app->exec)
		return xasprintf("%.50s-exec-%d", of_kit, (int)getpid());
	return app->tests ? xasprintf("%.58s-test", of_kit) : xstrdup(of_kit);
}

static bool choose_name(struct app *app, struct err *err)
{
	auto_free char *own = default_name(app);
	const char *name = app->options->name ? app->options->name : own;
	if (!text_is_name(name))
		return err_set(
			err, ERR_USAGE,
			"--name %s: a name is a-z, 0-9 and '-', begins with a letter or digit, "
			"and has at most 63 characters",
			name);
	app->name = xstrdup(name);
	if (app->options->address)
		snprintf(app->address, sizeof(app->address), "%s", app->options->address);
	else
		name_address(name, app->address);
	return true;
}

/* The folder that a mount binds, as a real path. */
static bool resolve_mounts(struct app *app, struct err *err)
{
	const struct app_options *options = app->options;
	app->mounts = xcalloc(options->n_mounts + 1, sizeof(*app->mounts));
	for (size_t i = 0; i < options->n_mounts; i++) {
		const struct plan_value *given = &options->mounts[i];
		char *real = realpath(given->value, NULL);
		if (!real)
			return err_sys(err, errno, "--mount %s=%s: cannot open the folder",
				       given->key, given->value);
		app->mounts[app->n_mounts++] = (struct plan_value){given->key, real};
		struct stat st;
		if (stat(real, &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(err, ERR_USAGE, "--mount %s=%s: not a folder", given->key,
				       given->value);
		if (!mount_check(real, err))
			return err_prefix(err, "--mount %s=%s", given->key, given->value);
	}
	return true;
}

static bool goes_out(const struct manifest_workload *workload)
{
	for (size_t i = 0; i < PHASE_COUNT; i++)
		if (workload->phases[i].present && plan_egress_wanted(&workload->phases[i].network))
			return true;
	for (size_t i = 0; i < workload->n_connections; i++)
		if (workload->connections[i].host)
			return true;
	return false;
}

static bool any_goes_out(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->n_workloads; i++)
		if (goes_out(&manifest->workloads[i]))
			return true;
	return false;
}

/* How this host gets out, where something has to: whom it trusts, and through which proxy. */
static bool find_ways_out(struct app *app, struct err *err)
{
	bool wanted = false;
	for (size_t i = 0; i < app->n_kits; i++)
		wanted |= any_goes_out(app->kits[i].manifest);
	return !wanted || (ca_bundle_find(app->state_dir, app->state_path, &app->ca_bundle, err) &&
			   upstreams_from_environment(&app->upstreams, err));
}

/* As root: sidecar, workload, egress sidecar and the one for hosts outside, of each workload, the
 * edge, the tester's sidecar, and the tester. */
static bool take_uids(struct app *app, struct err *err)
{
	if (getuid() != 0)
		return true;
	size_t count = 4 * plan_kit_count_workloads(app->plan_kits, app->n_kits) + 1 +
		       (app->tests ? 2 : 0);
	app->ids = ids_open(err);
	if (app->ids < 0)
		return false;
	app->uids = xcalloc(count, sizeof(*app->uids));
	for (size_t i = 0; i < count; i++)
		if (!(app->uids[i] = ids_take(app->ids, err)))
			return false;
	app->tester_uid = app->tests ? app->uids[count - 1] : 0;
	return true;
}

static bool find_programs(struct app *app, struct err *err)
{
	app->sidecar_program = path_helper_program("capakit-sidecar", err);
	if (!app->sidecar_program)
		return false;
	app->sandbox_program = path_helper_program("capakit-sandbox", err);
	return app->sandbox_program && toolchain_find(&app->toolchain, err);
}

/* A registry is needed by prepare phases alone: that there is none is an error when one runs. */
static void find_registry(struct app *app)
{
	struct err ignored;
	if (!registry_find(&app->toolchain, &app->registry, &ignored))
		app->registry = (struct registry){0};
}

static uint64_t machine_memory(void)
{
	struct sysinfo info;
	return sysinfo(&info) < 0 ? 0 : (uint64_t)info.totalram * info.mem_unit;
}

static bool make_plan(struct app *app, struct err *err)
{
	find_registry(app);
	cgroup_probe(&app->cgroups);
	app->inputs = (struct plan_inputs){
		.kits = app->plan_kits,
		.n_kits = app->n_kits,
		.app = app->name,
		.run_id = app->run_id,
		.runtime_folder = app->runtime_path,
		.state_folder = app->state_path,
		.run_folder = app->run_path,
		.bun = app->toolchain.bun,
		.toolchain_id = app->toolchain.id,
		.registry_url = app->registry.url,
		.registry_host = app->registry.host,
		.registry_port = app->registry.port,
		.profile = app->options->profile ? app->options->profile : PROFILE_DEFAULT,
		.host_services = app->options->host_services,
		.n_host_services = app->options->n_host_services,
		.upstreams = app->upstreams,
		.ca_bundle = app->ca_bundle,
		.uids = app->uids,
		.test_targets = app->tests ? app->tests->targets : NULL,
		.n_test_targets = app->tests ? app->tests->n_targets : 0,
		.exec = app->exec ? &app->exec->plan : NULL,
		.machine = {.cgroups = &app->cgroups,
			    .memory = machine_memory(),
			    .max_disk = app->options->max_disk},
	};
	app->plan = plan_new(&app->inputs, err);
	return app->plan != NULL;
}

static bool complete(const struct app *app, struct err *err)
{
	const struct app_options *options = app->options;
	return !options->complete || options->complete(options->owner, app, err);
}

bool app_setup(struct app *app, struct err *err)
{
	if (!app_kits_open(app, err) || !app_exec_select(app, err) || !app_tests_select(app, err) ||
	    !choose_name(app, err) || !complete(app, err) || !find_programs(app, err) ||
	    !resolve_mounts(app, err) || !name_random_id(app->run_id, err) ||
	    !app_folders_open(app, err))
		return false;
	app_tests_bind_mounts(app);
	return app_kits_load_dependencies(app, err) && take_uids(app, err) &&
	       app_kits_snapshot(app, err) && find_ways_out(app, err) && make_plan(app, err);
}

void app_setup_free(struct app *app)
{
	plan_free(&app->plan);
	app_kits_free(app);
	toolchain_free(&app->toolchain);
	registry_free(&app->registry);
	upstreams_free(&app->upstreams);
	for (size_t i = 0; i < app->n_mounts; i++)
		free(app->mounts[i].value);
	char **texts[] = {&app->name, &app->sidecar_program, &app->sandbox_program,
			  &app->ca_bundle};
	for (size_t i = 0; i < array_len(texts); i++) {
		free(*texts[i]);
		*texts[i] = NULL;
	}
	cgroup_support_free(&app->cgroups);
	free(app->mounts);
	free(app->uids);
}
