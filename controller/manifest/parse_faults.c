// SPDX-License-Identifier: GPL-3.0-or-later
/* Fault drills of a test case: which neighbour fails, how, and when. */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

#define LATENCY_MAX_MS 600000
#define KINDS "down, latency 2s, reset, error 503 or sidecar_killed"

static bool is_called(const struct manifest *manifest, const char *key)
{
	for (size_t w = 0; w < manifest->n_workloads; w++) {
		const struct manifest_workload *workload = &manifest->workloads[w];

		for (size_t i = 0; i < workload->n_connections; i++)
			if (str_eq(workload->connections[i].workload, key))
				return true;
	}
	return false;
}

static void read_peer(struct parse *parse, const struct yaml_node *value, void *out)
{
	const struct manifest_workload *workload = take_workload(parse, value);

	if (workload)
		put_text(out, workload->key);
}

/* What follows the kind's name: a duration, a status, or nothing. */
static bool take_argument(struct manifest_fault *fault, const char *text)
{
	uint64_t number;

	switch (fault->kind) {
	case FAULT_LATENCY:
		return num_parse_duration(text, &fault->latency_ms) && fault->latency_ms > 0 &&
		       fault->latency_ms <= LATENCY_MAX_MS;
	case FAULT_ERROR:
		if (!num_parse_u64(text, strlen(text), 599, &number) || number < 400)
			return false;
		fault->status = (unsigned)number;
		return true;
	default:
		return *text == '\0';
	}
}

static void read_fault_kind(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const NAMES[] = {[FAULT_DOWN] = "down",
					    [FAULT_LATENCY] = "latency",
					    [FAULT_RESET] = "reset",
					    [FAULT_ERROR] = "error",
					    [FAULT_SIDECAR_KILLED] = "sidecar_killed"};
	struct manifest_fault *fault = out;
	const char *text = take_text(parse, value, KINDS);
	size_t len = text ? strcspn(text, " ") : 0;
	auto_free char *name = xstrndup(text ? text : "", len);

	for (size_t i = 0; text && i < array_len(NAMES); i++) {
		if (!str_eq(name, NAMES[i]))
			continue;
		fault->kind = (enum fault_kind)i;
		if (!take_argument(fault, text + len + (text[len] == ' ')))
			report(parse, value->at, NULL,
			       "expected " KINDS " (a latency of at most 10m, a status from 400 to "
			       "599), not %s",
			       describe(value).text);
		return;
	}
	if (text)
		report(parse, value->at, text_nearest(name, NAMES, array_len(NAMES)),
		       "expected " KINDS ", not %s", describe(value).text);
}

static void read_moment(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const MOMENTS[] = {"start", "mid_stream"};
	int moment = take_word(parse, value, "start or mid_stream", MOMENTS, array_len(MOMENTS));

	*(bool *)out = moment == 1;
}

static const struct field FAULT_FIELDS[] = {
	{"peer", read_peer, offsetof(struct manifest_fault, peer), true,
	 "a workload that others are connected to; their calls of it fail"},
	{"kind", read_fault_kind, 0, true, KINDS},
	{"at", read_moment, offsetof(struct manifest_fault, mid_stream), false,
	 "start (default): before a response begins; mid_stream: in its middle"},
};
const struct mapping FAULT_MAPPING = MAPPING("a fault", FAULT_FIELDS);

static bool has_fault_of(const struct manifest_test *test, const char *peer)
{
	for (size_t i = 0; i < test->n_faults; i++)
		if (str_eq(test->faults[i].peer, peer))
			return true;
	return false;
}

static void read_fault(struct parse *parse, const struct yaml_node *value,
		       struct manifest_test *test)
{
	struct manifest_fault fault = {.at = value->at};

	read_mapping(parse, value, &FAULT_MAPPING, &fault);
	if (fault.kind == FAULT_ERROR && fault.mid_stream)
		report(parse, value->at, NULL,
		       "a status is answered at the start: in mid_stream it is too late for it");
	if (fault.peer && has_fault_of(test, fault.peer))
		report(parse, value->at, NULL, "there is another fault of \"%s\" in this test",
		       fault.peer);
	*APPEND(test, faults) = fault;
}

void read_faults(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;

	if (!expect(parse, value, YAML_LIST, "a list of faults"))
		return;
	if (test->kind == TEST_EXEC)
		report(parse, value->key_at, NULL,
		       "a test of kind exec runs before the app: there are no neighbours to fail");
	each_child(child, value) read_fault(parse, child, test);
}

void check_faults(struct parse *parse, size_t first)
{
	for (size_t t = first; t < parse->manifest->n_tests; t++) {
		const struct manifest_test *test = &parse->manifest->tests[t];

		for (size_t i = 0; i < test->n_faults; i++)
			if (test->faults[i].peer &&
			    !is_called(parse->manifest, test->faults[i].peer))
				report(parse, test->faults[i].at, NULL,
				       "no workload is connected to \"%s\": nobody would notice "
				       "that it fails",
				       test->faults[i].peer);
	}
}
