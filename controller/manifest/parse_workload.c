// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Workloads, all but their connections: those refer to endpoints of workloads that may stand later
 * in the file, and are read when all of these are there.
 */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/manifest/syntax.h"

#define CPUS_MAX 1024
#define PIDS_MAX 4194304 // the kernel's own maximum

static void not_read_here(struct parse *parse, const struct yaml_node *value, void *out)
{
}

void read_path(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *path = take_text(parse, value, "a path");
	const char *fault = path ? syntax_path_fault(path) : NULL;

	if (fault)
		report(parse, value->at, NULL, "\"%s\" cannot be a path: %s", excerpt(path).text,
		       fault);
	else if (path)
		put_text(out, path);
}

/* ---- import ---- */

static void read_import_dependency(struct parse *parse, const struct yaml_node *value, void *out)
{
	const struct manifest_dependency *dependency = take_dependency(parse, value);

	if (dependency)
		put_text(out, dependency->key);
}

/* Older Kits named what the dependency exports by its protocol; that was exposed at /<protocol>. */
static void read_export(struct parse *parse, const struct yaml_node *value, void *out)
{
	char **path = out;
	const char *name = take_text(parse, value, "what the dependency exports");

	if (!name)
		return;
	auto_free char *exposed = xasprintf("%s%s", name[0] == '/' ? "" : "/", name);
	if (syntax_path_fault(exposed))
		report(parse, value->at, NULL, "\"%s\" cannot be exported: %s", excerpt(name).text,
		       syntax_path_fault(exposed));
	else if (!*path)
		*path = take_ptr(&exposed);
}

static const struct field IMPORT_FIELDS[] = {
	{"dependency", read_import_dependency, offsetof(struct manifest_import, dependency), true,
	 "the name of a dependency"},
	{"exposed_path", read_path, offsetof(struct manifest_import, exposed_path), false,
	 "a path that the dependency exposes"},
	{"export", read_export, offsetof(struct manifest_import, exposed_path), false,
	 "older form of exposed_path: \"oaic\" means \"/oaic\""},
};
const struct mapping IMPORT_MAPPING = MAPPING("an import", IMPORT_FIELDS);

static void read_import(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;
	struct manifest_import *import = &workload->import;

	import->at = value->key_at;
	if (!read_mapping(parse, value, &IMPORT_MAPPING, import))
		return;
	const struct yaml_node *path = yaml_get(value, "exposed_path");
	const struct yaml_node *export = yaml_get(value, "export");

	if (!path && !export)
		report(parse, value->key_at, NULL, "an import needs the key \"exposed_path\"");
	if (path && export)
		report(parse, export->key_at, NULL,
		       "\"exposed_path\" is given too; remove the older \"export\"");
	if (!import->exposed_path)
		return;
	struct manifest_endpoint *endpoint = APPEND(workload, endpoints);
	endpoint->path = xstrdup(import->exposed_path);
	endpoint->at = value->key_at;
	endpoint->max_body = HTTP_BODY_DEFAULT_MAX;
}

/* ---- secrets, mounts ---- */

static void read_workload_secrets(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;

	if (!expect(parse, value, YAML_LIST, "a list of secrets"))
		return;
	each_child(child, value)
	{
		const char *secret = take_secret(parse, child);

		if (!secret)
			continue;
		if (has_text(workload->secrets, workload->n_secrets, secret))
			report(parse, child->at, NULL, "the secret \"%s\" is named twice", secret);
		else
			append_text(&workload->secrets, &workload->n_secrets, secret);
	}
}

static void read_mount_mid(struct parse *parse, const struct yaml_node *value, void *out)
{
	const struct manifest_host_mount *mount = take_host_mount(parse, value);

	if (mount)
		put_text(out, mount->key);
}

static const struct field MOUNT_USE_FIELDS[] = {
	{"mount_mid", read_mount_mid, offsetof(struct manifest_mount_use, mount), true,
	 "the name of a host mount"},
	{"access", read_access, offsetof(struct manifest_mount_use, access), false,
	 "read_only (default) or read_write, no more than the host mount allows"},
};
const struct mapping MOUNT_USE_MAPPING = MAPPING("a mount", MOUNT_USE_FIELDS);

/* True when the workload may keep this use of a mount. */
static bool check_mount_use(struct parse *parse, const struct yaml_node *value,
			    const struct manifest_workload *workload,
			    const struct manifest_mount_use *use)
{
	const struct manifest_host_mount *mount = manifest_host_mount(parse->manifest, use->mount);
	const struct yaml_node *access = yaml_get(value, "access");

	if (use->access == ACCESS_READ_WRITE && mount->access == ACCESS_READ_ONLY)
		report(parse, access ? access->at : value->at, "read_only",
		       "the mount \"%s\" is read_only for the whole Kit (host_mounts)", mount->key);
	for (size_t i = 0; i < workload->n_mounts; i++) {
		if (!str_eq(workload->mounts[i].mount, use->mount))
			continue;
		report(parse, value->at, NULL, "the mount \"%s\" is named twice", use->mount);
		return false;
	}
	return true;
}

static void read_mounts(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;

	if (!expect(parse, value, YAML_LIST, "a list of mounts"))
		return;
	each_child(child, value)
	{
		struct manifest_mount_use use = {.at = child->at};

		if (!read_mapping(parse, child, &MOUNT_USE_MAPPING, &use) || !use.mount)
			continue;
		if (check_mount_use(parse, child, workload, &use))
			*APPEND(workload, mounts) = use;
		else
			free(use.mount);
	}
}

/* ---- resources ---- */

/* A decimal number of CPUs with at most three digits behind the point, in thousandths. */
static bool parse_cpus(const char *text, uint64_t *milli)
{
	size_t whole = strcspn(text, ".");
	const char *fraction = text[whole] ? text + whole + 1 : "0";
	uint64_t number, thousandths;
	char padded[] = "000";

	if (strlen(fraction) > 3 || !*fraction || !num_parse_u64(text, whole, CPUS_MAX, &number))
		return false;
	memcpy(padded, fraction, strlen(fraction));
	const char *digits = padded + strspn(padded, "0");
	if (!*digits)
		thousandths = 0;
	else if (!num_parse_u64(digits, strlen(digits), 999, &thousandths))
		return false;
	*milli = number * 1000 + thousandths;
	return *milli > 0;
}

static void read_cpus(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *text = take_scalar(parse, value, "a number of CPUs such as 1.5");
	uint64_t milli;

	if (!text)
		return;
	if (value->plain && parse_cpus(text, &milli))
		*(uint32_t *)out = (uint32_t)milli;
	else
		report(parse, value->at, NULL,
		       "expected a number of CPUs such as 2 or 1.5 (from 0.001 to %d), not %s",
		       CPUS_MAX, describe(value).text);
}

static void read_pids(struct parse *parse, const struct yaml_node *value, void *out)
{
	uint64_t pids;

	if (take_number(parse, value, 1, PIDS_MAX, &pids))
		*(uint32_t *)out = (uint32_t)pids;
}

static const struct field RESOURCES_FIELDS[] = {
	{"memory", read_size, offsetof(struct manifest_resources, memory), false,
	 "a size such as 512MiB"},
	{"cpus", read_cpus, offsetof(struct manifest_resources, cpu_milli), false,
	 "a number such as 1.5"},
	{"pids", read_pids, offsetof(struct manifest_resources, pids), false,
	 "the most processes and threads at once"},
};
const struct mapping RESOURCES_MAPPING = MAPPING("resources", RESOURCES_FIELDS);

static void read_resources(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_resources *resources = out;

	resources->at = value->key_at;
	read_mapping(parse, value, &RESOURCES_MAPPING, resources);
}

/* ---- the workload ---- */

static void read_root(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *path = take_text(parse, value, "a folder of this Kit");

	if (!path)
		return;
	if (!syntax_is_folder_beneath(path)) {
		report(parse, value->at, NULL,
		       "\"%s\" cannot be the root: it has to be a folder inside of this Kit, "
		       "without "
		       "\"..\"",
		       excerpt(path).text);
		return;
	}
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	free(*(char **)out);
	*(char **)out = xstrndup(path, len);
}

static const struct field WORKLOAD_FIELDS[] = {
	{"root", read_root, offsetof(struct manifest_workload, root), false,
	 "the folder of its files (default workloads/<its name>)"},
	{"import", read_import, 0, false, "instead of all else: what a dependency exposes"},
	{"connections", not_read_here, 0, false, "what it may call: workloads and hosts outside"},
	{"secrets", read_workload_secrets, 0, false, "the secrets that it may read"},
	{"mounts", read_mounts, 0, false, "the host mounts that it sees"},
	{"endpoints", read_endpoints, 0, false, "what it serves"},
	{"resources", read_resources, offsetof(struct manifest_workload, resources), false,
	 "limits of memory, CPUs and processes"},
	{"runtime", read_runtime, 0, false, "what is run"},
};
const struct mapping WORKLOAD_MAPPING = MAPPING("a workload", WORKLOAD_FIELDS);

static void check_import(struct parse *parse, const struct yaml_node *value)
{
	if (yaml_get(value, "import")) {
		each_child(child, value)
		{
			if (!str_eq(child->key, "import"))
				report(parse, child->key_at, NULL,
				       "a workload that is an import has nothing else; \"%s\" is "
				       "the "
				       "dependency's own matter",
				       excerpt(child->key).text);
		}
	} else if (!yaml_get(value, "runtime")) {
		report(parse, value->key_at, NULL,
		       "a workload needs the key \"runtime\" (or \"import\")");
	}
}

static void read_workload(struct parse *parse, const struct yaml_node *value,
			  struct manifest_workload *workload)
{
	workload->key = xstrdup(value->key);
	workload->at = value->key_at;
	workload->root = xasprintf("workloads/%s", value->key);
	if (read_mapping(parse, value, &WORKLOAD_MAPPING, workload))
		check_import(parse, value);
}

void read_workloads(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest *manifest = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of workloads"))
		return;
	if (!value->first)
		report(parse, value->at, NULL, "a Kit needs at least one workload");
	each_child(child, value)
	{
		if (!check_key(parse, child, "a workload"))
			continue;
		if (manifest->n_workloads == MANIFEST_WORKLOADS_MAX) {
			report(parse, child->key_at, NULL, "a Kit has at most %d workloads",
			       MANIFEST_WORKLOADS_MAX);
			return;
		}
		read_workload(parse, child, APPEND(manifest, workloads));
	}
}
