// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Puts a phase's sandbox together: the common root, the Kit, the workload's own folder as an
 * overlay, the toolchain, and what the phase is given besides.
 */
#include "controller/app/plan_policy.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/plan_environment.h"
#include "controller/app/plan_kit.h"
#include "controller/sandbox/profile.h"

#define KIT "/kit"

char *plan_layer_folder(const struct plan_inputs *inputs, const char *workload, const char *phase)
{
	return xasprintf("%s/%s.%s", inputs->run_folder, workload, phase);
}

char *plan_network_text(const struct manifest_network *network)
{
	struct buf text;
	buf_init(&text, MIB);
	buf_append_str(&text, manifest_network_name(network->kind));
	for (size_t i = 0; i < network->n_allow; i++)
		buf_printf(&text, " %s:%u", network->allow[i].name, network->allow[i].port);
	return buf_take_str(&text);
}

struct location plan_network_place(const struct manifest_phase *phase, struct location at)
{
	return at.line ? at : phase->at;
}

/* `root: .` makes the Kit's own folder the workload's. */
static char *below(const char *folder, const char *root)
{
	return str_eq(root, ".") ? xstrdup(folder) : xasprintf("%s/%s", folder, root);
}

/* What is added from here on was asked for there. */
static void from(const struct plan_inputs *inputs, const struct plan_workload *workload,
		 struct location at, struct policy *policy)
{
	auto_free char *place = plan_kit_place(inputs, workload->kit, at);
	policy_from(policy, place);
}

static const char *folder_reason(enum manifest_phase_name phase, bool writable)
{
	if (phase != PHASE_START)
		return "the workload's own folder; what it writes is kept as a layer";
	return writable ? "the workload's own folder; what it writes is thrown away"
			: "the workload's own folder, read-only in this profile";
}

/* The workload's folder: what it was published with, what prepare made of it, what it writes. */
static void add_workload_folder(const struct plan_inputs *inputs,
				const struct plan_workload *workload,
				enum manifest_phase_name phase, bool writable,
				struct policy *policy)
{
	auto_free char *target = below(KIT, workload->manifest->root);
	auto_free char *source = below(workload->kit->snapshot, workload->manifest->root);
	auto_free char *own = plan_layer_folder(inputs, workload->name, manifest_phase_text(phase));
	auto_free char *upper = xasprintf("%s/upper", own);
	auto_free char *work = xasprintf("%s/work", own);
	char *layers[PHASE_START] = {NULL};
	const char *lowers[PHASE_START + 1];
	size_t n_lowers = 0;
	for (int i = (int)phase - 1; i >= 0; i--)
		if (workload->layers[i].policy) {
			layers[i] = xasprintf("%s/layers/%s/tree", inputs->state_folder,
					      workload->layers[i].key);
			lowers[n_lowers++] = layers[i];
		}
	lowers[n_lowers++] = source;
	from(inputs, workload, workload->manifest->at, policy);
	policy_add_overlay(policy, target, lowers, n_lowers, upper, work,
			   POLICY_EXECUTABLE | POLICY_IDMAP | (writable ? POLICY_WRITABLE : 0),
			   folder_reason(phase, writable));
	policy_from(policy, "");
	policy_set(&policy->directory, target);
	for (size_t i = 0; i < array_len(layers); i++)
		free(layers[i]);
}

static void add_resources(const struct plan_inputs *inputs, const struct plan_workload *workload,
			  struct policy *policy)
{
	auto_free char *place =
		plan_kit_place(inputs, workload->kit, workload->manifest->resources.at);
	plan_resources_apply(&workload->resources, place, policy);
}

static void add_command(const struct plan_inputs *inputs, const struct plan_workload *workload,
			const struct manifest_phase *phase, struct policy *policy)
{
	auto_free char *place = plan_kit_place(inputs, workload->kit, phase->command_at);
	policy_set(&policy->command_from, place);
	for (size_t i = 0; i < phase->n_argv; i++)
		policy_add_arg(policy, phase->argv[i]);
}

static struct policy *new_policy(const struct plan *plan, const struct plan_workload *workload,
				 const struct manifest_phase *phase, struct err *err)
{
	const struct plan_inputs *inputs = plan->inputs;
	auto_policy struct policy *policy = policy_new();
	policy_set(&policy->profile, inputs->profile);
	policy_set(&policy->hostname, workload->manifest->key); // /etc/hosts says it too
	if (!policy_add_standard_root(policy, err))
		return NULL;
	policy->host_uid = workload->uid;
	policy->host_gid = workload->uid;
	policy->umask = workload->uid ? 007 : 022;
	policy_add_bind(policy, inputs->bun, PLAN_TOOLCHAIN "/bun", POLICY_EXECUTABLE,
			"the toolchain");
	policy_add_symlink(policy, PLAN_TOOLCHAIN "/bunx", "bun", "the toolchain");
	policy_add_bind(policy, workload->kit->snapshot, KIT, POLICY_EXECUTABLE | POLICY_IDMAP,
			"the Kit as it was at `up`");
	plan_environment_common(inputs, workload->kit, phase, policy);
	add_resources(inputs, workload, policy);
	add_command(inputs, workload, phase, policy);
	return take_ptr(&policy);
}

static void add_network(const struct plan_inputs *inputs, const struct plan_workload *workload,
			const struct manifest_phase *phase, struct policy *policy)
{
	auto_free char *network = plan_network_text(&phase->network);
	auto_free char *place =
		plan_kit_place(inputs, workload->kit, plan_network_place(phase, phase->network.at));
	policy_set(&policy->network_reason, network);
	policy_set(&policy->network_from, place);
	if (phase->network.kind == NETWORK_LOOPBACK)
		policy->network = POLICY_NET_LOOPBACK;
	if (phase->network.kind == NETWORK_NONE || phase->network.kind == NETWORK_LOOPBACK)
		return;
	policy->network = POLICY_NET_EGRESS;
	policy->egress_port = PLAN_EGRESS_PORT;
	policy_from(policy, place);
	if (inputs->ca_bundle)
		policy_add_bind(policy, inputs->ca_bundle, PLAN_CA_BUNDLE, 0,
				"what the host trusts");
	plan_environment_network(inputs, policy);
	policy_from(policy, "");
}

static void add_mounts(const struct plan_inputs *inputs, const struct plan_workload *workload,
		       struct policy *policy)
{
	for (size_t i = 0; i < workload->manifest->n_mounts; i++) {
		const struct manifest_mount_use *use = &workload->manifest->mounts[i];
		auto_free char *target = xasprintf(PLAN_MOUNTS "/%s", use->mount);
		auto_free char *reason = xasprintf("bound with --mount %s", use->mount);
		int writable = use->access == ACCESS_READ_WRITE ? POLICY_WRITABLE : 0;
		from(inputs, workload, use->at, policy);
		policy_add_bind(policy, plan_mount(workload->kit, use->mount), target,
				writable | POLICY_EXECUTABLE | POLICY_IDMAP, reason);
	}
	policy_from(policy, "");
}

struct policy *plan_policy_layer(const struct plan *plan, const struct plan_workload *workload,
				 enum manifest_phase_name name, struct err *err)
{
	const struct manifest_phase *phase = &workload->manifest->phases[name];
	struct policy *policy = new_policy(plan, workload, phase, err);
	if (!policy)
		return NULL;
	add_workload_folder(plan->inputs, workload, name, true, policy);
	if (name == PHASE_HYDRATE) {
		add_mounts(plan->inputs, workload, policy);
		plan_environment_mounts(plan->inputs, workload, policy);
	}
	add_network(plan->inputs, workload, phase, policy);
	return policy;
}

static void add_view(const struct plan_workload *workload, struct policy *policy)
{
	auto_free char *ingress = xasprintf("%s/ingress", workload->view);
	policy_add_bind(policy, workload->view, PLAN_VIEW, 0,
			"its whole view of the network: the sockets of its sidecar");
	policy_add_bind(policy, ingress, PLAN_VIEW "/ingress", POLICY_WRITABLE,
			"where it makes the socket that it serves on");
}

struct policy *plan_policy_start(const struct plan *plan, const struct plan_workload *workload,
				 struct err *err)
{
	const struct manifest_phase *phase = &workload->manifest->phases[PHASE_START];
	struct policy *policy = new_policy(plan, workload, phase, err);
	if (!policy)
		return NULL;
	add_workload_folder(plan->inputs, workload, PHASE_START,
			    profile_find(policy->profile)->started_folder_writable, policy);
	add_view(workload, policy);
	add_mounts(plan->inputs, workload, policy);
	plan_environment_start(plan, workload, policy);
	add_network(plan->inputs, workload, phase, policy);
	return policy;
}

/* What each command has that a person runs in the sandbox of a workload. */
static struct policy *new_command(const struct plan *plan, const struct plan_workload *workload,
				  char *const *argv, size_t n_argv, struct err *err)
{
	const struct manifest_phase *phase = &workload->manifest->phases[PHASE_START];
	struct policy *policy = new_policy(plan, workload, phase, err);
	if (!policy)
		return NULL;
	policy_clear_args(policy);
	for (size_t i = 0; i < n_argv; i++)
		policy_add_arg(policy, argv[i]);
	add_mounts(plan->inputs, workload, policy);
	plan_environment_command(plan, workload, policy);
	add_network(plan->inputs, workload, phase, policy);
	return policy;
}

struct policy *plan_policy_command(const struct plan *plan, const struct plan_workload *workload,
				   char *const *argv, size_t n_argv, struct err *err)
{
	struct policy *policy = new_command(plan, workload, argv, n_argv, err);
	if (policy)
		add_workload_folder(plan->inputs, workload, PHASE_START, true, policy);
	return policy;
}

struct policy *plan_policy_exec(const struct plan *plan, const struct plan_workload *workload,
				const struct plan_exec *exec, struct err *err)
{
	struct policy *policy = new_command(plan, workload, exec->argv, exec->n_argv, err);
	if (!policy)
		return NULL;
	auto_free char *target = below(KIT, workload->manifest->root);
	policy->umask = 022; // nobody else has to reach what it makes
	policy_add_bind(policy, exec->folder, target,
			POLICY_WRITABLE | POLICY_EXECUTABLE | POLICY_IDMAP,
			"the workload's own folder, as it is on this machine");
	for (size_t i = 0; i < exec->n_read_only; i++) {
		auto_free char *source = xasprintf("%s/%s", exec->folder, exec->read_only[i]);
		auto_free char *inside = xasprintf("%s/%s", target, exec->read_only[i]);
		policy_add_bind(policy, source, inside, POLICY_IDMAP,
				"somebody outside runs or reads it later");
	}
	if (exec->terminal)
		policy_set_env(policy, "TERM", exec->terminal, "the kind of your terminal");
	policy_set(&policy->directory, target);
	return policy;
}
