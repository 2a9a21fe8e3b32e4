// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The links of this process by name. A name may have a new link that is being made or has just come
 * up, and older ones that drain; requests go over the newest that is usable, and may wait for one.
 */
#include <stdbool.h>
#include <sys/queue.h>

#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/fault.h"
#include "sidecar/ingress.h"
#include "sidecar/link.h"
#include "sidecar/outside.h"

struct links_owner {
	/* For the controller: LinkState. */
	void (*state)(void *owner, const char *link, bool up, const char *reason, bool replaced);
	void (*fault_reached)(void *owner, const char *link); // FaultReached
};

struct link_entry; // one link of a slot

struct link_slot {
	LIST_ENTRY(link_slot) next;
	struct links *links;
	char *name;
	LIST_HEAD(, link_entry) entries; // the newest first
	size_t n_entries;
	struct waiters waiters; // for a usable link
	struct fault fault;	// of a test run
};

struct links { // embedded in its owner
	struct turn *turn;
	LIST_HEAD(, link_slot) slots;
	size_t n_slots;
	struct ingress *ingress; // where requests of callee links go; NULL until it is known
	struct outside *outside; // or there, in role OUTSIDE
	const struct links_owner *ops;
	void *owner;
};

void links_init(struct links *links, struct turn *turn, const struct links_owner *ops, void *owner);

/* Makes the slot when there is none. NULL: too many (LINKS_MAX). */
struct link_slot *links_slot(struct links *links, const char *name, struct err *err);

/* Takes *fd, also on failure. */
must_check bool links_add(struct links *links, const Capakit__Sidecar__V1__AddLink *add,
			  struct tls_context *tls, int *fd, struct err *err);

struct link *link_slot_usable(struct link_slot *slot); // CALLER; NULL: none for now

void links_drain(struct links *links);
void links_clear_faults(struct links *links);
bool links_busy(const struct links *links); // a link is left
