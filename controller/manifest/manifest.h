// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The manifest of a Kit (capability.yml) as plain structures, checked: whoever holds a `struct
 * manifest` may rely on every name in it being declared, every path and key being well formed and
 * every default being filled in. docs/manifest.md is the same for people.
 *
 * All strings and arrays belong to the manifest and go with manifest_free. Arrays come with their
 * count beside them as n_<array>; an empty one is NULL. A string that is optional is NULL when it
 * was not given.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "controller/manifest/problems.h"

#define MANIFEST_FILE "capability.yml"
#define MANIFEST_TEST_FILE "capability-test.yml"

enum manifest_protocol {
	PROTOCOL_UNKNOWN =
		0, // of an import: what the dependency exposes there, known once it is read
	PROTOCOL_HTTP,
	PROTOCOL_MCP,
	PROTOCOL_OAIC,
	PROTOCOL_A2A,
};

enum manifest_access { ACCESS_READ_ONLY = 0, ACCESS_READ_WRITE };

/* ---- values of a Kit ---- */

enum option_kind { OPTION_STRING, OPTION_NUMBER, OPTION_ENUM, OPTION_BOOLEAN };

struct manifest_option {
	char *key;
	struct location at;
	enum option_kind kind;
	char *default_value; // as text; NULL: must be given with --option
	char *description;
	char **enum_values; // of OPTION_ENUM
	size_t n_enum_values;
};

struct manifest_secret {
	char *key;
	struct location at;
	char *description;
	bool required;
};

struct manifest_host_mount {
	char *key;
	struct location at;
	char *usage;
	enum manifest_access access;
};

/* A value that is written out, or the name of one of this Kit's options. Exactly one is set. */
struct manifest_setting {
	char *key;
	struct location at;
	char *value; // as text
	char *from_option;
};

/* theirs: ours */
struct manifest_binding {
	char *theirs;
	char *ours;
	struct location at;
};

struct manifest_dependency {
	char *key;
	struct location at;
	char *path; // exactly one of path (relative to this Kit's folder) and git
	char *git;
	struct manifest_setting *options;
	size_t n_options;
	struct manifest_binding *mount_bindings;
	size_t n_mount_bindings;
	struct manifest_binding *secret_bindings;
	size_t n_secret_bindings;
};

/* ---- workloads ---- */

struct manifest_endpoint {
	enum manifest_protocol protocol;
	char *path; // begins with '/', no trailing slash unless it is "/"
	struct location at;
	bool http2;
	uint64_t max_body; // bytes
};

/* A header that the sidecar sets on the way out; ${name} stands for a secret. */
struct manifest_inject {
	char *header; // NULL: nothing is injected
	char *value;
	char **secrets; // the names in value
	size_t n_secrets;
	struct location at;
};

/* Either a workload of this Kit (workload, endpoints) or a host outside (name, host, ...). */
struct manifest_connection {
	struct location at;
	char *workload;	  // NULL for a host outside
	char **endpoints; // paths of the workload's endpoints; all of them unless fewer were named
	size_t n_endpoints;

	char *name; // NULL for a workload
	char *host; // lower case
	uint16_t port;
	char **methods; // NULL: any
	size_t n_methods;
	char **paths; // NULL: any; "/crm/*" is a prefix, "/crm" is exact
	size_t n_paths;
	struct manifest_inject inject;

	uint64_t timeout_ms;	  // until the response's headers; 0: the sidecar's default
	uint64_t idle_timeout_ms; // between two bytes of a stream; 0: the sidecar's default
	bool has_retries;
	unsigned retries;
	unsigned max_concurrent; // 0: the sidecar's default
};

struct manifest_mount_use {
	char *mount; // key of a host mount
	enum manifest_access access;
	struct location at;
};

struct manifest_resources {
	uint64_t memory;    // bytes; 0: not limited by the manifest
	uint32_t cpu_milli; // thousandths of a CPU; 0: as above
	uint32_t pids;	    // 0: as above
	struct location at;
};

enum network_kind {
	NETWORK_NONE = 0,
	NETWORK_LOOPBACK,
	NETWORK_REGISTRIES, // the package registries that the host is configured with
	NETWORK_ALLOW,	    // the allow list
	NETWORK_FULL,	    // any public host, through the egress sidecar
};

struct manifest_allow {
	char *name; // lower case; "*.example.org" is any name below example.org, not itself
	uint16_t port;
	struct location at;
};

struct manifest_network {
	enum network_kind kind;
	struct manifest_allow *allow; // of NETWORK_ALLOW
	size_t n_allow;
	struct location at; // line 0: the phase's default
};

struct manifest_env {
	char *name;
	char *value;  // as text; NULL when it comes from an option
	char *option; // key of the option, else NULL
	struct location at;
};

enum manifest_phase_name { PHASE_PREPARE, PHASE_HYDRATE, PHASE_START, PHASE_COUNT };

struct manifest_phase {
	bool present;
	struct location at;
	char **argv; // NULL-terminated; n_argv does not count the NULL
	size_t n_argv;
	struct location command_at;
	struct manifest_network network;
	struct manifest_env *env; // both `env` and `env_from_options`
	size_t n_env;
};

struct manifest_capability {
	char *key;
	struct location at;
	char *value; // exactly one of value and from_option
	char *from_option;
};

struct manifest_import {
	char *dependency; // NULL: the workload is no import
	char *exposed_path;
	struct location at;
};

struct manifest_workload {
	char *key;
	struct location at;
	char *root; // folder of its files relative to the Kit, no "..", never absolute
	struct manifest_import import;
	struct manifest_connection *connections;
	size_t n_connections;
	char **secrets;
	size_t n_secrets;
	struct manifest_mount_use *mounts;
	size_t n_mounts;
	struct manifest_endpoint
		*endpoints; // an import has one: its exposed path, PROTOCOL_UNKNOWN
	size_t n_endpoints;
	struct manifest_resources resources;
	char *toolchain; // "bun"; NULL for an import
	struct manifest_phase phases[PHASE_COUNT];
	struct manifest_capability *capabilities;
	size_t n_capabilities;
};

/* ---- what the host sees ---- */

/* One public path and the endpoint that it stands for. */
struct manifest_route {
	char *public_path;
	char *endpoint; // path
	enum manifest_protocol protocol;
};

struct manifest_expose {
	char *path;
	char *target; // key of a workload
	struct location at;
	struct manifest_route *routes; // one: at `path`; several: at `path`/<protocol>
	size_t n_routes;
	bool default_mcp;
	char **allow_origins; // scheme://host[:port], lower case
	size_t n_allow_origins;
};

/* ---- tests ---- */

enum test_kind { TEST_MCP, TEST_HTTP, TEST_EXEC };

enum validator {
	VALIDATE_EQ,
	VALIDATE_NE,
	VALIDATE_GT,
	VALIDATE_GTE,
	VALIDATE_LT,
	VALIDATE_LTE,
	VALIDATE_EXISTS,
	VALIDATE_NOT_EXISTS,
	VALIDATE_CONTAINS,
	VALIDATE_NOT_CONTAINS,
	VALIDATE_MATCHES,
	VALIDATE_STARTS_WITH,
	VALIDATE_ENDS_WITH,
	VALIDATE_LEN_EQ,
	VALIDATE_LEN_GTE,
	VALIDATE_LEN_LTE,
	VALIDATE_TYPE_IS,
};

/* One step of `$.a[0].b`: a member's name, or an index when name is NULL. */
struct manifest_step {
	char *name;
	uint64_t index;
};

struct manifest_selector {
	char *text; // as it was written, for messages
	struct manifest_step *steps;
	size_t n_steps;
	struct location at;
};

struct manifest_validation {
	char *text; // as it was written, for messages
	struct location at;
	struct manifest_selector selector;
	enum validator validator;
	char *argument; // JSON; NULL for validators without one
};

struct manifest_header {
	char *name;
	char *value;
};

enum fault_kind { FAULT_DOWN, FAULT_LATENCY, FAULT_RESET, FAULT_ERROR, FAULT_SIDECAR_KILLED };

/* What goes wrong between a workload and those that are connected to it, while a test runs. */
struct manifest_fault {
	char *peer; // key of the workload that fails
	struct location at;
	enum fault_kind kind;
	bool mid_stream;     // else at the start
	uint64_t latency_ms; // of FAULT_LATENCY
	unsigned status;     // of FAULT_ERROR
};

struct manifest_test {
	char *id;
	struct location at;
	char *description;
	enum test_kind kind;
	char *exposed_path; // a target is an exposed path ...
	char *workload;	    // ... or a workload and, but for exec, the path of an endpoint
	char *endpoint;
	uint64_t timeout_ms; // 0: the default

	char *tool;			 // mcp
	char *inputs;			 // mcp: a JSON object
	char *method;			 // http
	char *path;			 // http: behind the endpoint's path; NULL: nothing
	char *body;			 // http: NULL or bytes of the body
	bool body_json;			 // http: the body was given as `json`
	struct manifest_header *headers; // http
	size_t n_headers;
	char **argv; // exec: NULL-terminated
	size_t n_argv;

	struct manifest_fault *faults; // not of exec
	size_t n_faults;
	struct manifest_selector *verbose_output;
	size_t n_verbose_output;
	struct manifest_validation *validations;
	size_t n_validations;
};

struct manifest {
	char *name;
	char *license;
	struct manifest_option *options;
	size_t n_options;
	struct manifest_secret *secrets;
	size_t n_secrets;
	struct manifest_host_mount *host_mounts;
	size_t n_host_mounts;
	struct manifest_dependency *dependencies;
	size_t n_dependencies;
	struct manifest_workload *workloads;
	size_t n_workloads;
	struct manifest_expose *exposes;
	size_t n_exposes;
	struct manifest_test *tests;
	size_t n_tests;
};

/*
 * Parses and checks one manifest. Pure: no file is read. Every problem goes to `problems`
 * (which the caller has made with manifest_problems_init), warnings too. NULL when there is an
 * error; a manifest with only warnings is returned. `file_name` is what the problems name.
 */
struct manifest *manifest_parse(const char *text, size_t len, const char *file_name,
				struct manifest_problems *problems);

/*
 * As above, for the tests of a capability-test.yml of this manifest: they are added to its own.
 * False when there is an error; the manifest is then as before.
 */
must_check bool manifest_parse_tests(struct manifest *manifest, const char *text, size_t len,
				     const char *file_name, struct manifest_problems *problems);

/*
 * Reads and checks the manifest (and capability-test.yml, if there) of the Kit folder `kit_dir`.
 * NULL: either `problems` has errors (err says ERR_MANIFEST and how many), or there is no manifest
 * or it cannot be read (err says which file, where and what to do). `kit_label` is how the person
 * named the folder, for messages.
 */
struct manifest *manifest_load(int kit_dir, const char *kit_label,
			       struct manifest_problems *problems, struct err *err);

/* The same, with the problems on standard error. */
struct manifest *manifest_load_said(int kit_dir, const char *kit_label, struct err *err);

void manifest_free(struct manifest **manifest); // NULL is fine; leaves NULL behind

/* NULL when there is none of this key. */
const struct manifest_workload *manifest_workload(const struct manifest *manifest, const char *key);
const struct manifest_option *manifest_option(const struct manifest *manifest, const char *key);
const struct manifest_secret *manifest_secret(const struct manifest *manifest, const char *key);
const struct manifest_host_mount *manifest_host_mount(const struct manifest *manifest,
						      const char *key);
const struct manifest_dependency *manifest_dependency(const struct manifest *manifest,
						      const char *key);

/*
 * The endpoint of `workload` that `name` means: its path, or its protocol where that is unique or
 * where one endpoint of that protocol has the path of the short form ("/http" for http). NULL:
 * none, or it could be several.
 */
const struct manifest_endpoint *manifest_endpoint(const struct manifest_workload *workload,
						  const char *name);

/* Is `value` (from --option or a default) one that the option takes? */
must_check bool manifest_option_accepts(const struct manifest_option *option, const char *value,
					struct err *err);

/* "http", "mcp", "oaic", "a2a"; "unknown" for an import. */
const char *manifest_protocol_name(enum manifest_protocol protocol);
const char *manifest_access_name(enum manifest_access access);	 // "read_only", "read_write"
const char *manifest_phase_text(enum manifest_phase_name phase); // "prepare", "hydrate", "start"
const char *manifest_network_name(enum network_kind kind);	 // "none", "loopback", ...
const char *manifest_validator_name(enum validator validator);	 // "eq", "lenGte", ...
