// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A circuit breaker: after CIRCUIT_FAILURES failures in a row nothing is sent for CIRCUIT_OPEN_MS,
 * then one request at a time is let through as a probe, until one succeeds. Pure: time is passed
 * in, in ms of any clock that does not go back. All zeros is a closed circuit.
 */
#include <stdbool.h>
#include <stdint.h>

struct circuit {
	unsigned failures; // in a row
	bool open;
	bool probing;
	uint64_t probe_at; // with `open`: not before
};

enum circuit_verdict {
	CIRCUIT_PASS,
	CIRCUIT_PROBE, // goes, and decides
	CIRCUIT_REFUSE,
};

/* Each request that is let through ends in exactly one of the three below; say what it was. */
enum circuit_verdict circuit_ask(struct circuit *circuit, uint64_t now);

/* True: this has closed it. */
bool circuit_succeeded(struct circuit *circuit);

/* True: this has opened it. */
bool circuit_failed(struct circuit *circuit, bool probe, uint64_t now);

/* It ended without showing anything: its client went away, or it was no proper request. */
void circuit_abandoned(struct circuit *circuit, bool probe);

/* With CIRCUIT_REFUSE: whole seconds after which to ask again, at least 1. */
unsigned circuit_retry_after_s(const struct circuit *circuit, uint64_t now);
