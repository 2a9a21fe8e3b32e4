// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The status of an app for machines. This document is a public interface: keys are added, never
 * renamed. Text that is no UTF-8 cannot occur: protobuf strings that are not are left out.
 */
#include "controller/cli/status_limits.h"
#include "controller/cli/status_view.h"

#include "base/mem.h"
#include "controller/sandbox/profile.h"

static void put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value ? value : json_null());
}

static json_t *pid_or_null(int32_t pid)
{
	return pid > 0 ? json_integer(pid) : json_null();
}

static json_t *uptime_s(int64_t started_ms, int64_t now_ms)
{
	return started_ms > 0 && now_ms >= started_ms ? json_integer((now_ms - started_ms) / 1000)
						      : json_null();
}

static json_t *list_of(char **items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(list, json_string(items[i]));
	return list;
}

static json_t *egress_json(const Capakit__Control__V1__Egress *egress)
{
	json_t *object = json_object();

	put(object, "pid", pid_or_null(egress->pid));
	put(object, "connections", json_integer((json_int_t)egress->connections));
	put(object, "refused", json_integer((json_int_t)egress->refused));
	put(object, "failed", json_integer((json_int_t)egress->failed));
	put(object, "bytes_up", json_integer((json_int_t)egress->bytes_up));
	put(object, "bytes_down", json_integer((json_int_t)egress->bytes_down));
	return object;
}

static json_t *workload_json(const control_workload *workload, int64_t now_ms)
{
	json_t *object = json_object();

	put(object, "key", json_string(workload->key));
	put(object, "state", json_string(status_state_name(workload->state)));
	put(object, "sandbox_pid", pid_or_null(workload->sandbox_pid));
	put(object, "sidecar_pid", pid_or_null(workload->sidecar_pid));
	put(object, "restarts", json_integer(workload->restarts));
	put(object, "started_at_unix_ms", json_integer(workload->started_at_unix_ms));
	put(object, "uptime_s", uptime_s(workload->started_at_unix_ms, now_ms));
	put(object, "endpoints", list_of(workload->endpoints, workload->n_endpoints));
	put(object, "reason", *workload->reason ? json_string(workload->reason) : json_null());
	put(object, "egress", workload->egress ? egress_json(workload->egress) : json_null());
	status_limits_json(object, workload);
	return object;
}

static json_t *route_json(const control_route *route)
{
	json_t *object = json_object();

	put(object, "caller", json_string(route->caller));
	put(object, "callee", json_string(route->callee));
	put(object, "endpoints", list_of(route->endpoints, route->n_endpoints));
	put(object, "up", json_boolean(route->up));
	put(object, "renewals", json_integer(route->renewals));
	return object;
}

static json_t *url_json(const control_url *url)
{
	json_t *object = json_object();

	put(object, "protocol", json_string(url->protocol));
	put(object, "endpoint", json_string(url->endpoint));
	put(object, "url", json_string(url->url));
	return object;
}

static json_t *host_service_json(const Capakit__Control__V1__HostService *service)
{
	json_t *object = json_object();

	put(object, "name", json_string(service->name));
	put(object, "host", json_string(service->host));
	put(object, "address", json_string(service->address));
	put(object, "port", json_integer(service->port));
	return object;
}

json_t *status_view_json(const control_app *app, int64_t now_ms)
{
	json_t *object = json_object();
	json_t *workloads = json_array(), *routes = json_array(), *urls = json_array();
	json_t *host_services = json_array();

	for (size_t i = 0; i < app->n_workloads; i++)
		(void)json_array_append_new(workloads, workload_json(app->workloads[i], now_ms));
	for (size_t i = 0; i < app->n_routes; i++)
		(void)json_array_append_new(routes, route_json(app->routes[i]));
	for (size_t i = 0; i < app->n_urls; i++)
		(void)json_array_append_new(urls, url_json(app->urls[i]));
	for (size_t i = 0; i < app->n_host_services; i++)
		(void)json_array_append_new(host_services,
					    host_service_json(app->host_services[i]));
	put(object, "name", json_string(app->name));
	put(object, "run_id", json_string(app->run_id));
	put(object, "kit_path", json_string(app->kit_path));
	put(object, "state", json_string(status_state_name(app->state)));
	put(object, "started_at_unix_ms", json_integer(app->started_at_unix_ms));
	put(object, "uptime_s", uptime_s(app->started_at_unix_ms, now_ms));
	put(object, "controller_pid", pid_or_null(app->controller_pid));
	put(object, "profile", json_string(app->profile));
	put(object, "weaker", json_boolean(profile_is_weaker(app->profile)));
	put(object, "workloads", workloads);
	put(object, "routes", routes);
	put(object, "urls", urls);
	put(object, "host_services", host_services);
	put(object, "log_folder", json_string(app->log_folder));
	return object;
}
