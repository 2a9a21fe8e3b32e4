// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the files of attack-hoards share: the ways to make a sidecar hold memory. */
#include "floods_peer.h"
#include "bystander.h"

/*
 * Where others are to be served by the same workload, fewer than the connections that it gets
 * (HOARD_FEW on each link), and fewer clients than one link has streams.
 */
enum {
	HOARD_LINKS = 16,
	HOARD_MANY = 250,
	HOARD_FEW = 28,
	HOARD_CLIENTS = 240,
	HOARD_SOCKETS = 1000
};

enum { EDGE, A, B }; // of the sidecars

/* The peers and clients of one attack; all of them stay until it is over. */
struct hoarders {
	struct sidecar_pair *pair;
	struct peer peers[HOARD_LINKS];
	size_t n_peers;
	int fds[HOARD_SOCKETS];
	size_t n_fds;
	void (*look)(struct hoarders *hoarders); // at the victim's memory; call it now and then
	pid_t victim;
	long worst_kb;
};

struct hoard {
	const char *name;
	void (*run)(struct hoarders *hoarders);
	int victim;
	enum bystander_way bystander;
};

extern const struct hoard HOARDS[];
extern const size_t N_HOARDS;
