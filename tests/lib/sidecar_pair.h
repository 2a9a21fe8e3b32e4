// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Real capakit-sidecar processes tied together as the controller would: an edge, a caller `a` and a
 * callee `b` with a workload (http_workload.h), with a stub for the keeper that signs certificates
 * and knows one secret. Everything lives in one folder:
 *   a/connect/b.sock   the socket of a's connection to b (endpoint /w)
 *   a/bridge.sock      a's bridge; it may resolve "model_key", and of "late" it never hears
 *   b/ingress/         where b's workload listens
 *   a/connect/evil.sock  with `hostile`: the socket of a's connection to a peer that is the test
 *   <name>.log         what each sidecar logged
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "certs/authority.h"

/* What b takes its hostile caller for, and a its hostile callee. */
#define PAIR_HOSTILE_NAME "spiffe://t.capakit/workload/evil"
#define PAIR_HOSTILE_CALLERS 256 // links of each kind, one after another
#define PAIR_HOSTILE_CALLEES 64

#define PAIR_SECRET "s3cret \"quoted\" \xc3\xa4"

struct sidecar_pair {
	char dir[64];
	pid_t controller;
	pid_t workload;
	uint16_t edge_port; // on 127.0.0.1, public path "/" is endpoint "/w"
	int events;	    // one line for each event: "b drained", "a link a>b up", ...
	int orders;	    // see pair_order
	pid_t sidecars[3];  // edge, a, b
	/* With `hostile`: ends of links that an order makes b (caller) or a (callee) take up. */
	struct authority *authority;
	int hostile_caller[PAIR_HOSTILE_CALLERS];
	int hostile_callee[PAIR_HOSTILE_CALLEES];
};

struct sidecar_pair_options {
	const char *program; // capakit-sidecar
	uint64_t max_body;   // of endpoint /w; 0: the default
	uint32_t timeout_ms; // of a's connection
	unsigned retries;    // the same
	bool wrong_peer;     // b expects another caller than a
	bool no_workload;    // nothing listens in b/ingress
	bool hostile;	     // the test is a peer too, and may sign certificates
	size_t more_routes;  // endpoints of b before /w that nobody calls, each granted to a
	size_t more_links;   // from a to b, idle
	bool test_run;	     // a takes faults
	bool http2;	     // /w is an endpoint of a workload that speaks HTTP/2
};

/* Starts all and waits until the links are up (or, with wrong_peer, until one has gone down). */
bool sidecar_pair_start(struct sidecar_pair *pair, const struct sidecar_pair_options *options);
void sidecar_pair_stop(struct sidecar_pair *pair);

int pair_call(const struct sidecar_pair *pair);		// connected to a/connect/b.sock
int pair_bridge(const struct sidecar_pair *pair);	// connected to a/bridge.sock
int pair_edge(const struct sidecar_pair *pair);		// connected to the edge
int pair_call_hostile(const struct sidecar_pair *pair); // connected to a/connect/evil.sock

enum pair_order {
	PAIR_RENEW = 'r',	   // a new link a>b
	PAIR_DRAIN = 'd',	   // Drain to all
	PAIR_FAULT = 'f',	   // see pair_set_fault
	PAIR_WATCH_READY = 'w',	   // WatchReady to b
	PAIR_PAUSE = 'p',	   // PauseWorkload to b
	PAIR_HOSTILE_CALLER = 'h', // b gets a link from the test: the next of hostile_caller
	PAIR_HOSTILE_CALLEE = 'c'  // a gets one to the test
};
void pair_order(struct sidecar_pair *pair, enum pair_order order);

/* SetFaults to a: this for the link a>b (numbers of sidecar.proto), or with kind 0 none; "a faults
 * set" follows. */
struct pair_fault {
	uint32_t kind, mid_stream, latency_ms, status;
};
void pair_set_fault(struct sidecar_pair *pair, const struct pair_fault *fault);

/* Waits up to 5 s for an event line that contains `text`. */
bool pair_event(struct sidecar_pair *pair, const char *text);

/* Of one of the sidecars; 0: it is gone, or another user's. */
long pair_private_kb(pid_t pid);
