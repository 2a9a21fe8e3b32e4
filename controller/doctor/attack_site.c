// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The folder of the victim is below /var/tmp and not below the state folder: as root, the user of
 * the sandboxes has to get there when a layer fails, or the permissions of a folder above would
 * hide that.
 */
#include "controller/doctor/attack_site.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/names.h"
#include "controller/app/plan_environment.h"
#include "controller/attack/attack.h"
#include "controller/manifest/problems.h"
#include "controller/sandbox/profile.h"

#define HOSTS "/var/tmp"
#define WORKLOAD "attack" // as data/capability.yml calls it
#define OWN_FOLDER "kit/workloads/" WORKLOAD
#define LAYER WORKLOAD ".start"
#define PROGRAM_MAX (64 * MIB)
#define FACTS_MAX (8 * KIB) // what the victim says of itself

enum { FOLDER_KIT, FOLDER_VIEW, FOLDER_RUN, FOLDER_OWN };

static void add_fact(struct attack_site *site, const char *name, const char *value)
{
	if (!value)
		return;
	site->facts = xreallocarray(site->facts, site->n_facts + 1, sizeof(*site->facts));
	site->facts[site->n_facts++] = (struct attack_fact){xstrdup(name), xstrdup(value)};
}

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
	bool ok = fd_read_all(fd, PROGRAM_MAX, &data, &len, err) &&
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
	for (size_t i = 0; i < array_len(site->uids); i++)
		site->uids[i] = site->laboratory.uid;
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

/* ---- the victim ---- */

static bool make_host(struct attack_site *site, struct err *err)
{
	uid_t uid = site->laboratory.uid;

	site->host = xstrdup(HOSTS "/capakit-attack.XXXXXX");
	if (!mkdtemp(site->host)) {
		free(take_ptr(&site->host));
		return err_sys(err, errno, "cannot make a folder in " HOSTS);
	}
	auto_free char *outside = xasprintf("%s/outside", site->host);
	site->shared.key = xstrdup("shared");
	site->shared.value = xasprintf("%s/shared", site->host);
	if (!path_make_dirs(outside, 0755, err) || !path_make_dirs(site->shared.value, 0755, err))
		return false;
	if (uid && (chmod(site->host, 0711) < 0 || chown(outside, uid, uid) < 0))
		return err_sys(err, errno, "cannot give %s to the victim", outside);
	add_fact(site, "OUTSIDE", outside);
	return true;
}

_Noreturn static void be_victim(const struct attack_site *site, int input, int output)
{
	auto_free char *uid = xasprintf("%u", site->laboratory.uid);
	auto_free char *outside = xasprintf("%s/outside", site->host);
	auto_free char *pass = xasprintf("%s/pass.sock", site->shared.value);
	auto_free char *host = xasprintf("%s/host.sock", outside);
	char *words[] = {uid, outside, pass, host};

	setsid(); // what a terminal sends is the doctor's to answer
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
		_exit(ATTACK_NOT_TRIED);
	_exit(attack_victim(array_len(words), words));
}

/* NAME=VALUE, and at last READY=1. */
static bool read_facts(struct attack_site *site, int output, struct err *err)
{
	struct pollfd ready = {.fd = output, .events = POLLIN};
	char text[FACTS_MAX];
	size_t len = 0;
	ssize_t n = 1;

	text[0] = '\0';
	while (!strstr(text, "READY=1\n") && n > 0 && len + 1 < sizeof(text) &&
	       poll(&ready, 1, DOCTOR_TRIAL_MS) > 0) {
		n = read(output, text + len, sizeof(text) - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		text[len] = '\0';
	}
	if (!strstr(text, "READY=1\n"))
		return err_set(err, ERR_TIMEOUT,
			       "the process that is to be attacked did not start");
	char *rest = text;
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		const char *name = strsep(&line, "=");
		add_fact(site, name, line);
	}
	return true;
}

static bool start_victim(struct attack_site *site, struct err *err)
{
	int input[2], output[2];

	if (pipe2(input, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	auto_fd int victims_input = input[0];
	site->victim_input = input[1];
	if (pipe2(output, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	auto_fd int reading = output[0];
	auto_fd int writing = output[1];
	fflush(stdout); // else the child would print it too
	site->victim = fork();
	if (site->victim == 0)
		be_victim(site, victims_input, writing);
	if (site->victim < 0)
		return err_sys(err, errno, "cannot start the process that is to be attacked");
	fd_close(&writing);
	return read_facts(site, reading, err);
}

/* What a careless caller leaves to whatever it starts. */
static bool leak(struct attack_site *site, struct err *err)
{
	auto_free char *outside = xasprintf("%s/outside", site->host);
	auto_free char *secret = xasprintf("%s/secret", outside);

	site->leaks[0] = open(outside, O_RDONLY | O_DIRECTORY);
	site->leaks[1] = open(secret, O_RDONLY);
	if (site->leaks[0] < 0 || site->leaks[1] < 0 ||
	    setenv("HOST_VARIABLE", ATTACK_SECRET, 1) < 0)
		return err_sys(err, errno, "cannot open %s", secret);
	return true;
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

	add_fact(site, "HOME", getenv("HOME"));
	add_fact(site, "DATA", data);
	add_fact(site, "RUNTIME", runtime);
	add_fact(site, "SSH_AGENT", getenv("SSH_AUTH_SOCK"));
	if (session && str_starts(session, bus)) {
		auto_free char *path =
			xstrndup(session + strlen(bus), strcspn(session + strlen(bus), ",;"));
		add_fact(site, "SESSION_BUS", path);
	}
	if (folder && display) {
		auto_free char *path = xasprintf("%s/%s", folder, display);
		add_fact(site, "DISPLAY", path);
	}
}

static void add_known(struct attack_site *site)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	add_fact(site, "HOST", host);
	add_fact(site, "SHARED", PLAN_MOUNTS "/shared");
	add_fact(site, "KIT", "/kit");
	add_fact(site, "BIN", "/kit/workloads/" WORKLOAD);
	for (size_t i = 0; i < site->plan->workloads[0].start->n_limits; i++) {
		const struct policy_limit *limit = &site->plan->workloads[0].start->limits[i];
		auto_free char *more = xasprintf("%llu", (unsigned long long)limit->value + 1);
		if (limit->resource == POLICY_LIMIT_NOFILE)
			add_fact(site, "FILES", more);
		if (limit->resource == POLICY_LIMIT_NPROC)
			add_fact(site, "PROCESSES", more);
	}
	add_own(site);
}

bool attack_site_open(struct attack_site *site, struct err *err)
{
	if (!toolchain_find(&site->toolchain, err) || !name_random_id(site->run_id, err) ||
	    !laboratory_open(&site->laboratory, err) || !make_kit(site, err) ||
	    !make_host(site, err) || !start_victim(site, err) || !leak(site, err) ||
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

bool attack_site_unharmed(const struct attack_site *site, struct err *err)
{
	char text[sizeof(ATTACK_SECRET) + 1] = "";

	if (waitpid(site->victim, NULL, WNOHANG) != 0)
		return err_set(err, ERR_CLOSED, "the process that was attacked has ended");
	ssize_t len = pread(site->leaks[1], text, sizeof(text), 0);
	if (len != sizeof(ATTACK_SECRET) || memcmp(text, ATTACK_SECRET "\n", (size_t)len) != 0)
		return err_set(err, ERR_DENIED, "the file that was attacked has been changed");
	return true;
}

static void remove_host(struct attack_site *site)
{
	auto_fd int hosts = open(HOSTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err ignored;

	// What cannot be removed is no secret of anybody's.
	if (site->host && hosts >= 0)
		(void)!path_remove_tree(hosts, strrchr(site->host, '/') + 1, &ignored);
	free(take_ptr(&site->host));
}

void attack_site_close(struct attack_site *site)
{
	fd_close(&site->victim_input);
	if (site->victim > 0)
		waitpid(site->victim, NULL, 0);
	for (size_t i = 0; i < SITE_LEAKS; i++)
		fd_close(&site->leaks[i]);
	remove_host(site);
	plan_free(&site->plan);
	manifest_free(&site->manifest);
	toolchain_free(&site->toolchain);
	laboratory_close(&site->laboratory);
	for (size_t i = 0; i < site->n_facts; i++) {
		free(site->facts[i].name);
		free(site->facts[i].value);
	}
	free(site->facts);
	for (size_t i = 0; i < array_len(site->folders); i++)
		free(site->folders[i]);
	free(site->shared.key);
	free(site->shared.value);
}
