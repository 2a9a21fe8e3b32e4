// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is not declared is not there, so a "no" has no line of its own: it names the lines that give
 * it to somebody else, or the place where one would have to stand.
 */
#include "controller/cli/why.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "controller/app/plan_egress.h"
#include "controller/app/plan_environment.h"
#include "controller/app/plan_kit.h"

struct why {
	struct buf *out;
	const struct plan *plan;
	const struct plan_workload *workload;
	bool may;
	bool known; // the thing can mean something
};

#define say(why, ...) ((void)buf_printf((why)->out, __VA_ARGS__))

/* " (capability.yml:3:5)", or nothing for what has no line. */
static void say_place(struct why *why, const struct plan_workload *of, struct location at)
{
	auto_free char *place = plan_kit_place(why->plan->inputs, of->kit, at);
	if (*place)
		say(why, " (%s)", place);
}

static void begin(struct why *why, bool may)
{
	why->known = true;
	why->may |= may;
	say(why, "%s: ", may ? "yes" : "no");
}

static void end(struct why *why)
{
	say(why, "\n");
}

static void end_with_place(struct why *why, struct location at)
{
	say_place(why, why->workload, at);
	end(why);
}

/* Where a line would have to stand to allow it. */
static void end_with_remedy(struct why *why, const char *key)
{
	say(why, "; it would have to be under `%s` of %s", key, why->workload->name);
	end_with_place(why, why->workload->manifest->at);
}

/* ---- other workloads ---- */

/* "archive/http/x" means the path /http/x of archive. NULL: no path was given. */
static const char *path_of(const char *thing, size_t *key_len)
{
	*key_len = strcspn(thing, "/");
	return thing[*key_len] ? thing + *key_len : NULL;
}

static bool is_below(const char *path, const char *endpoint)
{
	size_t len = strlen(endpoint);
	return str_eq(endpoint, "/") ||
	       (str_starts(path, endpoint) && (!path[len] || path[len] == '/'));
}

static bool names(const char *key, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(name, key, len) == 0;
}

/* As the caller's Kit calls it, or by its whole name. */
static bool leads_to(const struct why *why, const struct plan_connection *connection,
		     const char *key, size_t len)
{
	return names(key, len, connection->workload) ||
	       names(key, len, plan_caller(why->plan, connection->callee)->name);
}

static bool is_workload(const struct why *why, const char *key, size_t len)
{
	const struct manifest *manifest = why->workload->kit->manifest;
	for (size_t i = 0; i < manifest->n_workloads; i++)
		if (names(key, len, manifest->workloads[i].key))
			return true;
	for (size_t i = 0; i < why->plan->n_workloads; i++)
		if (names(key, len, why->plan->workloads[i].name))
			return true;
	return false;
}

static void say_who_else(struct why *why, const char *key, size_t len)
{
	for (size_t w = 0; w < why->plan->n_workloads; w++) {
		const struct plan_workload *other = &why->plan->workloads[w];
		for (size_t i = 0; other != why->workload && i < other->n_connections; i++) {
			if (!leads_to(why, &other->connections[i], key, len))
				continue;
			say(why, "; %s has one", other->name);
			say_place(why, other, other->connections[i].at);
			break;
		}
	}
}

static void explain_workload(struct why *why, const char *thing)
{
	const struct plan_workload *workload = why->workload;
	size_t len;
	const char *path = path_of(thing, &len);
	bool connected = false, reached = false;
	if (!is_workload(why, thing, len))
		return;
	for (size_t i = 0; i < workload->n_connections; i++) {
		const struct plan_connection *connection = &workload->connections[i];
		if (!leads_to(why, connection, thing, len))
			continue;
		connected = true;
		if (path && !is_below(path, connection->path))
			continue;
		reached = true;
		begin(why, true);
		say(why, "%s calls workload %.*s at %s by a connection", workload->name, (int)len,
		    thing, connection->path);
		end_with_place(why, connection->at);
	}
	if (reached)
		return;
	begin(why, false);
	if (connected)
		say(why,
		    "%s calls workload %.*s, but %s is of no endpoint that its connection names",
		    workload->name, (int)len, thing, path);
	else
		say(why, "%s has no connection to workload %.*s", workload->name, (int)len, thing);
	say_who_else(why, thing, len);
	end_with_remedy(why, "connections");
}

/* ---- secrets ---- */

static bool is_granted(const struct manifest_workload *workload, const char *key)
{
	for (size_t i = 0; i < workload->n_secrets; i++)
		if (str_eq(workload->secrets[i], key))
			return true;
	return false;
}

static void say_injected(struct why *why, const char *key)
{
	const struct manifest_workload *manifest = why->workload->manifest;
	for (size_t c = 0; c < manifest->n_connections; c++) {
		const struct manifest_connection *connection = &manifest->connections[c];
		for (size_t i = 0; i < connection->inject.n_secrets; i++) {
			if (!str_eq(connection->inject.secrets[i], key))
				continue;
			say(why, "; its sidecar sends it to %s", connection->host);
			say_place(why, why->workload, connection->inject.at);
		}
	}
}

static void explain_secret(struct why *why, const char *thing)
{
	const struct plan_workload *workload = why->workload;
	const struct manifest_secret *secret = manifest_secret(workload->kit->manifest, thing);
	if (!secret)
		return;
	bool granted = is_granted(workload->manifest, thing);
	const struct plan_secret *bound = plan_kit_secret(workload->kit, thing);
	begin(why, granted && bound);
	if (!granted)
		say(why, "%s is not granted the secret %s", workload->name, thing);
	else if (!bound)
		say(why, "the secret %s is bound to none by the Kit above", thing);
	else
		say(why, "%s reads the secret %s over its bridge, as it is listed under `secrets`",
		    workload->name, thing);
	say_injected(why, thing);
	if (granted)
		end_with_place(why, workload->manifest->at);
	else
		end_with_remedy(why, "secrets");
}

/* ---- mounts ---- */

static void explain_mount(struct why *why, const char *thing)
{
	const struct plan_workload *workload = why->workload;
	if (!manifest_host_mount(workload->kit->manifest, thing))
		return;
	for (size_t i = 0; i < workload->manifest->n_mounts; i++) {
		const struct manifest_mount_use *use = &workload->manifest->mounts[i];
		if (!str_eq(use->mount, thing))
			continue;
		begin(why, true);
		say(why, "%s %s the mount %s, which is %s", workload->name,
		    use->access == ACCESS_READ_WRITE ? "reads and writes" : "reads", thing,
		    plan_mount(workload->kit, thing));
		end_with_place(why, use->at);
		return;
	}
	begin(why, false);
	say(why, "%s does not have the mount %s", workload->name, thing);
	end_with_remedy(why, "mounts");
}

/* ---- hosts ---- */

static bool rule_fits(const struct plan_egress_rule *rule, const char *host, size_t len,
		      uint16_t port)
{
	const char *name = rule->name;
	bool port_fits = rule->port ? rule->port == port : port == 80 || port == 443;
	if (!port_fits || str_eq(name, "*"))
		return port_fits;
	if (name[0] != '*')
		return names(host, len, name);
	size_t suffix = strlen(name + 1); // ".example.org"
	return len > suffix && memcmp(host + len - suffix, name + 1, suffix) == 0;
}

static void explain_phase(struct why *why, enum manifest_phase_name phase, const char *host,
			  size_t len, uint16_t port)
{
	const struct plan_workload *workload = why->workload;
	const struct plan_egress *egress = workload->egress[phase];
	const struct manifest_phase *manifest = &workload->manifest->phases[phase];
	if (!manifest->present)
		return;
	for (size_t i = 0; egress && i < egress->n_rules; i++) {
		const struct plan_egress_rule *rule = &egress->rules[i];
		if (!rule_fits(rule, host, len, port))
			continue;
		begin(why, true);
		say(why, "%s of %s reaches %.*s:%u through egress: %s", manifest_phase_text(phase),
		    workload->name, (int)len, host, port, rule->reason);
		end_with_place(why, rule->at);
		return;
	}
	begin(why, false);
	say(why, "%s of %s does not reach %.*s:%u: its network is `%s`%s",
	    manifest_phase_text(phase), workload->name, (int)len, host, port,
	    manifest_network_name(manifest->network.kind),
	    manifest->network.at.line ? "" : ", the default");
	end_with_place(why, manifest->network.at.line ? manifest->network.at : manifest->at);
}

static void explain_host_connections(struct why *why, const char *host, size_t len, uint16_t port)
{
	const struct manifest_workload *manifest = why->workload->manifest;
	for (size_t i = 0; i < manifest->n_connections; i++) {
		const struct manifest_connection *connection = &manifest->connections[i];
		if (!connection->host || !names(host, len, connection->host) ||
		    connection->port != port)
			continue;
		begin(why, true);
		say(why, "%s calls %s:%u as %s, through its sidecar", why->workload->name,
		    connection->host, connection->port, connection->name);
		end_with_place(why, connection->at);
	}
}

static void explain_host(struct why *why, const char *thing)
{
	size_t len = strcspn(thing, ":");
	uint64_t port = 443;
	bool dotted = memchr(thing, '.', len) != NULL;
	if (thing[len] && !num_parse_u64(thing + len + 1, strlen(thing + len + 1), 65535, &port))
		return;
	if (len == 0 || strchr(thing, '/') || (!dotted && !thing[len]))
		return;
	explain_host_connections(why, thing, len, (uint16_t)port);
	for (enum manifest_phase_name phase = 0; phase < PHASE_COUNT; phase++)
		explain_phase(why, phase, thing, len, (uint16_t)port);
}

/* ---- paths in the sandbox ---- */

static bool is_writable(const struct policy_mount *mount)
{
	return mount->kind == POLICY_MOUNT_TMPFS || mount->writable;
}

static void explain_path(struct why *why, const char *thing)
{
	const struct policy *policy = why->workload->start;
	const struct policy_mount *found = NULL;
	if (thing[0] != '/')
		return;
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (is_below(thing, policy->mounts[i].target))
			if (!found || strlen(policy->mounts[i].target) >= strlen(found->target))
				found = &policy->mounts[i];
	begin(why, found);
	if (!found) {
		say(why,
		    "nothing of this machine is at %s in the sandbox of %s (see `capakit policy "
		    "show`)",
		    thing, why->workload->name);
		end(why);
		return;
	}
	say(why, "%s sees what is at %s, %s: %s is %s", why->workload->name, thing,
	    is_writable(found) ? "writable" : "read-only", found->target, found->reason);
	if (found->from && *found->from)
		say(why, " (%s)", found->from);
	end(why);
}

/* ---- all of it ---- */

static bool unknown(const struct why *why, const char *thing, struct err *err)
{
	const struct manifest *manifest = why->workload->kit->manifest;
	size_t n = 0;
	auto_free const char **keys =
		xcalloc(manifest->n_workloads + manifest->n_secrets + manifest->n_host_mounts + 1,
			sizeof(*keys));
	for (size_t i = 0; i < manifest->n_workloads; i++)
		keys[n++] = manifest->workloads[i].key;
	for (size_t i = 0; i < manifest->n_secrets; i++)
		keys[n++] = manifest->secrets[i].key;
	for (size_t i = 0; i < manifest->n_host_mounts; i++)
		keys[n++] = manifest->host_mounts[i].key;
	const char *near = text_nearest(thing, keys, n);
	if (near)
		return err_set(err, ERR_USAGE, "the Kit has no %s; did you mean %s?", thing, near);
	return err_set(err, ERR_USAGE,
		       "%s is no workload, secret or mount of the Kit; a host is NAME.DOMAIN or "
		       "NAME:PORT, a path begins with /",
		       thing);
}

bool why_explain(struct buf *out, const struct plan *plan, const struct plan_workload *workload,
		 const char *thing, bool *may, struct err *err)
{
	struct why why = {.out = out, .plan = plan, .workload = workload};
	explain_workload(&why, thing);
	explain_secret(&why, thing);
	explain_mount(&why, thing);
	explain_host(&why, thing);
	explain_path(&why, thing);
	*may = why.may;
	return why.known || unknown(&why, thing, err);
}
