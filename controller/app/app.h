// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A running app: what the controller does from the first lock to the last removed folder.
 *
 *   app_cgroups.c   control groups
 *   app_kits.c      the Kit and those that it depends on
 *   app_folders.c   lock, runtime and run folders, views, janitor
 *   app_prepare.c   prepare and hydrate phases, layers
 *   app_egress.c    the egress sidecar of a phase
 *   app_sidecars.c  sidecars of workloads and the edge, restarts
 *   app_links.c     links between them, renewal
 *   app_workloads.c sandboxes of `start`, readiness, restarts
 *   app_restart.c   restarting one workload, since a person asked
 *   app_state.c     when it is running, when it has failed, how it stops
 *   app_status.c    what the control API says of it
 *   app_exec.c      the command of `capakit exec`
 *   app_faults.c    what shall go wrong during a test case
 *   app_tests.c     the cases of `capakit test`; app_test_exec.c those before the app starts
 */
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "controller/app/app_egress.h"
#include "controller/app/app_event.h"
#include "controller/app/host_service.h"
#include "controller/app/janitor.h"
#include "controller/app/limit_hit.h"
#include "controller/app/names.h"
#include "controller/app/plan.h"
#include "controller/app/sandbox_process.h"
#include "controller/app/sidecar_process.h"
#include "controller/app/upstream.h"
#include "controller/control/control_service.h"
#include "controller/sources/source.h"
#include "controller/store/toolchain.h"
#include "secrets/keeper_client.h"

struct app;
struct app_exec;
struct app_tests;
struct test_record;
struct test_report;

#define APP_STOP_CALLS_MAX 16 // who may wait for the end of one app; a person and some scripts

/* What a person asked for with `capakit up`. All strings are the caller's. */
struct app_options {
	const char *kit;     // as named on the command line; NULL: the current folder
	const char *name;    // NULL: the manifest's
	const char *address; // NULL: made of the name
	const char *profile; // NULL: the default; there is one of that name
	uint16_t port;	     // 0: any
	struct plan_value *options;
	size_t n_options;
	struct plan_value *mounts; // paths as given
	size_t n_mounts;
	uid_t *allow_uids;
	size_t n_allow_uids;
	struct host_service *host_services;
	size_t n_host_services;
	uint64_t start_timeout_ms;
	uint64_t stop_grace_ms;
	uint32_t certificate_lifetime_s;
	uint64_t max_disk; // of a sandbox's own folder; 0: the default
	bool detach;
	bool yes;    // confirmed what would be asked
	bool pinned; // a dependency by git has to name a commit: what was signed says what runs
	struct app_test_options *tests; // NULL: the app is to stay
	struct app_exec_options *exec;	// not NULL: of the app nothing is started but this
	/* The Kit has been read: `options` and `mounts` may be added to, with what it asks for and
	 * was not given. False, with the error, ends it. NULL: they stay as they are. */
	bool (*complete)(void *owner, const struct app *app, struct err *err);
	/* The plan is made and nothing has started yet: false, with the error, when the person does
	 * not want it. */
	bool (*confirm)(void *owner, const struct plan *plan, struct err *err);
	/* Everything is ready: URLs are to be printed, and a detached process to let go. */
	void (*ready)(void *owner, const struct app *app);
	app_event_fn *event;
	void *owner;
};

/* `capakit test`: which cases, and who hears of them. All is the caller's. */
struct app_test_options {
	const char **ids; // none: all
	size_t n_ids;
	struct test_report *report; // filled as the cases end; made when the Kit has been read
	void (*ended)(void *owner, const struct test_record *record);
};

/* `capakit exec`. All is the caller's. */
struct app_exec_options {
	const char *workload; // NULL: the only one
	char **argv;
	size_t n_argv;
	bool has_network; // else that of start
	enum network_kind network;
	/* A new file that may not stay (exec_guard.h) was removed. */
	void (*removed)(void *owner, const char *path);
	/* Set when the command has ended. */
	int status;   // as a shell says it
	bool offline; // it had no network, since start has none
};

enum app_state {
	APP_PREPARING, // secrets are checked, prepare and hydrate phases run
	APP_STARTING,
	APP_RUNNING,
	APP_STOPPING, // in order: requests end, workloads get SIGTERM
	APP_ENDED,
};

/* A sidecar of the app, with the listening sockets that outlive its crashes. */
struct app_sidecar {
	struct app *app;
	const struct plan_workload *plan; // NULL: the edge
	struct sidecar process;
	bool configured;  // of the present process
	uint32_t faults;  // serial of those that are in force in it (app_faults.c)
	bool drilled;	  // it was killed for a test
	int view;	  // folder
	int ingress;	  // folder in it
	int bridge;	  // listener
	int *connections; // listeners, as plan->connections
	int edge;	  // listener
	unsigned restarts;
	struct loop_timer restart;
};

enum app_restart {
	APP_RESTART_NONE,
	APP_RESTART_PAUSED, // no new requests; those under way may end
	APP_RESTART_ENDING, // it was asked to end
};

struct app_workload {
	struct app *app;
	const struct plan_workload *plan;
	struct app_sidecar sidecar;
	struct app_egress egress; // of start
	struct sandbox sandbox;
	struct log_writer *log;
	uint32_t token; // of the present start
	bool ready;
	bool listened;	       // its socket accepted, or it said so: not only started
	int64_t started_at_ms; // wall clock
	unsigned restarts;
	unsigned failures;		// restarts in a row
	char *reason;			// why it restarted last
	struct limit_hit hit;		// if a limit had a part in that
	enum app_restart restarting;	// since a person asked
	struct grpc_call *restart_call; // who waits for that; answered when it is ready
	struct loop_timer start_timeout;
	struct loop_timer restart;
	struct loop_timer steady; // has run long enough to forgive earlier restarts
	struct loop_timer grace;  // of one that is to be started again, in either state
};

struct app_link {
	const struct plan_link *plan;
	unsigned made; // how often
	bool up;       // as its caller sees it
};

/* One Kit of the app, as it is on disk. */
struct app_kit {
	struct kit_source source;
	struct manifest *manifest;
	char *name; // as struct plan_kit's
	char *identity;
	char *snapshot; // folder
	char snapshot_digest[SHA256_HEX];
};

struct app_prepare; // app_prepare.c

struct app {
	const struct app_options *options;
	struct loop *loop;
	enum app_state state;
	struct err failure; // code ERR_NONE: none
	bool interrupted;
	int64_t started_at_ms;

	/* Made before anything starts (app_setup.c). */
	struct app_kit *kits; // the first is the one that was started
	struct plan_kit *plan_kits;
	size_t n_kits;
	struct toolchain toolchain;
	struct registry registry;
	struct upstreams upstreams; // that the host goes out by
	struct plan_inputs inputs;
	struct app_exec *exec;		     // NULL: no `capakit exec`
	struct app_tests *tests;	     // NULL: no test run
	uid_t tester_uid;		     // as root: of the tester itself
	const struct manifest_fault *faults; // of the test case under way
	size_t n_faults;
	uint32_t faults_serial;
	struct plan *plan;
	struct plan_value *mounts; // with real paths; those given, then scratch copies for tests
	size_t n_mounts;
	char *name;
	char run_id[RUN_ID_HEX];
	char address[16];
	uint16_t port;
	char *sidecar_program;
	char *sandbox_program;
	char *ca_bundle;
	uid_t *uids;
	struct cgroup_support cgroups;

	/* Folders (app_folders.c). */
	char *state_path, *run_path, *runtime_path, *log_path;
	int state_dir, runtime_root, run_root, apps_root, app_state_dir, log_dir, run_dir,
		runtime_dir;
	int lock, run_lock, ids;
	struct cgroup cgroup; // of this run
	int store_lock;	      // until the run says what it uses
	struct janitor janitor;

	/* Processes. */
	pid_t keeper_pid;
	struct keeper_client *keeper;
	struct app_workload *workloads;
	struct app_sidecar edge;
	struct app_sidecar *outsides; // as plan->outsides
	struct app_sidecar tester;    // its plan is NULL without tests that need it
	struct app_link *links;
	struct app_prepare *prepares;
	size_t n_prepares;
	struct log_writer *log; // LOG_OWN_NAME: our own processes
	int log_pipe;		// write end, standard error of sidecars
	int log_pipe_read;
	struct loop_io log_io;

	/* Control. */
	struct control_service *control;
	struct grpc_call *stop_calls[APP_STOP_CALLS_MAX]; // answered when it is gone
	size_t n_stop_calls;
	struct loop_signal interrupt, terminate, hangup;
	struct loop_timer relink, renewal, grace, kill;
	bool killed; // what did not end in time
};

/* The keeper, forked before any Kit was read; app_run takes it over. */
struct app_keeper {
	pid_t pid;
	int channel;
};

/*
 * Runs an app until it ends. Gives the error that ended it, or ERR_NONE when it was stopped as
 * asked, or ERR_CANCELLED when it was interrupted. Problems of the manifest have been printed when
 * it is ERR_MANIFEST.
 */
void app_run(const struct app_options *options, struct loop *loop, const struct app_keeper *keeper,
	     struct err *result);

/* An app that nothing is known of yet: what app_setup and app_setup_free may be given. */
void app_init(struct app *app, const struct app_options *options);

/* ---- between the files of this folder ---- */

/* app_folders.c */
must_check bool app_folders_open(struct app *app, struct err *err); // state, and all paths
must_check bool app_folders_lock(struct app *app, struct err *err); // the app is ours; its logs
must_check bool app_folders_make(struct app *app, struct err *err); // views, run folder, janitor
must_check bool app_folders_layer(struct app *app, const char *workload, const char *phase,
				  struct err *err); // <run>/<workload>.<phase>/{upper,work}
int app_folders_upper(const struct app *app, const char *workload, const char *phase,
		      struct err *err);	 // of it, opened
void app_folders_close(struct app *app); // after the last process: lets the janitor remove

/* app_kits.c */
must_check bool app_kits_open(struct app *app, struct err *err); // the Kit itself
must_check bool app_kits_load_dependencies(struct app *app, struct err *err);
must_check bool app_kits_snapshot(struct app *app, struct err *err);
void app_kits_free(struct app *app);

/* app_cgroups.c */
must_check bool app_cgroups_make(struct app *app, struct err *err); // in the run folder's time
bool app_cgroups_sweep(int run_root, const char *run_id); // of a run that is over; false: not all

/* app_setup.c: everything that is decided before a process starts; no app is locked or changed */
must_check bool app_setup(struct app *app, struct err *err);
void app_setup_free(struct app *app);

/* app_prepare.c */
void app_prepare_start(struct app *app); // then app_start_all
void app_prepare_stop(struct app *app);	 // kills what runs
bool app_prepare_running(const struct app *app);
void app_prepare_free(struct app *app);

/* app_sidecars.c */
must_check bool app_sidecars_open(struct app *app, struct err *err); // listeners in views, the edge
void app_sidecars_start(struct app *app);
bool app_sidecars_configured(const struct app *app);
bool app_sidecars_running(const struct app *app);
void app_sidecars_drain(struct app *app);
void app_sidecars_close(struct app *app);
void app_sidecars_kill(struct app *app);
void app_sidecars_free(struct app *app);
struct app_sidecar *app_sidecar_of(struct app *app, size_t index); // as in links

/* app_links.c */
void app_links_init(struct app *app);
void app_links_make(struct app *app); // all
void app_links_make_of(struct app *app, const struct app_sidecar *sidecar);
void app_links_on_state(struct app *app, const struct app_sidecar *from,
			const Capakit__Sidecar__V1__LinkState *state);
bool app_links_up(const struct app *app);
void app_links_watch_renewal(struct app *app);
void app_links_stop(struct app *app); // its timers

/* app_workloads.c */
void app_workloads_start(struct app *app);
must_check bool app_workload_watch_ready(struct app_workload *workload, struct err *err);
void app_workload_ready(struct app_workload *workload, uint32_t token);
bool app_workloads_ready(const struct app *app);
bool app_workloads_running(const struct app *app);
void app_workloads_signal(struct app *app, int number); // also SANDBOX_KILL
void app_workloads_free(struct app *app);

/* app_secrets.c */
void app_secrets_check(struct app *app); // then app_prepare_start
void app_on_revoke(void *owner, const char *kit, const char *name, const char *workload,
		   struct grpc_call *call);

/* app_exec.c: all but app_exec_start does nothing unless this is `capakit exec` */
must_check bool app_exec_select(struct app *app, struct err *err); // the Kit has been read
void app_exec_start(struct app *app);
bool app_exec_running(const struct app *app);
bool app_exec_signal(struct app *app, int number); // true: the command gets it
void app_exec_stop(struct app *app);
void app_exec_free(struct app *app);

/* app_tests.c: all of it does nothing unless this is a test run */
must_check bool app_tests_select(struct app *app, struct err *err); // the Kit has been read
void app_tests_bind_mounts(struct app *app); // scratch copies for those nobody bound
bool app_tests_have_mount(const struct app *app, const char *mount); // there is a scratch copy
bool app_tests_need_app(const struct app *app);			     // also true without tests
bool app_tests_prepared(struct app *app); // false: it does other things before the app starts
void app_tests_go_on(struct app *app);	  // the app runs, and something has changed
void app_tests_stop(struct app *app);	  // kills what runs
bool app_tests_running(const struct app *app);
void app_tests_free(struct app *app);

/* app_faults.c */
void app_faults_set(struct app *app, const struct manifest_fault *faults, size_t count);
must_check bool app_faults_send(struct app_sidecar *sidecar, struct err *err); // those in force
bool app_faults_in_force(const struct app *app);			       // in every sidecar
void app_faults_reached(struct app *app, const char *link);

/* app.c: what our own processes wrote since the last look, into the log; true: there may be more.
 */
bool app_read_log(struct app *app);

/* app_state.c */
void app_tell(struct app *app, enum app_event_kind kind, const struct plan_workload *workload,
	      enum manifest_phase_name phase, const struct log_writer *log);
void app_state_init(struct app *app);
void app_start_all(struct app *app); // prepared: start everything
void app_check_running(struct app *app);
void app_stop(struct app *app, uint64_t grace_ms);
/* Remembers the first failure, shows the last lines of `log` (of `name`; NULL: none), and stops. */
void app_fail(struct app *app, const struct log_writer *log, const char *name,
	      const struct err *why);
void app_check_ended(struct app *app); // some process ended
void app_state_stop(struct app *app);  // its watchers

/* app_restart.c */
void app_on_restart(void *owner, const char *name, struct grpc_call *call);
bool app_restart_ended(struct app_workload *workload);			// false: it ended by itself
void app_restart_paused(struct app_workload *workload, uint32_t token); // no requests any more
void app_restart_done(struct app_workload *workload);			// it is ready
void app_restart_failed(struct app_workload *workload, const char *why);

/* app_status.c */
void app_on_status(void *owner, struct grpc_call *call);
void app_on_stop(void *owner, uint32_t grace_ms, struct grpc_call *call);
