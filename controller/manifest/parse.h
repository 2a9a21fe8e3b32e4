// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The readers of a manifest's sections, each in the file of its name. They run in the order in
 * which names are declared and used: what a reader refers to has been read before, so references
 * are checked where they stand and the model needs no second pass.
 */
#include "controller/manifest/fields.h"

/* `out` is the struct manifest. */
read_fn read_options;
read_fn read_secrets;
read_fn read_host_mounts;
read_fn read_dependencies;
read_fn read_workloads; // all but their connections
read_fn read_all_connections;
read_fn read_exposes;
read_fn read_tests;

/* `out` is what the name says. */
read_fn read_endpoints;	  // struct manifest_workload
read_fn read_connections; // struct manifest_workload
read_fn read_runtime;	  // struct manifest_workload
read_fn read_network;	  // struct manifest_network
read_fn read_command;	  // struct command

/* `out` is a struct manifest_test; its kind has been read. */
read_fn read_test_request;
read_fn read_test_inputs;
read_fn read_faults;

/* Whether the peers of faults have callers, in the tests from number `first` on; connections have
 * been read. */
void check_faults(struct parse *parse, size_t first);

/* `command: ...`; the words go to whoever has them. */
struct command {
	char **argv;
	size_t n_argv;
};

/* The text of the value if it is the key of something declared; else NULL and an error. */
const char *take_option(struct parse *parse, const struct yaml_node *value);
const char *take_secret(struct parse *parse, const struct yaml_node *value);
const struct manifest_host_mount *take_host_mount(struct parse *parse,
						  const struct yaml_node *value);
const struct manifest_workload *take_workload(struct parse *parse, const struct yaml_node *value);
const struct manifest_dependency *take_dependency(struct parse *parse,
						  const struct yaml_node *value);

/* The endpoint that the value names, else NULL and an error. */
const struct manifest_endpoint *take_endpoint(struct parse *parse, const struct yaml_node *value,
					      const struct manifest_workload *workload);

/* "{ from_option: KEY }" or a scalar: exactly one of the two is set, or none after an error. */
void read_setting(struct parse *parse, const struct yaml_node *value, char **text,
		  char **from_option);

/* A path by syntax_path_fault; char *. */
read_fn read_path;

/* For what did not find its way into the manifest. */
void manifest_connection_clear(struct manifest_connection *connection);

/* Frees the tests from number `first` on. */
void manifest_tests_free(struct manifest *manifest, size_t first);

/* The tables, for manifest_mappings. */
extern const struct mapping TOP_MAPPING, TEST_FILE_MAPPING, OPTION_MAPPING, SECRET_MAPPING,
	HOST_MOUNT_MAPPING, DEPENDENCY_MAPPING, SOURCE_MAPPING, SETTING_MAPPING, WORKLOAD_MAPPING,
	IMPORT_MAPPING, MOUNT_USE_MAPPING, ENDPOINT_MAPPING, RESOURCES_MAPPING, RUNTIME_MAPPING,
	RUNTIME_SOURCE_MAPPING, PHASE_MAPPING, NETWORK_MAPPING, CONNECTION_MAPPING, HOST_MAPPING,
	INJECT_MAPPING, EXPOSE_MAPPING, TEST_MAPPING, TARGET_MAPPING, MCP_REQUEST_MAPPING,
	HTTP_REQUEST_MAPPING, EXEC_REQUEST_MAPPING, FAULT_MAPPING;
