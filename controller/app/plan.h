// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The plan of an app: which processes, sockets, links and policies it consists of, made from the
 * manifest and what the person chose. Pure data made by pure functions: nothing is started, no
 * file is read, and `capakit policy show` prints from the very same plan that `up` runs.
 */
#include <sys/types.h>

#include "base/err.h"
#include "base/sha256.h"
#include "controller/app/upstream.h"
#include "controller/app/plan_resources.h"
#include "controller/manifest/manifest.h"
#include "controller/sandbox/policy.h"

struct plan_value { // --option KEY=VALUE or --mount KEY=PATH
	char *key;
	char *value;
};

/* Lists of which each text is the list's own. */
void plan_value_add(struct plan_value **list, size_t *count, const char *key, const char *value);
void plan_values_free(struct plan_value *list, size_t count);

struct plan_secret { // what a Kit calls `key` is the secret `name` of the Kit `kit_identity`
	const char *key;
	const char *kit_identity;
	const char *name;
};

/* One Kit of the app: the one that was started, and each dependency at its place in the tree. */
struct plan_kit {
	const struct manifest *manifest;
	const char *name; // keys of the dependencies that lead to it: "", "llama", "tools:llama"
	size_t parent;	  // index of the Kit above it
	const struct manifest_dependency *dependency; // in that Kit; NULL: the one started
	const char *identity;			      // of its name and source
	const char *snapshot;			      // folder
	const char *snapshot_digest;
	struct plan_value *options;
	size_t n_options;
	struct plan_value *mounts; // values are real paths
	size_t n_mounts;
	struct plan_secret *secrets;
	size_t n_secrets;
};

struct plan_egress; // plan_egress.h

/* An endpoint that a test case calls, as the Kit that was started names it. */
struct plan_test_target {
	const char *workload;
	const char *endpoint;
};

/* A command on a workload's own folder. */
struct plan_exec {
	const char *workload; // of the Kit that was started
	char *const *argv;
	size_t n_argv;
	const char *folder;	      // real path
	const char *const *read_only; // in it, relative
	size_t n_read_only;
	const char *terminal; // TERM (terminfo(5)); NULL: it has no terminal
};

struct plan_inputs {
	const struct plan_kit *kits; // the first is the one that was started
	size_t n_kits;
	const char *app;	    // name of the app
	const char *run_id;	    // of this run
	const char *runtime_folder; // of this app: views
	const char *state_folder;   // snapshots, layers
	const char *run_folder;	    // throwaway layers of this run
	const char *bun;	    // program
	const char *toolchain_id;
	const char *registry_url; // NULL: none known; prepare phases then fail when they run
	const char *registry_host;
	uint16_t registry_port;
	const char *profile;			  // of the sandboxes (profile.h)
	const struct host_service *host_services; // what the person allows
	size_t n_host_services;
	struct upstreams upstreams; // that egress goes through; its strings are the caller's
	const char *ca_bundle;	    // certificates that the host trusts
	/* As root: four for each workload, one for the edge, with tests one for the tester's
	 * sidecar; NULL: as a user. */
	const uid_t *uids;
	const struct plan_test_target *test_targets; // of `capakit test`
	size_t n_test_targets;
	const struct plan_exec *exec; // NULL: the app itself
	struct plan_machine machine;
};

struct plan_connection {
	struct location at;   // in the manifest of the caller's Kit
	const char *workload; // as the caller's Kit names it
	const char *path;     // as the caller sees it; endpoint->path unless it is imported
	size_t callee;	      // as of a link
	const struct manifest_connection *outside; // a host outside; NULL: a workload
	const struct manifest_endpoint *endpoint;
	char *socket;	     // name in the view's connect/
	size_t link;	     // index
	uint32_t timeout_ms; // 0, as with the others: the sidecar's default
	uint32_t idle_timeout_ms;
	unsigned retries;
	unsigned max_concurrent;
};

/* A phase before `start`, whose result is kept as a layer. */
struct plan_layer {
	struct policy *policy; // NULL: the workload has no such phase
	char key[SHA256_HEX];
};

struct plan_workload {
	const struct plan_kit *kit;
	const struct manifest_workload *manifest;
	char *name; // unique in the app: its key, after the Kit's name: "tools:llama:serve"
	char *identity;
	char *view;	   // folder
	uid_t sidecar_uid; // 0: not root
	uid_t uid;
	uid_t egress_uid;
	const struct plan_workload *outside_of; // this is no workload, but its way to hosts outside
	struct plan_connection *connections;
	size_t n_connections;
	struct plan_layer layers[PHASE_START]; // of PHASE_PREPARE and PHASE_HYDRATE, from below
	struct policy *start;
	struct plan_resources resources;	 // of each of its sandboxes
	struct plan_egress *egress[PHASE_COUNT]; // NULL: the phase needs no egress sidecar
};

#define PLAN_EDGE ((size_t)-1) // as caller of a link
#define PLAN_EDGE_NAME "@edge" // no workload can be called so
/* Whoever asks for test cases: a caller like a workload, with a sidecar and links, and no program.
 */
#define PLAN_TESTER ((size_t)-2)
#define PLAN_TESTER_NAME "@test"

struct plan_link {
	size_t caller;
	size_t callee; // of a workload, or behind those of `outsides`
	char *name;
	char *callee_name;  // for people: a workload, or "@api.example.com:443"
	const char **paths; // endpoints of the callee that the caller may call
	size_t n_paths;
};

struct plan_expose {
	const struct manifest_expose *manifest;
	const struct manifest_route *route;
	const struct manifest_endpoint *endpoint;
	size_t callee;
	size_t link;
};

struct plan {
	const struct plan_inputs *inputs; // as given, the caller's
	char *trust_domain;
	char *edge_identity;
	uid_t edge_uid;
	struct plan_workload *outsides; // no manifest: sidecars for hosts outside
	size_t n_outsides;
	struct plan_workload tester; // no manifest; no connections: there is none
	struct plan_workload *workloads;
	size_t n_workloads;
	struct policy *exec; // NULL unless the inputs say so
	struct plan_link *links;
	size_t n_links;
	struct plan_expose *exposes;
	size_t n_exposes;
};

/* ERR_USAGE for a missing or wrong option or mount, ERR_UNSUPPORTED for what is not there yet. */
struct plan *plan_new(const struct plan_inputs *inputs, struct err *err);
void plan_free(struct plan **plan);

/* A workload, one of `outsides`, or the tester. */
const struct plan_workload *plan_caller(const struct plan *plan, size_t caller);

/* The tester's connection for this target; NULL: it has none. */
const struct plan_connection *plan_tester_connection(const struct plan *plan,
						     const struct plan_test_target *target);

/* The value of an option: what was chosen, else its default. Never NULL after plan_new. */
const char *plan_option(const struct plan_kit *kit, const char *key);
/* The path bound to a host mount, or NULL. */
const char *plan_mount(const struct plan_kit *kit, const char *key);

/* A workload of the Kit that was started, by its key; NULL: it is imported, or there is none. */
const struct plan_workload *plan_own_workload(const struct plan *plan, const char *key);
