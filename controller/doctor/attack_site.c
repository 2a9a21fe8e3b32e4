// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The Kit of the attacks is planned as any: what is attacked is no sandbox that was made to be
 * attacked.
 */
#include "controller/doctor/attack_site.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/plan_environment.h"
#include "controller/manifest/problems.h"
#include "controller/sandbox/profile.h"

#define WORKLOAD "attack" // as data/capability.yml calls it
#define OWN_FOLDER "kit/workloads/" WORKLOAD
#define LAYER WORKLOAD ".start"

enum { FOLDER_KIT, FOLDER_VIEW, FOLDER_RUN, FOLDER_OWN };

/* ---- the Kit ---- */

static bool write_file(const char *folder, const char *name, const void *data, size_t len,
		       mode_t mode, struct err *err)
{
	auto_fd int dir = path_open_absolute(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);

	return dir >= 0 && path_write_atomic(dir, name, data, len, mode, err);
}

static bool copy_program(const char *folder, const char *name, struct err *err)
{
	auto_free char *program = path_helper_program(name, err);
	char *data = NULL;
	size_t len;

	if (!program)
		return false;
	auto_fd int fd = open(program, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "cannot read %s", program);
	bool ok = fd_read_all(fd, ATTACK_PROGRAM_MAX, &data, &len, err) &&
		  write_file(folder, name, data, len, 0755, err);
	free(data);
	return ok;
}

/* What a sandbox inside the sandbox would be told to do. */
static bool write_nested(const char *folder, struct err *err)
{
	auto_policy struct policy *policy = policy_new();

	policy_set(&policy->network_reason, "another sandbox inside");
	policy_add_arg(policy, "echo");
	policy_add_arg(policy, "RAN");
	if (!policy_add_standard_root(policy, err))
		return false;
	auto_free char *json = policy_to_json(policy, false);
	return write_file(folder, "nested.json", json, strlen(json), 0644, err);
}

static bool make_kit(struct attack_site *site, struct err *err)
{
	static const char *const folders[] = {
		[FOLDER_KIT] = "kit",
		[FOLDER_VIEW] = "view",
		[FOLDER_RUN] = "run",
		[FOLDER_OWN] = OWN_FOLDER,
	};
	const char *manifest = attack_kit_manifest();

	for (size_t i = 0; i < array_len(folders); i++)
		if (!(site->folders[i] = laboratory_folder(&site->laboratory, folders[i], err)))
			return false;
	auto_free char *hooks = laboratory_folder(&site->laboratory, "kit/.git/hooks", err);
	auto_free char *ingress = laboratory_folder(&site->laboratory, "view/0/ingress", err);
	return hooks && ingress &&
	       write_file(site->folders[FOLDER_KIT], MANIFEST_FILE, manifest, strlen(manifest),
			  0644, err) &&
	       write_file(site->folders[FOLDER_KIT], "spare", "", 0, 0644, err) &&
	       copy_program(site->folders[FOLDER_OWN], "capakit-attack", err) &&
	       copy_program(site->folders[FOLDER_OWN], "capakit-sandbox", err) &&
	       write_nested(site->folders[FOLDER_OWN], err);
}

/* ---- the plan ---- */

static bool read_manifest(struct attack_site *site, struct err *err)
{
	const char *text = attack_kit_manifest();
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	site->manifest = manifest_parse(text, strlen(text), MANIFEST_FILE, &problems);
	manifest_problems_free(&problems);
	return site->manifest || err_set(err, ERR_MANIFEST, "the doctor's own Kit is not valid");
}

static bool make_plan(struct attack_site *site, struct err *err)
{
	static char shared[] = "shared"; // the mount's key

	for (size_t i = 0; i < array_len(site->uids); i++)
		site->uids[i] = site->laboratory.uid;
	site->shared = (struct plan_value){shared, site->victim.shared};
	site->no_groups = (struct cgroup_support){.why_not = "", .fix = ""};
	site->kit = (struct plan_kit){
		.manifest = site->manifest,
		.name = "",
		.identity = "",
		.snapshot = site->folders[FOLDER_KIT],
		.snapshot_digest = "",
		.mounts = &site->shared,
		.n_mounts = 1,
	};
	site->inputs = (struct plan_inputs){
		.kits = &site->kit,
		.n_kits = 1,
		.app = "doctor",
		.run_id = site->run_id,
		.runtime_folder = site->folders[FOLDER_VIEW],
		.state_folder = site->laboratory.path,
		.run_folder = site->folders[FOLDER_RUN],
		.bun = site->toolchain.bun,
		.toolchain_id = site->toolchain.id,
		.profile = PROFILE_DEFAULT,
		.uids = site->laboratory.uid ? site->uids : NULL,
		.machine = {.cgroups = &site->no_groups},
	};
	site->plan = plan_new(&site->inputs, err);
	return site->plan != NULL;
}

/* ---- what is known ---- */

/* What this very person has, as far as the environment tells. */
static void add_own(struct attack_site *site)
{
	static const char bus[] = "unix:path=";
	struct err ignored;
	auto_free char *data = path_data_dir(&ignored);
	auto_free char *runtime = path_runtime_dir(&ignored);
	const char *session = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *folder = getenv("XDG_RUNTIME_DIR");
	const char *display = getenv("WAYLAND_DISPLAY");

	attack_facts_add(&site->facts, "HOME", getenv("HOME"));
	attack_facts_add(&site->facts, "DATA", data);
	attack_facts_add(&site->facts, "RUNTIME", runtime);
	attack_facts_add(&site->facts, "SSH_AGENT", getenv("SSH_AUTH_SOCK"));
	if (session && str_starts(session, bus)) {
		auto_free char *path =
			xstrndup(session + strlen(bus), strcspn(session + strlen(bus), ",;"));
		attack_facts_add(&site->facts, "SESSION_BUS", path);
	}
	if (folder && display) {
		auto_free char *path = xasprintf("%s/%s", folder, display);
		attack_facts_add(&site->facts, "DISPLAY", path);
	}
}

static void add_known(struct attack_site *site)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	attack_facts_add(&site->facts, "HOST", host);
	attack_facts_add(&site->facts, "SHARED", PLAN_MOUNTS "/shared");
	attack_facts_add(&site->facts, "KIT", "/kit");
	attack_facts_add(&site->facts, "BIN", "/kit/workloads/" WORKLOAD);
	for (size_t i = 0; i < site->plan->workloads[0].start->n_limits; i++) {
		const struct policy_limit *limit = &site->plan->workloads[0].start->limits[i];
		auto_free char *more = xasprintf("%llu", (unsigned long long)limit->value + 1);
		if (limit->resource == POLICY_LIMIT_NOFILE)
			attack_facts_add(&site->facts, "FILES", more);
		if (limit->resource == POLICY_LIMIT_NPROC)
			attack_facts_add(&site->facts, "PROCESSES", more);
	}
	add_own(site);
}

bool attack_site_open(struct attack_site *site, struct err *err)
{
	if (!toolchain_find(&site->toolchain, err) || !name_random_id(site->run_id, err) ||
	    !laboratory_open(&site->laboratory, err) || !make_kit(site, err) ||
	    !attack_victim_open(&site->victim, site->laboratory.uid, &site->facts, err) ||
	    !read_manifest(site, err) || !make_plan(site, err))
		return false;
	add_known(site);
	return true;
}

struct policy *attack_site_start(struct attack_site *site, char *const *words, struct err *err)
{
	auto_fd int run = path_open_absolute(site->folders[FOLDER_RUN],
					     O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);

	if (run < 0 || !path_remove_tree(run, LAYER, err))
		return NULL;
	auto_free char *upper = laboratory_folder(&site->laboratory, "run/" LAYER "/upper", err);
	auto_free char *work = laboratory_folder(&site->laboratory, "run/" LAYER "/work", err);
	auto_free char *json = policy_to_json(site->plan->workloads[0].start, false);
	auto_policy struct policy *policy = policy_from_json(json, strlen(json), err);
	if (!upper || !work || !policy)
		return NULL;
	policy_clear_args(policy);
	policy_add_arg(policy, "./capakit-attack");
	for (; *words; words++)
		policy_add_arg(policy, *words);
	return take_ptr(&policy);
}

void attack_site_close(struct attack_site *site)
{
	attack_victim_close(&site->victim);
	plan_free(&site->plan);
	manifest_free(&site->manifest);
	toolchain_free(&site->toolchain);
	laboratory_close(&site->laboratory);
	attack_facts_free(&site->facts);
	for (size_t i = 0; i < array_len(site->folders); i++)
		free(site->folders[i]);
}
