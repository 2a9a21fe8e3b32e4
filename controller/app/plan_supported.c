// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a manifest may say that this version does not run yet. It is refused by name before
 * anything starts, so that no part of a manifest is silently left out.
 */
#include "base/mem.h"
#include "controller/app/plan.h"

static bool not_yet(struct err *err, const char *workload, const char *what)
{
	return err_set(err, ERR_UNSUPPORTED, "workload %s: %s, which this version cannot run yet",
		       workload, what);
}

static bool connection_supported(const char *workload, const struct manifest_connection *connection,
				 struct err *err)
{
	if (connection->host)
		return not_yet(err, workload, "connects to a host outside (`host:`)");
	return true;
}

static bool workload_supported(const struct manifest_workload *workload, struct err *err)
{
	for (size_t i = 0; i < workload->n_connections; i++)
		if (!connection_supported(workload->key, &workload->connections[i], err))
			return false;
	return true;
}

bool plan_supported(const struct manifest *manifest, struct err *err)
{
	if (manifest->n_workloads == 0)
		return err_set(err, ERR_UNSUPPORTED, "the Kit has no workloads: nothing to run");
	for (size_t i = 0; i < manifest->n_workloads; i++)
		if (!workload_supported(&manifest->workloads[i], err))
			return false;
	return true;
}
