// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which link a request takes. A link is replaced when its certificates have reached half of their
 * life, or when the sidecar at its other end was restarted: the new one takes over as soon as it is
 * up, and not before; the old one drains.
 */
#include "sidecar/links.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"

enum { ENTRIES_MAX = 4 };

struct link_entry {
	LIST_ENTRY(link_entry) next;
	struct link_slot *slot;
	struct link *link;
	bool replaced;
	char **paths; // CALLEE: what the peer may call
	size_t n_paths;
	struct route_table granted; // of `paths`
};

static void entry_free(struct link_entry *entry)
{
	route_table_free(&entry->granted);
	for (size_t i = 0; i < entry->n_paths; i++)
		free(entry->paths[i]);
	free(entry->paths);
	free(entry);
}

/*
 * The caller drains: it alone knows when it has stopped using the old one. Were the callee to say
 * GOAWAY, it would refuse what the caller is sending at that moment.
 */
static void retire_older(struct link_entry *entry)
{
	struct link_entry *older = LIST_NEXT(entry, next);

	while (older) {
		struct link_entry *next = LIST_NEXT(older, next);

		older->replaced = true;
		if (link_is_caller(older->link))
			link_drain(older->link);
		older = next;
	}
}

static void on_up(void *owner, struct link *link)
{
	struct link_entry *entry = owner;
	struct link_slot *slot = entry->slot;

	log_info("link %s is up", slot->name);
	retire_older(entry);
	slot->links->ops->state(slot->links->owner, slot->name, true, "", false);
	waiters_wake(&slot->waiters);
}

static void on_leaving(void *owner, struct link *link)
{
	struct link_entry *entry = owner;

	log_debug("link %s drains", entry->slot->name);
}

static void on_down(void *owner, struct link *link, const char *reason)
{
	struct link_entry *entry = owner;
	struct link_slot *slot = entry->slot;

	if (entry->replaced)
		log_debug("link %s has ended: %s", slot->name, reason);
	else
		log_warn("link %s is down: %s", slot->name, reason);
	LIST_REMOVE(entry, next);
	slot->n_entries--;
	slot->links->ops->state(slot->links->owner, slot->name, false, reason, entry->replaced);
	entry_free(entry);
}

static void on_request(void *owner, struct link *link, struct exchange *x,
		       const struct http_head *head)
{
	struct link_entry *entry = owner;
	struct ingress_caller caller = {.identity = link_peer(link), .granted = &entry->granted};

	if (entry->slot->links->outside)
		outside_request(entry->slot->links->outside, entry->slot->name, x, head);
	else if (entry->slot->links->ingress)
		ingress_request(entry->slot->links->ingress, &caller, x, head);
	else
		exchange_fail(x, 503, "the workload is not known to its sidecar yet");
}

static const struct link_owner link_ops = {
	.up = on_up,
	.leaving = on_leaving,
	.down = on_down,
	.request = on_request,
};

void links_init(struct links *links, struct turn *turn, const struct links_owner *ops, void *owner)
{
	*links = (struct links){.turn = turn, .ops = ops, .owner = owner};
	LIST_INIT(&links->slots);
}

struct link_slot *links_slot(struct links *links, const char *name, struct err *err)
{
	struct link_slot *slot;

	LIST_FOREACH(slot, &links->slots, next)
	{
		if (str_eq(slot->name, name))
			return slot;
	}
	if (links->n_slots == LINKS_MAX) {
		err_set(err, ERR_LIMIT, "more than %d links", LINKS_MAX);
		return NULL;
	}
	slot = xcalloc(1, sizeof(*slot));
	slot->links = links;
	slot->name = xstrdup(name);
	LIST_INIT(&slot->entries);
	waiters_init(&slot->waiters);
	LIST_INSERT_HEAD(&links->slots, slot, next);
	links->n_slots++;
	return slot;
}

static struct link_entry *entry_new(struct link_slot *slot,
				    const Capakit__Sidecar__V1__AddLink *add)
{
	struct link_entry *entry = xcalloc(1, sizeof(*entry));

	entry->slot = slot;
	entry->n_paths = add->n_paths;
	entry->paths = xcalloc(add->n_paths + 1, sizeof(*entry->paths));
	for (size_t i = 0; i < add->n_paths; i++)
		entry->paths[i] = xstrdup(add->paths[i]);
	route_table_init(&entry->granted, (const char *const *)entry->paths, entry->n_paths);
	return entry;
}

/* Links that never come up must not pile up. */
static void make_room(struct link_slot *slot)
{
	struct link_entry *oldest = LIST_FIRST(&slot->entries);

	if (slot->n_entries < ENTRIES_MAX)
		return;
	while (LIST_NEXT(oldest, next))
		oldest = LIST_NEXT(oldest, next);
	oldest->replaced = true;
	link_close(oldest->link, "replaced many times");
}

bool links_add(struct links *links, const Capakit__Sidecar__V1__AddLink *add,
	       struct tls_context *tls, int *fd, struct err *err)
{
	auto_fd int socket = take_fd(fd);
	struct link_config config = {
		.side = add->side == CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER ? H2_CLIENT
										  : H2_SERVER,
		.name = add->link,
		.peer = add->peer,
		.tls = tls,
	};
	struct link_slot *slot = links_slot(links, add->link, err);
	struct link_entry *entry;

	if (!slot || !fd_set_nonblocking(socket, err))
		return false;
	make_room(slot);
	entry = entry_new(slot, add);
	entry->link = link_new(links->turn, &config, &socket, &link_ops, entry, err);
	if (!entry->link) {
		entry_free(entry);
		return err_prefix(err, "link %s", add->link);
	}
	LIST_INSERT_HEAD(&slot->entries, entry, next);
	slot->n_entries++;
	return true;
}

struct link *link_slot_usable(struct link_slot *slot)
{
	struct link_entry *entry;

	LIST_FOREACH(entry, &slot->entries, next)
	{
		if (link_usable(entry->link))
			return entry->link;
	}
	return NULL;
}

void links_drain(struct links *links)
{
	struct link_slot *slot;
	struct link_entry *entry;

	LIST_FOREACH(slot, &links->slots, next)
	{
		LIST_FOREACH(entry, &slot->entries, next)
		{
			entry->replaced = true;
			link_drain(entry->link);
		}
	}
}

bool links_busy(const struct links *links)
{
	const struct link_slot *slot;

	LIST_FOREACH(slot, &links->slots, next)
	{
		if (!LIST_EMPTY(&slot->entries))
			return true;
	}
	return false;
}

void links_clear_faults(struct links *links)
{
	struct link_slot *slot;

	LIST_FOREACH(slot, &links->slots, next)
	slot->fault = (struct fault){0};
}
