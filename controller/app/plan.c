// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From a manifest to the list of processes, sockets and links. A link is made for each pair of a
 * caller and a callee, however many endpoints it carries.
 */
#include "controller/app/plan.h"

#include "base/mem.h"
#include "base/text.h"
#include "controller/app/names.h"
#include "controller/app/plan_egress.h"
#include "controller/app/plan_kit.h"
#include "controller/app/plan_outside.h"
#include "controller/app/plan_layer.h"
#include "controller/app/plan_policy.h"

static const char *chosen(const struct plan_value *values, size_t count, const char *key)
{
	for (size_t i = count; i > 0; i--)
		if (str_eq(values[i - 1].key, key))
			return values[i - 1].value;
	return NULL;
}

const char *plan_option(const struct plan_kit *kit, const char *key)
{
	const char *value = chosen(kit->options, kit->n_options, key);
	const struct manifest_option *option = manifest_option(kit->manifest, key);
	return value || !option ? value : option->default_value;
}

const char *plan_mount(const struct plan_kit *kit, const char *key)
{
	return chosen(kit->mounts, kit->n_mounts, key);
}

/* ERR_USAGE for a KEY that the Kit does not have. `keys` are those that it has. */
static bool unknown(const char *what, const char *key, const char *const *keys, size_t count,
		    struct err *err)
{
	const char *near = text_nearest(key, keys, count);
	if (near)
		return err_set(err, ERR_USAGE, "--%s %s: the Kit has no such %s; did you mean %s?",
			       what, key, what, near);
	return err_set(err, ERR_USAGE, "--%s %s: the Kit has no such %s", what, key, what);
}

static bool unknown_option(const struct manifest *manifest, const char *key, struct err *err)
{
	auto_free const char **keys = xcalloc(manifest->n_options + 1, sizeof(*keys));
	for (size_t i = 0; i < manifest->n_options; i++)
		keys[i] = manifest->options[i].key;
	return unknown("option", key, keys, manifest->n_options, err);
}

static bool unknown_mount(const struct manifest *manifest, const char *key, struct err *err)
{
	auto_free const char **keys = xcalloc(manifest->n_host_mounts + 1, sizeof(*keys));
	for (size_t i = 0; i < manifest->n_host_mounts; i++)
		keys[i] = manifest->host_mounts[i].key;
	return unknown("mount", key, keys, manifest->n_host_mounts, err);
}

static bool check_options(const struct plan_kit *kit, struct err *err)
{
	for (size_t i = 0; i < kit->n_options; i++) {
		const struct manifest_option *option =
			manifest_option(kit->manifest, kit->options[i].key);
		if (!option)
			return unknown_option(kit->manifest, kit->options[i].key, err);
		if (!manifest_option_accepts(option, kit->options[i].value, err))
			return err_prefix(err, "--option %s", option->key);
	}
	for (size_t i = 0; i < kit->manifest->n_options; i++) {
		const char *key = kit->manifest->options[i].key;
		if (!plan_option(kit, key))
			return err_set(err, ERR_USAGE,
				       "option %s has no value; give --option %s=VALUE", key, key);
	}
	return true;
}

static bool check_mounts(const struct plan_kit *kit, struct err *err)
{
	const struct manifest *manifest = kit->manifest;
	for (size_t i = 0; i < kit->n_mounts; i++)
		if (!manifest_host_mount(manifest, kit->mounts[i].key))
			return unknown_mount(manifest, kit->mounts[i].key, err);
	for (size_t i = 0; i < manifest->n_host_mounts; i++) {
		const struct manifest_host_mount *mount = &manifest->host_mounts[i];
		if (!plan_mount(kit, mount->key))
			return err_set(err, ERR_USAGE,
				       "mount %s is not bound (%s); give --mount %s=PATH",
				       mount->key, mount->usage ? mount->usage : "no usage said",
				       mount->key);
	}
	return true;
}

static size_t workload_index(const struct plan *plan, const struct plan_target *target)
{
	size_t i = 0;
	while (plan->workloads[i].kit != target->kit ||
	       plan->workloads[i].manifest != target->workload)
		i++;
	return i;
}

const struct plan_workload *plan_caller(const struct plan *plan, size_t caller)
{
	if (caller == PLAN_TESTER)
		return &plan->tester;
	return caller < plan->n_workloads ? &plan->workloads[caller]
					  : &plan->outsides[caller - plan->n_workloads];
}

static size_t find_or_add_link(struct plan *plan, size_t caller, size_t callee)
{
	for (size_t i = 0; i < plan->n_links; i++)
		if (plan->links[i].caller == caller && plan->links[i].callee == callee)
			return i;
	plan->links = xreallocarray(plan->links, plan->n_links + 1, sizeof(*plan->links));
	const char *from = caller == PLAN_EDGE ? PLAN_EDGE_NAME : plan_caller(plan, caller)->name;
	plan->links[plan->n_links] = (struct plan_link){
		.caller = caller,
		.callee = callee,
		.callee_name = xstrdup(plan->workloads[callee].name),
		.name = xasprintf("%s>%s", from, plan->workloads[callee].name),
	};
	return plan->n_links++;
}

static void link_allows(struct plan_link *link, const char *path)
{
	for (size_t i = 0; i < link->n_paths; i++)
		if (str_eq(link->paths[i], path))
			return;
	link->paths = xreallocarray(link->paths, link->n_paths + 1, sizeof(*link->paths));
	link->paths[link->n_paths++] = path;
}

static bool add_connection(struct plan *plan, size_t caller,
			   const struct manifest_connection *connection, const char *path,
			   struct err *err)
{
	struct plan_workload *workload =
		caller == PLAN_TESTER ? &plan->tester : &plan->workloads[caller];
	struct plan_target target;
	if (!plan_kit_resolve(plan->inputs, workload->kit, connection->workload, path, &target,
			      err))
		return false;
	size_t callee = workload_index(plan, &target);
	size_t link = find_or_add_link(plan, caller, callee);
	link_allows(&plan->links[link], target.endpoint->path);
	workload->connections = xreallocarray(workload->connections, workload->n_connections + 1,
					      sizeof(*workload->connections));
	/* The number keeps the name unique when a long key is cut: a socket's path is short. */
	workload->connections[workload->n_connections] = (struct plan_connection){
		.at = connection->at,
		.workload = connection->workload,
		.path = path,
		.callee = callee,
		.endpoint = target.endpoint,
		.socket =
			xasprintf("%.40s.%zu.sock", connection->workload, workload->n_connections),
		.link = link,
		.timeout_ms = (uint32_t)connection->timeout_ms,
		.idle_timeout_ms = (uint32_t)connection->idle_timeout_ms,
		.retries = connection->retries,
		.max_concurrent = connection->max_concurrent,
	};
	workload->n_connections++;
	return true;
}

static void add_workload(struct plan *plan, const struct plan_kit *kit,
			 const struct manifest_workload *manifest)
{
	const struct plan_inputs *inputs = plan->inputs;
	size_t i = plan->n_workloads++;
	struct plan_workload *workload = &plan->workloads[i];
	workload->kit = kit;
	workload->manifest = manifest;
	workload->name =
		*kit->name ? xasprintf("%s:%s", kit->name, manifest->key) : xstrdup(manifest->key);
	workload->identity = name_identity(plan->trust_domain, kit->name, manifest->key);
	/* Numbered, not named: the path must fit into a socket's address. */
	workload->view = xasprintf("%s/%zu", inputs->runtime_folder, i);
	if (inputs->uids) {
		workload->sidecar_uid = inputs->uids[4 * i];
		workload->uid = inputs->uids[4 * i + 1];
		workload->egress_uid = inputs->uids[4 * i + 2];
	}
}

static bool add_connections(struct plan *plan, size_t i, struct err *err)
{
	const struct manifest_workload *manifest = plan->workloads[i].manifest;
	for (size_t c = 0; c < manifest->n_connections; c++)
		if (manifest->connections[c].host)
			plan_add_outside(plan, i, &manifest->connections[c]);
	for (size_t c = 0; c < manifest->n_connections; c++)
		for (size_t e = 0; e < manifest->connections[c].n_endpoints; e++)
			if (!add_connection(plan, i, &manifest->connections[c],
					    manifest->connections[c].endpoints[e], err))
				return false;
	return true;
}

static bool add_route(struct plan *plan, const struct manifest_expose *expose,
		      const struct manifest_route *route, struct err *err)
{
	struct plan_target target;
	if (!plan_kit_resolve(plan->inputs, &plan->inputs->kits[0], expose->target, route->endpoint,
			      &target, err))
		return false;
	size_t callee = workload_index(plan, &target);
	size_t link = find_or_add_link(plan, PLAN_EDGE, callee);
	link_allows(&plan->links[link], target.endpoint->path);
	plan->exposes = xreallocarray(plan->exposes, plan->n_exposes + 1, sizeof(*plan->exposes));
	plan->exposes[plan->n_exposes++] = (struct plan_expose){
		.manifest = expose,
		.route = route,
		.endpoint = target.endpoint,
		.callee = callee,
		.link = link,
	};
	return true;
}

static bool add_exposes(struct plan *plan, struct err *err)
{
	const struct manifest *manifest = plan->inputs->kits[0].manifest;
	for (size_t i = 0; i < manifest->n_exposes; i++)
		for (size_t r = 0; r < manifest->exposes[i].n_routes; r++)
			if (!add_route(plan, &manifest->exposes[i], &manifest->exposes[i].routes[r],
				       err))
				return false;
	return true;
}

/* Test cases reach an endpoint, exposed or not, the way any caller would: with a link of their own
 * that the callee's sidecar authorises. */
static bool add_tester(struct plan *plan, struct err *err)
{
	const struct plan_inputs *inputs = plan->inputs;
	struct plan_workload *tester = &plan->tester;
	tester->kit = &inputs->kits[0];
	tester->name = xstrdup(PLAN_TESTER_NAME);
	tester->identity = name_tester_identity(plan->trust_domain);
	tester->view = xasprintf("%s/test", inputs->runtime_folder);
	for (size_t i = 0; i < inputs->n_test_targets; i++) {
		const struct plan_test_target *target = &inputs->test_targets[i];
		/* Not owned: what a connection keeps of it belongs to the manifest. */
		const struct manifest_connection connection = {
			.workload = (char *)(uintptr_t)target->workload};
		if (!plan_tester_connection(plan, target) &&
		    !add_connection(plan, PLAN_TESTER, &connection, target->endpoint, err))
			return false;
	}
	return true;
}

const struct plan_connection *plan_tester_connection(const struct plan *plan,
						     const struct plan_test_target *target)
{
	for (size_t i = 0; i < plan->tester.n_connections; i++)
		if (str_eq(plan->tester.connections[i].workload, target->workload) &&
		    str_eq(plan->tester.connections[i].path, target->endpoint))
			return &plan->tester.connections[i];
	return NULL;
}

static void add_egress(const struct plan *plan, struct plan_workload *workload)
{
	for (size_t i = 0; i < PHASE_COUNT; i++) {
		const struct manifest_phase *phase = &workload->manifest->phases[i];
		if (phase->present && plan_egress_wanted(&phase->network))
			workload->egress[i] = plan_egress_new(plan->inputs, &phase->network,
							      (enum manifest_phase_name)i);
	}
}

static bool add_policies(struct plan *plan, struct plan_workload *workload, struct err *err)
{
	add_egress(plan, workload);
	if (!plan_resources_choose(&plan->inputs->machine, &workload->manifest->resources,
				   &workload->resources, err))
		return false;
	for (enum manifest_phase_name phase = PHASE_PREPARE; phase < PHASE_START; phase++) {
		struct plan_layer *layer = &workload->layers[phase];
		if (!workload->manifest->phases[phase].present)
			continue;
		layer->policy = plan_policy_layer(plan, workload, phase, err);
		if (!layer->policy)
			return false;
		plan_layer_key(plan, workload, phase, layer->key);
	}
	workload->start = plan_policy_start(plan, workload, err);
	return workload->start != NULL;
}

const struct plan_workload *plan_own_workload(const struct plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->n_workloads; i++)
		if (plan->workloads[i].kit == &plan->inputs->kits[0] &&
		    str_eq(plan->workloads[i].manifest->key, key))
			return &plan->workloads[i];
	return NULL;
}

static bool add_exec(struct plan *plan, struct err *err)
{
	if (!plan->inputs->exec)
		return true;
	const struct plan_exec *exec = plan->inputs->exec;
	plan->exec = plan_policy_exec(plan, plan_own_workload(plan, exec->workload), exec, err);
	return plan->exec != NULL;
}

static void add_workloads(struct plan *plan, const struct plan_kit *kit)
{
	for (size_t i = 0; i < kit->manifest->n_workloads; i++)
		if (!kit->manifest->workloads[i].import.dependency)
			add_workload(plan, kit, &kit->manifest->workloads[i]);
}

static bool build(struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->inputs->n_kits; i++)
		add_workloads(plan, &plan->inputs->kits[i]);
	for (size_t i = 0; i < plan->n_workloads; i++)
		if (!add_connections(plan, i, err))
			return err_prefix(err, "workload %s", plan->workloads[i].name);
	if (!add_exposes(plan, err) || !add_tester(plan, err))
		return false;
	for (size_t i = 0; i < plan->n_workloads; i++)
		if (!add_policies(plan, &plan->workloads[i], err))
			return err_prefix(err, "workload %s", plan->workloads[i].name);
	return add_exec(plan, err) && plan_egress_check(plan, err);
}

/* Of a dependency the bindings have been checked: they are what it was given. */
static bool check_kits(const struct plan_inputs *inputs, struct err *err)
{
	for (size_t i = 0; i < inputs->n_kits; i++)
		if (inputs->kits[i].manifest->n_workloads == 0)
			return err_set(err, ERR_USAGE, "%s%s has no workloads: nothing to run",
				       i > 0 ? "dependency " : "the Kit",
				       i > 0 ? inputs->kits[i].name : "");
	return check_options(&inputs->kits[0], err) && check_mounts(&inputs->kits[0], err);
}

struct plan *plan_new(const struct plan_inputs *inputs, struct err *err)
{
	if (!check_kits(inputs, err))
		return NULL;
	struct plan *plan = xcalloc(1, sizeof(*plan));
	plan->inputs = inputs;
	plan->trust_domain = name_trust_domain(inputs->app, inputs->run_id);
	plan->edge_identity = name_edge_identity(plan->trust_domain);
	size_t count = plan_kit_count_workloads(inputs->kits, inputs->n_kits);
	plan->edge_uid = inputs->uids ? inputs->uids[4 * count] : 0;
	if (inputs->uids && inputs->n_test_targets)
		plan->tester.sidecar_uid = inputs->uids[4 * count + 1];
	plan->workloads = xcalloc(count, sizeof(*plan->workloads));
	plan->outsides = xcalloc(count, sizeof(*plan->outsides));
	if (!build(plan, err))
		plan_free(&plan);
	return plan;
}

static void free_workload(struct plan_workload *workload)
{
	for (size_t i = 0; i < workload->n_connections; i++)
		free(workload->connections[i].socket);
	free(workload->connections);
	free(workload->name);
	free(workload->identity);
	free(workload->view);
	for (enum manifest_phase_name phase = PHASE_PREPARE; phase < PHASE_START; phase++)
		policy_free(&workload->layers[phase].policy);
	policy_free(&workload->start);
	for (size_t i = 0; i < PHASE_COUNT; i++)
		plan_egress_free(&workload->egress[i]);
}

void plan_free(struct plan **pointer)
{
	struct plan *plan = take_ptr(pointer);
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_workloads; i++)
		free_workload(&plan->workloads[i]);
	for (size_t i = 0; i < plan->n_outsides; i++)
		free_workload(&plan->outsides[i]);
	free_workload(&plan->tester);
	policy_free(&plan->exec);
	for (size_t i = 0; i < plan->n_links; i++) {
		free(plan->links[i].name);
		free(plan->links[i].callee_name);
		free(plan->links[i].paths);
	}
	free(plan->workloads);
	free(plan->outsides);
	free(plan->links);
	free(plan->exposes);
	free(plan->trust_domain);
	free(plan->edge_identity);
	free(plan);
}
