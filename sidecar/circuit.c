// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A workload that is dead or drowning is left alone for a while, and its callers hear so at once
 * instead of each finding out. What was sent before the circuit opened may still come back: a
 * success closes it, a failure changes nothing.
 */
#include "sidecar/circuit.h"

#include "base/limits.h"

enum circuit_verdict circuit_ask(struct circuit *circuit, uint64_t now)
{
	if (!circuit->open)
		return CIRCUIT_PASS;
	if (circuit->probing || now < circuit->probe_at)
		return CIRCUIT_REFUSE;
	circuit->probing = true;
	return CIRCUIT_PROBE;
}

bool circuit_succeeded(struct circuit *circuit)
{
	bool closed = circuit->open;

	*circuit = (struct circuit){0};
	return closed;
}

bool circuit_failed(struct circuit *circuit, bool probe, uint64_t now)
{
	bool was_open = circuit->open;

	if (probe)
		circuit->probing = false;
	if (was_open && !probe)
		return false;
	if (!was_open && ++circuit->failures < CIRCUIT_FAILURES)
		return false;
	circuit->open = true;
	circuit->probe_at = now + CIRCUIT_OPEN_MS;
	return !was_open;
}

void circuit_abandoned(struct circuit *circuit, bool probe)
{
	if (probe)
		circuit->probing = false;
}

unsigned circuit_retry_after_s(const struct circuit *circuit, uint64_t now)
{
	uint64_t wait_ms = circuit->probe_at > now ? circuit->probe_at - now : 0;

	return wait_ms <= 1000 ? 1 : (unsigned)((wait_ms + 999) / 1000);
}
