// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names say where a workload is in the tree ("tools:llama:serve"), so the tree is made by sorting
 * them by their parts, own workloads of a Kit before its dependencies, and by adding a row wherever
 * a further dependency begins.
 */
#include "controller/cli/status_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

typedef Capakit__Control__V1__Workload workload;

static int compare_parts(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int by_place(const void *left, const void *right)
{
	const char *a = (*(workload *const *)left)->key;
	const char *b = (*(workload *const *)right)->key;
	for (;;) {
		size_t a_len = strcspn(a, ":"), b_len = strcspn(b, ":");
		if (!a[a_len] != !b[b_len])
			return a[a_len] ? 1 : -1;
		int order = compare_parts(a, a_len, b, b_len);
		if (order || !a[a_len])
			return order;
		a += a_len + 1;
		b += b_len + 1;
	}
}

/* Are both below the same dependencies as far as `len` bytes of the name go? */
static bool shares(const char *name, const char *previous, size_t len)
{
	return strncmp(name, previous, len) == 0;
}

static size_t count_parts(const char *name)
{
	size_t parts = 1;
	for (; (name = strchr(name, ':')); name++)
		parts++;
	return parts;
}

/* Rows for the dependencies that the workload is in and the one before it was not, and its own. */
static void add_rows(const workload *at, const char *previous, struct status_row *rows,
		     size_t *count)
{
	unsigned depth = 0;
	const char *part = at->key;
	for (const char *colon; (colon = strchr(part, ':')); part = colon + 1, depth++)
		if (!shares(at->key, previous, (size_t)(colon + 1 - at->key)))
			rows[(*count)++] = (struct status_row){
				.depth = depth, .text = part, .text_len = (size_t)(colon - part)};
	rows[(*count)++] = (struct status_row){at, depth, part, strlen(part)};
}

struct status_row *status_tree(workload *const *workloads, size_t n_workloads, size_t *n_rows)
{
	size_t most = 0;
	auto_free workload **sorted = xcalloc(n_workloads + 1, sizeof(*sorted));
	for (size_t i = 0; i < n_workloads; i++) {
		sorted[i] = workloads[i];
		most += count_parts(workloads[i]->key);
	}
	qsort(sorted, n_workloads, sizeof(*sorted), by_place);
	struct status_row *rows = xcalloc(most + 1, sizeof(*rows));
	*n_rows = 0;
	for (size_t i = 0; i < n_workloads; i++)
		add_rows(sorted[i], i > 0 ? sorted[i - 1]->key : "", rows, n_rows);
	return rows;
}
