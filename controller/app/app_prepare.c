// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs the prepare and hydrate phases whose layers are not there yet, all at once but for a hydrate
 * that waits for its prepare; each in a sandbox of its own with, where it has network, an egress
 * sidecar that lives as long. What a phase wrote becomes a layer only when it ended with status 0.
 * A layer that another `up` makes is waited for.
 */
#include <errno.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/store/store.h"

#define LOOK_AGAIN_MS 50 // whether another `up` has made the layer; nothing tells us

enum job_state {
	JOB_NEW,   // not begun: what it needs is not there yet
	JOB_WAITS, // for another `up`
	JOB_RUNS,
	JOB_DONE,
};

struct app_prepare { // one phase of one workload
	struct app *app;
	const struct plan_workload *plan;
	enum manifest_phase_name phase;
	struct app_prepare *below; // must be done first; NULL: nothing
	enum job_state state;
	int making; // the lock of the layer
	struct sandbox sandbox;
	struct app_egress egress;
	struct log_writer *log;
	int wait_status; // of the sandbox, when it has ended
	struct loop_timer look_again;
};

static const struct plan_layer *layer_of(const struct app_prepare *job)
{
	return &job->plan->layers[job->phase];
}

static void tell(const struct app_prepare *job, enum app_event_kind kind)
{
	app_tell(job->app, kind, job->plan, job->phase, job->log);
}

static void failed(struct app_prepare *job, const struct err *err)
{
	app_fail(job->app, job->log, job->egress.name, err);
}

static void unlock(struct app_prepare *job)
{
	store_unlock_making(job->app->state_dir, layer_of(job)->key, &job->making);
}

static void begin_all(struct app *app);

static void done(struct app_prepare *job)
{
	job->state = JOB_DONE;
	unlock(job);
	begin_all(job->app);
}

/* ---- the phase ---- */

static bool draft_layer(const struct app_prepare *job, struct store_draft *draft, struct err *err)
{
	auto_free char *upper =
		xasprintf("%s.%s/upper", job->plan->name, manifest_phase_text(job->phase));
	if (!store_draft_open(draft, job->app->state_dir, STORE_LAYER, err))
		return false;
	if (renameat(job->app->run_dir, upper, draft->folder, "tree") == 0)
		return true;
	err_sys(err, errno, "cannot take what it made");
	store_draft_discard(draft);
	return false;
}

static bool publish(const struct app_prepare *job, struct err *err)
{
	struct store_draft draft;
	auto_fd int lock = store_lock_shared(job->app->state_dir, err);
	return lock >= 0 && draft_layer(job, &draft, err) &&
	       store_draft_publish(&draft, layer_of(job)->key, job->plan->kit->identity,
				   job->egress.name, err);
}

/* The sandbox has ended, and its egress sidecar, whose user the next phase takes over. */
static void finish(void *owner)
{
	struct app_prepare *job = owner;
	struct err err;
	if (job->wait_status != 0) {
		char text[SANDBOX_END_MAX];
		(void)sandbox_explain_end(&job->sandbox, &job->plan->resources, job->wait_status,
					  text);
		err_set(&err, ERR_SYSTEM,
			"the %s %s; `capakit logs %s %s --phase %s` shows all that it said, and "
			"`capakit logs %s @capakit` which hosts it was refused",
			job->egress.name, text, job->app->name, job->plan->name,
			manifest_phase_text(job->phase), job->app->name);
		failed(job, &err);
	} else if (!publish(job, &err)) {
		err_prefix(&err, "cannot keep what the %s made", job->egress.name);
		failed(job, &err);
	} else {
		tell(job, APP_EVENT_DONE);
		done(job);
	}
}

static void on_listener(void *owner, int fd)
{
	struct app_prepare *job = owner;
	app_egress_serve(&job->egress, fd);
}

static void on_ended(void *owner, int wait_status)
{
	struct app_prepare *job = owner;
	job->wait_status = wait_status;
	app_egress_end(&job->egress);
	if (job->app->state >= APP_STOPPING)
		app_check_ended(job->app);
	else if (!app_egress_running(&job->egress))
		finish(job);
}

static const struct sandbox_callbacks callbacks = {.listener = on_listener, .ended = on_ended};

static bool start_sandbox(struct app_prepare *job, const char *cgroup_name, struct err *err)
{
	struct app *app = job->app;
	const struct plan_resources *resources = &job->plan->resources;
	auto_fd int upper =
		app_folders_upper(app, job->plan->name, manifest_phase_text(job->phase), err);
	if (upper < 0)
		return false;
	struct sandbox_start start = {
		.program = app->sandbox_program,
		.policy = layer_of(job)->policy,
		.log = job->log,
		.cgroup = &app->cgroup,
		.cgroup_name = cgroup_name,
		.limits = plan_resources_cgroup(resources),
		.upper = upper,
		.max_disk = resources->limits[PLAN_DISK].value,
	};
	return sandbox_start(&job->sandbox, app->loop, &start, &callbacks, job, err);
}

static bool check_registry(const struct app_prepare *job, struct err *err)
{
	const struct manifest_phase *phase = &job->plan->manifest->phases[job->phase];
	struct registry registry;
	if (phase->network.kind != NETWORK_REGISTRIES || job->app->registry.host)
		return true;
	if (!registry_find(&job->app->toolchain, &registry, err))
		return false;
	registry_free(&registry);
	return true;
}

static bool run(struct app_prepare *job, struct err *err)
{
	struct app *app = job->app;
	const char *phase = manifest_phase_text(job->phase);
	auto_free char *log_name = xasprintf("%s.%s", job->plan->name, phase);
	job->state = JOB_RUNS;
	if (!check_registry(job, err))
		return false;
	job->log = log_writer_open(app->log_dir, log_name, err);
	tell(job, APP_EVENT_BEGINS);
	return job->log && app_folders_layer(app, job->plan->name, phase, err) &&
	       start_sandbox(job, log_name, err);
}

/* ---- whether it has to run ---- */

static bool is_made(const struct app_prepare *job)
{
	return store_has(job->app->state_dir, STORE_LAYER, layer_of(job)->key);
}

static bool wait_for_other(struct app_prepare *job)
{
	if (job->state != JOB_WAITS)
		tell(job, APP_EVENT_WAITS);
	job->state = JOB_WAITS;
	loop_timer_start(&job->look_again, LOOK_AGAIN_MS);
	return true;
}

static bool try(struct app_prepare *job, struct err *err)
{
	job->making = store_lock_making(job->app->state_dir, layer_of(job)->key, err);
	if (job->making < 0)
		return err->code == ERR_EXISTS && wait_for_other(job);
	if (!is_made(job))
		return run(job, err);
	tell(job, APP_EVENT_KEPT); // the other one was faster
	job->state = JOB_DONE;
	unlock(job);
	return true;
}

static void begin(struct app_prepare *job)
{
	struct err err;
	if (try(job, &err))
		return;
	err_prefix(&err, "workload %s", job->plan->name);
	failed(job, &err);
}

static void on_look_again(struct loop_timer *timer)
{
	struct app_prepare *job = container_of(timer, struct app_prepare, look_again);
	begin(job);
	if (job->state == JOB_DONE)
		begin_all(job->app);
}

/* Begins what can begin; when nothing is left to do, the app starts. */
static void begin_all(struct app *app)
{
	size_t n_done = 0;
	for (size_t i = 0; i < app->n_prepares && app->state == APP_PREPARING; i++) {
		struct app_prepare *job = &app->prepares[i];
		if (job->state == JOB_NEW && (!job->below || job->below->state == JOB_DONE))
			begin(job);
		n_done += job->state == JOB_DONE;
	}
	if (n_done == app->n_prepares)
		app_start_all(app);
}

/* The same Kit at several places of the tree is prepared once. */
static struct app_prepare *find_job(const struct app *app, const char *key)
{
	for (size_t i = 0; i < app->n_prepares; i++)
		if (str_eq(layer_of(&app->prepares[i])->key, key))
			return &app->prepares[i];
	return NULL;
}

static struct app_prepare *add_job(struct app *app, const struct plan_workload *plan,
				   enum manifest_phase_name phase, struct app_prepare *below)
{
	struct app_prepare *job = &app->prepares[app->n_prepares++];
	*job = (struct app_prepare){
		.app = app, .plan = plan, .phase = phase, .below = below, .making = -1};
	loop_timer_init(&job->look_again, app->loop, on_look_again);
	app_egress_init(&job->egress, app, plan, phase, &job->sandbox, finish, job);
	return job;
}

static void add_jobs(struct app *app, const struct plan_workload *plan)
{
	struct app_prepare *below = NULL;
	for (enum manifest_phase_name phase = PHASE_PREPARE; phase < PHASE_START; phase++) {
		const struct plan_layer *layer = &plan->layers[phase];
		struct app_prepare *job = layer->policy ? find_job(app, layer->key) : NULL;
		if (!layer->policy)
			continue;
		if (job)
			below = job;
		else if (store_has(app->state_dir, STORE_LAYER, layer->key))
			app_tell(app, APP_EVENT_KEPT, plan, phase, NULL);
		else
			below = add_job(app, plan, phase, below);
	}
}

void app_prepare_start(struct app *app)
{
	app->prepares = xcalloc(app->plan->n_workloads * PHASE_START, sizeof(*app->prepares));
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		add_jobs(app, &app->plan->workloads[i]);
	begin_all(app);
}

/* ---- the end ---- */

void app_prepare_stop(struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++) {
		struct app_prepare *job = &app->prepares[i];
		loop_timer_stop(&job->look_again);
		sandbox_signal(&job->sandbox, SANDBOX_KILL);
		app_egress_end(&job->egress);
	}
}

bool app_prepare_running(const struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++)
		if (app->prepares[i].sandbox.pid || app_egress_running(&app->prepares[i].egress))
			return true;
	return false;
}

void app_prepare_free(struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++) {
		struct app_prepare *job = &app->prepares[i];
		unlock(job);
		log_writer_free(&job->log);
		app_egress_free(&job->egress);
	}
	free(app->prepares);
	app->prepares = NULL;
	app->n_prepares = 0;
}
