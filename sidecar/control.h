// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the controller tells this process, and what it is told: the messages of
 * proto/capakit/sidecar/v1/sidecar.proto over the control channel.
 */
#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "proto/channel.h"
#include "sidecar/bridge.h"
#include "sidecar/edge.h"
#include "sidecar/edge_peer.h"
#include "sidecar/egress.h"
#include "sidecar/identity.h"
#include "sidecar/ingress.h"
#include "sidecar/keeper.h"
#include "sidecar/links.h"
#include "sidecar/ready.h"
#include "sidecar/turn.h"
#include "sidecar/view.h"

struct sidecar { // all of this process
	Capakit__Sidecar__V1__Role role;
	char *name;
	struct loop *loop;
	struct turn turn;
	struct channel *control;
	struct keeper *keeper;		  // not in role EGRESS
	struct own_identity *identity;	  // not in role EGRESS
	struct edge_peer *edge_peers;	  // role EDGE, until the edge serves
	struct egress_resolver *resolver; // role EGRESS, until egress serves
	struct links links;
	struct ingress *ingress;
	struct ready ready;
	struct bridge *bridge;
	struct view *views[CONNECTIONS_MAX];
	size_t n_views;
	struct edge *edge;
	struct egress *egress;
	struct deadline drained; // looks whether anything is left
	bool draining;
	struct deadline paused; // looks whether a request is with the workload
	uint32_t pause_token;
	bool test_run; // takes faults
	int exit_status;
};

/*
 * Waits for the first message, which must be Configure, and reads it straight from the descriptor:
 * nothing else may be read before this process is confined. The caller frees.
 */
Capakit__Sidecar__V1__Command *control_read_configure(int fd, struct err *err);

/* Takes the descriptor, says Configured, and serves commands from now on. */
must_check bool control_start(struct sidecar *sidecar, int fd, struct err *err);
