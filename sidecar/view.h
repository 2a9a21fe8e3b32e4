// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A socket in connect/: the workload speaks HTTP there to one endpoint of one callee. Its
 * requests are judged, counted as a hop, and sent over the link.
 */
#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/links.h"
#include "sidecar/listener.h"

struct view; // one such socket

/* Takes *fd, also on failure. */
struct view *view_new(struct turn *turn, struct links *links,
		      const Capakit__Sidecar__V1__AddConnection *add, int *fd, struct err *err);

struct listener *view_listener(struct view *view);
void view_forgive(struct view *view); // forgets the failures of the past
