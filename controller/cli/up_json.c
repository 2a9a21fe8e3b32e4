// SPDX-License-Identifier: GPL-3.0-or-later
/* The result of `up` for machines: its URLs, or why it has none. */
#include "controller/cli/up_json.h"

#include "base/mem.h"
#include "controller/app/urls.h"
#include "controller/cli/json_out.h"
#include "controller/sandbox/profile.h"

static json_t *urls(const struct app *app)
{
	json_t *list = json_array();
	for (size_t i = 0; i < app->plan->n_exposes; i++) {
		const struct plan_expose *expose = &app->plan->exposes[i];
		auto_free char *url = app_url(app, expose);
		json_t *item = json_object();
		json_put(item, "protocol",
			 json_string(manifest_protocol_name(expose->endpoint->protocol)));
		json_put(item, "endpoint", json_escaped(expose->route->public_path));
		json_put(item, "url", json_escaped(url));
		json_array_append_new(list, item);
	}
	return list;
}

void up_json_running(const struct app *app)
{
	json_t *document = json_object();
	json_put(document, "name", json_escaped(app->name));
	json_put(document, "run_id", json_string(app->run_id));
	json_put(document, "kit_path", json_escaped(app->kits[0].source.name));
	json_put(document, "profile", json_string(app->inputs.profile));
	json_put(document, "weaker", json_boolean(profile_is_weaker(app->inputs.profile)));
	json_put(document, "log_folder", json_escaped(app->log_path));
	json_put(document, "urls", urls(app));
	json_print(document);
	fflush(stdout);
}

void up_json_error(const struct err *err, int exit_status)
{
	json_t *event = json_object();
	json_put(event, "event", json_string("error"));
	json_put(event, "status", json_integer(exit_status));
	json_put(event, "message", json_escaped(err->text));
	json_print_line(event, stderr);
}
