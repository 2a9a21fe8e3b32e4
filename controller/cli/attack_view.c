// SPDX-License-Identifier: GPL-3.0-or-later
/* Of each attack what was tried and what stopped it, and of each layer how many it stopped. */
#include "controller/cli/attack_view.h"

#include "base/mem.h"
#include "controller/cli/json_out.h"
#include "controller/cli/term.h"

#define NAME_WIDTH 23

static void append_answer(struct buf *out, bool colour, const struct attack_result *result)
{
	const char *reason = result->attack->only_root;

	term_append(out, colour, TERM_PLAIN, result->answer);
	if (result->state != ATTACK_STATE_STOPPED)
		return;
	(void)buf_append_str(out, *result->layers ? "; held by " : "; no layer is needed: ");
	term_append(out, colour, TERM_PLAIN,
		    *result->layers ? result->layers
		    : reason	    ? reason
				    : "the kernel gives it to nobody");
}

static void append_result(struct buf *out, bool colour, const struct attack_result *result)
{
	static const struct {
		enum term_style style;
		const char *mark, *verb;
	} looks[] = {
		[ATTACK_STATE_STOPPED] = {TERM_GREEN, "[✓]", "stopped: "},
		[ATTACK_STATE_SUCCEEDED] = {TERM_RED, "[✗]", "SUCCEEDED: "},
		[ATTACK_STATE_UNCLEAR] = {TERM_RED, "[✗]", "UNCLEAR: "},
		[ATTACK_STATE_NOT_TRIED] = {TERM_DIM, "[-]", "not tried: "},
	};

	term_append(out, colour, looks[result->state].style, looks[result->state].mark);
	(void)buf_append_str(out, " ");
	term_append_cell(out, colour, TERM_BOLD, result->attack->name, NAME_WIDTH);
	term_append(out, colour, TERM_PLAIN, result->attack->what);
	(void)buf_append_str(out, "\n    ");
	term_append(out, colour, looks[result->state].style, looks[result->state].verb);
	append_answer(out, colour, result);
	(void)buf_append_str(out, "\n");
}

/* ---- layers: "root, landlock" ---- */

static bool has_layer(const char *layers, const char *name, size_t len)
{
	for (const char *at = layers; *at; at += strspn(at, ", ")) {
		size_t this = strcspn(at, ",");
		if (this == len && strncmp(at, name, len) == 0)
			return true;
		at += this;
	}
	return false;
}

static size_t stopped_by(const struct attack_report *report, const char *name, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < report->n; i++)
		count += report->results[i].state == ATTACK_STATE_STOPPED &&
			 has_layer(report->results[i].layers, name, len);
	return count;
}

/* Whether an attack before this one names the layer, or this one before `layer`. */
static bool was_named(const struct attack_report *report, size_t attack, const char *layer,
		      size_t len)
{
	for (size_t i = 0; i < attack; i++)
		if (has_layer(report->results[i].layers, layer, len))
			return true;
	return false;
}

static void append_layers(struct buf *out, const struct attack_report *report)
{
	const char *separator = "each layer holds by itself: ";

	for (size_t i = 0; i < report->n; i++) {
		for (const char *at = report->results[i].layers; *at; at += strspn(at, ", ")) {
			size_t len = strcspn(at, ",");
			if (!was_named(report, i, at, len)) {
				(void)buf_printf(out, "%s%.*s %zu", separator, (int)len, at,
						 stopped_by(report, at, len));
				separator = ", ";
			}
			at += len;
		}
	}
	(void)buf_append_str(out, "\n");
}

void attack_view(struct buf *out, bool colour, const struct attack_report *report)
{
	(void)buf_append_str(out,
			     "attacks from inside a sandbox that was made as for a workload:\n");
	for (size_t i = 0; i < report->n; i++)
		append_result(out, colour, &report->results[i]);
	append_layers(out, report);
	(void)buf_printf(out, "%zu attacks stopped, %zu succeeded, %zu unclear, %zu not tried\n",
			 attacks_count(report, ATTACK_STATE_STOPPED),
			 attacks_count(report, ATTACK_STATE_SUCCEEDED),
			 attacks_count(report, ATTACK_STATE_UNCLEAR),
			 attacks_count(report, ATTACK_STATE_NOT_TRIED));
}

static json_t *layers_json(const char *layers)
{
	json_t *list = json_array();

	for (const char *at = layers; *at; at += strspn(at, ", ")) {
		size_t len = strcspn(at, ",");
		(void)json_array_append_new(list, json_stringn(at, len));
		at += len;
	}
	return list;
}

json_t *attack_view_json(const struct attack_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->n; i++) {
		const struct attack_result *result = &report->results[i];
		json_t *object = json_object();
		json_put(object, "name", json_string(result->attack->name));
		json_put(object, "tried", json_string(result->attack->what));
		json_put(object, "state", json_string(attack_state_name(result->state)));
		json_put(object, "answer", json_escaped(result->answer));
		json_put(object, "layers", layers_json(result->layers));
		(void)json_array_append_new(list, object);
	}
	return list;
}
