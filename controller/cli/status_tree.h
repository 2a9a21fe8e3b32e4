// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The workloads of an app as a tree of its Kits: a workload of the Kit that was started stands at
 * the left, one of a dependency below a row with the dependency's key. Pure.
 */
#include <stddef.h>

#include "capakit/control/v1/control.pb-c.h"

struct status_row {
	const Capakit__Control__V1__Workload *workload; // NULL: a dependency
	unsigned depth;
	const char *text; // the key alone; text_len bytes of a workload's full name
	size_t text_len;
};

/* Rows in order; the caller frees the array. Their texts belong to the workloads. */
struct status_row *status_tree(Capakit__Control__V1__Workload *const *workloads, size_t n_workloads,
			       size_t *n_rows);
