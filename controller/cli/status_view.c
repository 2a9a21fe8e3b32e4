// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The status of an app for people: what it is, where to reach it, and tables of its workloads and
 * routes. A column is as wide as its widest cell.
 */
#include "controller/cli/status_view.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/status_limits.h"
#include "controller/cli/status_tree.h"
#include "controller/cli/table.h"
#include "controller/sandbox/profile.h"
#include "controller/cli/term.h"

static const struct {
	const char *name;
	enum term_style style;
} STATES[] = {
	[CAPAKIT__CONTROL__V1__STATE__STATE_UNSPECIFIED] = {"unknown", TERM_DIM},
	[CAPAKIT__CONTROL__V1__STATE__STARTING] = {"starting", TERM_YELLOW},
	[CAPAKIT__CONTROL__V1__STATE__RUNNING] = {"running", TERM_GREEN},
	[CAPAKIT__CONTROL__V1__STATE__STOPPING] = {"stopping", TERM_YELLOW},
	[CAPAKIT__CONTROL__V1__STATE__FAILED] = {"failed", TERM_RED},
};

static size_t state_index(Capakit__Control__V1__State state)
{
	return (size_t)state < array_len(STATES) ? (size_t)state : 0;
}

const char *status_state_name(Capakit__Control__V1__State state)
{
	return STATES[state_index(state)].name;
}

static void format_uptime(char *out, size_t room, int64_t started_ms, int64_t now_ms)
{
	int64_t s = (now_ms - started_ms) / 1000;

	if (started_ms <= 0 || s < 0)
		(void)snprintf(out, room, "-");
	else if (s < 60)
		(void)snprintf(out, room, "%ds", (int)s);
	else if (s < 3600)
		(void)snprintf(out, room, "%dm %ds", (int)(s / 60), (int)(s % 60));
	else if (s < 86400)
		(void)snprintf(out, room, "%dh %dm", (int)(s / 3600), (int)(s / 60 % 60));
	else
		(void)snprintf(out, room, "%lldd %dh", (long long)(s / 86400),
			       (int)(s / 3600 % 24));
}

static void set_pid(struct cell *cell, int32_t pid)
{
	if (pid > 0)
		cell_set_number(cell, pid);
	else
		cell_set(cell, TERM_DIM, "-");
}

static void set_list(struct cell *cell, char **items, size_t count)
{
	size_t used = 0;

	cell->text[0] = '\0';
	for (size_t i = 0; i < count && used < sizeof(cell->text); i++)
		used += (size_t)snprintf(cell->text + used, sizeof(cell->text) - used, "%s%s",
					 i > 0 ? " " : "", items[i]);
	if (count == 0)
		cell_set(cell, TERM_DIM, "-");
}

static void print_head(struct buf *out, bool colour, const control_app *app, int64_t now_ms)
{
	size_t state = state_index(app->state);
	char uptime[32];

	format_uptime(uptime, sizeof(uptime), app->started_at_unix_ms, now_ms);
	term_append(out, colour, TERM_BOLD, app->name);
	(void)buf_append_str(out, "  ");
	term_append(out, colour, STATES[state].style, STATES[state].name);
	(void)buf_printf(out, "  up %s  profile ", uptime);
	bool weaker = profile_is_weaker(app->profile);
	term_append(out, colour, weaker ? TERM_YELLOW : TERM_PLAIN, app->profile);
	if (weaker)
		term_append(out, colour, TERM_YELLOW, " (WEAKER than standard, for debugging)");
	(void)buf_printf(out, "  pid %d\n  ", app->controller_pid);
	term_append(out, colour, TERM_DIM, app->kit_path);
	(void)buf_append_str(out, "\n");
}

static void print_urls(struct buf *out, bool colour, const control_app *app)
{
	static const char *const TITLES[] = {"PROTOCOL", "PATH", "URL"};
	struct table table;

	if (app->n_urls == 0)
		return;
	table_init(&table, TITLES, array_len(TITLES), app->n_urls);
	for (size_t i = 0; i < app->n_urls; i++) {
		struct cell *row = table.cells[i + 1];

		cell_set(&row[0], TERM_PLAIN, app->urls[i]->protocol);
		cell_set(&row[1], TERM_PLAIN, app->urls[i]->endpoint);
		cell_set(&row[2], TERM_CYAN, app->urls[i]->url);
	}
	(void)buf_append_str(out, "\n");
	table_print(&table, out, colour, NULL);
}

static void set_place(struct cell *cell, const struct status_row *row)
{
	(void)snprintf(cell->text, sizeof(cell->text), "%*s%.*s%s", (int)(2 * row->depth), "",
		       (int)row->text_len, row->text, row->workload ? "" : ":");
	cell->style = row->workload ? TERM_BOLD : TERM_DIM;
}

static void print_workloads(struct buf *out, bool colour, const control_app *app, int64_t now_ms)
{
	static const char *const TITLES[] = {"WORKLOAD", "STATE",   "UP",	"RESTARTS",
					     "SANDBOX",	 "SIDECAR", "ENDPOINTS"};
	size_t n_rows;
	auto_free struct status_row *rows = status_tree(app->workloads, app->n_workloads, &n_rows);
	auto_free char **reasons = xcalloc(n_rows + 1, sizeof(*reasons));
	struct table table;

	table_init(&table, TITLES, array_len(TITLES), n_rows);
	for (size_t i = 0; i < n_rows; i++) {
		const control_workload *workload = rows[i].workload;
		struct cell *row = table.cells[i + 1];

		set_place(&row[0], &rows[i]);
		if (!workload)
			continue;
		size_t state = state_index(workload->state);
		cell_set(&row[1], STATES[state].style, STATES[state].name);
		format_uptime(row[2].text, CELL_MAX, workload->started_at_unix_ms, now_ms);
		cell_set_number(&row[3], workload->restarts);
		row[3].style = workload->restarts > 0 ? TERM_YELLOW : TERM_PLAIN;
		set_pid(&row[4], workload->sandbox_pid);
		set_pid(&row[5], workload->sidecar_pid);
		set_list(&row[6], workload->endpoints, workload->n_endpoints);
		reasons[i] = workload->reason;
	}
	(void)buf_append_str(out, "\n");
	table_print(&table, out, colour, reasons);
}

static size_t count_egress(const control_app *app)
{
	size_t count = 0;

	for (size_t i = 0; i < app->n_workloads; i++)
		count += app->workloads[i]->egress != NULL;
	return count;
}

static void print_egress(struct buf *out, bool colour, const control_app *app)
{
	static const char *const TITLES[] = {"NETWORK",	 "ASKED",      "REFUSED", "FAILED",
					     "BYTES UP", "BYTES DOWN", "EGRESS"};
	struct table table;
	size_t count = count_egress(app), used = 0;

	if (count == 0)
		return;
	table_init(&table, TITLES, array_len(TITLES), count);
	for (size_t i = 0; i < app->n_workloads; i++) {
		const Capakit__Control__V1__Egress *egress = app->workloads[i]->egress;
		if (!egress)
			continue;
		struct cell *row = table.cells[++used];
		cell_set(&row[0], TERM_BOLD, app->workloads[i]->key);
		cell_set_number(&row[1], egress->connections);
		cell_set_number(&row[2], egress->refused);
		row[2].style = egress->refused > 0 ? TERM_YELLOW : TERM_PLAIN;
		cell_set_number(&row[3], egress->failed);
		cell_set_number(&row[4], egress->bytes_up);
		cell_set_number(&row[5], egress->bytes_down);
		set_pid(&row[6], egress->pid);
	}
	(void)buf_append_str(out, "\n");
	table_print(&table, out, colour, NULL);
}

/* In what way its limits are weaker than they should be; the same for all workloads of an app. */
static void print_weaker(struct buf *out, bool colour, const control_workload *workload)
{
	for (size_t i = 0; i < workload->n_limits; i++) {
		const Capakit__Control__V1__Limit *limit = workload->limits[i];
		char line[CELL_MAX * 2];

		if (!*limit->weaker)
			continue;
		(void)snprintf(line, sizeof(line), "%s is held by %s, which is weaker: %s",
			       status_resource_name(limit->resource),
			       status_holder_name(limit->holder), limit->weaker);
		(void)buf_append_str(out, "  ");
		term_append(out, colour, TERM_YELLOW, line);
		(void)buf_append_str(out, "\n");
	}
}

static void print_usage(struct buf *out, bool colour, const control_app *app)
{
	static const char *const TITLES[] = {"WORKLOAD", "MEMORY", "PROCESSES", "DISK", "CPU TIME"};
	static const Capakit__Control__V1__Resource AMOUNTS[] = {
		CAPAKIT__CONTROL__V1__RESOURCE__MEMORY, CAPAKIT__CONTROL__V1__RESOURCE__PIDS,
		CAPAKIT__CONTROL__V1__RESOURCE__DISK};
	struct table table;

	if (app->n_workloads == 0 || app->workloads[0]->n_limits == 0)
		return;
	table_init(&table, TITLES, array_len(TITLES), app->n_workloads);
	for (size_t i = 0; i < app->n_workloads; i++) {
		struct cell *row = table.cells[i + 1];

		cell_set(&row[0], TERM_BOLD, app->workloads[i]->key);
		for (size_t j = 0; j < array_len(AMOUNTS); j++)
			status_amount(app->workloads[i], AMOUNTS[j], row[j + 1].text);
		status_cpu_time(app->workloads[i], row[4].text);
	}
	(void)buf_append_str(out, "\n");
	table_print(&table, out, colour, NULL);
	print_weaker(out, colour, app->workloads[0]);
}

static void print_host_services(struct buf *out, bool colour, const control_app *app)
{
	static const char *const TITLES[] = {"HOST SERVICE", "AT", "INSIDE"};
	struct table table;

	if (app->n_host_services == 0)
		return;
	table_init(&table, TITLES, array_len(TITLES), app->n_host_services);
	for (size_t i = 0; i < app->n_host_services; i++) {
		const Capakit__Control__V1__HostService *service = app->host_services[i];
		struct cell *row = table.cells[i + 1];

		cell_set(&row[0], TERM_BOLD, service->name);
		(void)snprintf(row[1].text, CELL_MAX, "%s:%u", service->address, service->port);
		(void)snprintf(row[2].text, CELL_MAX, "%s:%u", service->host, service->port);
	}
	(void)buf_append_str(out, "\n");
	table_print(&table, out, colour, NULL);
}

static void print_routes(struct buf *out, bool colour, const control_app *app)
{
	static const char *const TITLES[] = {"ROUTE", "STATE", "RENEWED", "ENDPOINTS"};
	struct table table;

	if (app->n_routes == 0)
		return;
	table_init(&table, TITLES, array_len(TITLES), app->n_routes);
	for (size_t i = 0; i < app->n_routes; i++) {
		const control_route *route = app->routes[i];
		struct cell *row = table.cells[i + 1];

		(void)snprintf(row[0].text, CELL_MAX, "%s → %s", route->caller, route->callee);
		cell_set(&row[1], route->up ? TERM_GREEN : TERM_RED, route->up ? "up" : "down");
		cell_set_number(&row[2], route->renewals);
		set_list(&row[3], route->endpoints, route->n_endpoints);
	}
	(void)buf_append_str(out, "\n");
	table_print(&table, out, colour, NULL);
}

void status_view_text(struct buf *out, bool colour, const control_app *app, int64_t now_ms)
{
	print_head(out, colour, app, now_ms);
	print_urls(out, colour, app);
	print_workloads(out, colour, app, now_ms);
	print_egress(out, colour, app);
	print_usage(out, colour, app);
	print_host_services(out, colour, app);
	print_routes(out, colour, app);
}
