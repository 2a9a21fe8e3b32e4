// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One table says which message which role accepts, how often, and with how many descriptors.
 * Anything else means that controller and sidecar do not understand each other: the process ends,
 * and is started anew.
 */
#include "sidecar/control.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/egress_tally.h"

enum { DRAIN_LOOK_MS = 20 };

#define ROLE(name) (1u << CAPAKIT__SIDECAR__V1__ROLE__##name)

typedef Capakit__Sidecar__V1__Command command_t;
typedef Capakit__Sidecar__V1__Event event_t;
typedef bool handler_fn(struct sidecar *sidecar, const command_t *command, int *fd,
			struct err *err);

static void give_up(struct sidecar *sidecar, const struct err *err)
{
	log_error("%s", err->text);
	sidecar->exit_status = 1;
	loop_stop(sidecar->loop);
}

static void send_event(struct sidecar *sidecar, const event_t *event)
{
	struct err err;

	if (!channel_send(sidecar->control, &event->base, NULL, 0, &err)) {
		err_prefix(&err, "telling the controller");
		give_up(sidecar, &err);
	}
}

static bool serve_workload(struct sidecar *sidecar, const command_t *command, int *fd,
			   struct err *err)
{
	if (sidecar->ingress)
		return err_set(err, ERR_PROTOCOL, "a second ServeWorkload");
	sidecar->ingress = ingress_new(&sidecar->turn, command->serve_workload);
	sidecar->links.ingress = sidecar->ingress;
	return true;
}

static void on_bridge_ready(void *owner)
{
	struct sidecar *sidecar = owner;

	ready_by_bridge(&sidecar->ready);
}

static bool serve_bridge(struct sidecar *sidecar, const command_t *command, int *fd,
			 struct err *err)
{
	static const struct bridge_owner ops = {.ready = on_bridge_ready};

	if (sidecar->bridge)
		return err_set(err, ERR_PROTOCOL, "a second ServeBridge");
	sidecar->bridge = bridge_new(&sidecar->turn, sidecar->keeper, fd, &ops, sidecar, err);
	return sidecar->bridge != NULL;
}

static bool add_connection(struct sidecar *sidecar, const command_t *command, int *fd,
			   struct err *err)
{
	struct view *view;

	if (!command->add_connection->endpoint)
		return err_set(err, ERR_PROTOCOL, "AddConnection without an endpoint");
	if (sidecar->n_views == CONNECTIONS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d connections", CONNECTIONS_MAX);
	view = view_new(&sidecar->turn, &sidecar->links, command->add_connection, fd, err);
	if (view)
		sidecar->views[sidecar->n_views++] = view;
	return view != NULL;
}

static bool add_link(struct sidecar *sidecar, const command_t *command, int *fd, struct err *err)
{
	const Capakit__Sidecar__V1__AddLink *add = command->add_link;
	bool caller = add->side == CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER;
	bool callee = add->side == CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLEE;

	bool serves = sidecar->role != CAPAKIT__SIDECAR__V1__ROLE__EDGE;
	bool calls = sidecar->role != CAPAKIT__SIDECAR__V1__ROLE__OUTSIDE;

	if (!(caller && calls) && !(callee && serves))
		return err_set(err, ERR_PROTOCOL, "AddLink with a side that this role has not");
	return links_add(&sidecar->links, add, own_identity_tls(sidecar->identity), fd, err);
}

static bool serve_edge(struct sidecar *sidecar, const command_t *command, int *fd, struct err *err)
{
	if (sidecar->edge)
		return err_set(err, ERR_PROTOCOL, "a second ServeEdge");
	sidecar->edge = edge_new(&sidecar->turn, &sidecar->links, &sidecar->edge_peers,
				 command->serve_edge, fd, err);
	return sidecar->edge != NULL;
}

static void say_egress_counters(void *owner)
{
	struct sidecar *sidecar = owner;
	struct egress_tally tally;
	Capakit__Sidecar__V1__EgressCounters counters = CAPAKIT__SIDECAR__V1__EGRESS_COUNTERS__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	egress_count(sidecar->egress, &tally);
	counters.connections = tally.connections;
	counters.refused = tally.refused;
	counters.failed = tally.failed;
	counters.bytes_up = tally.bytes_up;
	counters.bytes_down = tally.bytes_down;
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_EGRESS_COUNTERS;
	event.egress_counters = &counters;
	send_event(sidecar, &event);
}

static bool serve_egress(struct sidecar *sidecar, const command_t *command, int *fd,
			 struct err *err)
{
	if (sidecar->egress)
		return err_set(err, ERR_PROTOCOL, "a second ServeEgress");
	sidecar->egress =
		egress_new(sidecar->loop, &sidecar->resolver, fd, command->serve_egress, err);
	if (sidecar->egress)
		egress_watch(sidecar->egress, say_egress_counters, sidecar);
	return sidecar->egress != NULL;
}

static bool serve_outside(struct sidecar *sidecar, const command_t *command, int *fd,
			  struct err *err)
{
	if (sidecar->links.outside)
		return err_set(err, ERR_PROTOCOL, "a second ServeOutside");
	sidecar->links.outside = outside_new(&sidecar->turn, &sidecar->resolver, sidecar->keeper,
					     command->serve_outside, fd, err);
	return sidecar->links.outside != NULL;
}

static void say_paused(struct sidecar *sidecar)
{
	Capakit__Sidecar__V1__WorkloadPaused paused = CAPAKIT__SIDECAR__V1__WORKLOAD_PAUSED__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	paused.token = sidecar->pause_token;
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_WORKLOAD_PAUSED;
	event.workload_paused = &paused;
	send_event(sidecar, &event);
}

static void on_paused_look(struct deadline *deadline)
{
	struct sidecar *sidecar = container_of(deadline, struct sidecar, paused);

	if (ingress_busy(sidecar->ingress))
		deadline_set(&sidecar->turn, deadline, DRAIN_LOOK_MS);
	else
		say_paused(sidecar);
}

static bool pause_workload(struct sidecar *sidecar, const command_t *command, int *fd,
			   struct err *err)
{
	if (!sidecar->ingress)
		return err_set(err, ERR_PROTOCOL, "there is no workload");
	sidecar->pause_token = command->pause_workload->token;
	ingress_pause(sidecar->ingress);
	deadline_set(&sidecar->turn, &sidecar->paused, 0);
	return true;
}

static bool watch_ready(struct sidecar *sidecar, const command_t *command, int *fd, struct err *err)
{
	deadline_clear(&sidecar->paused);
	if (sidecar->ingress && !sidecar->draining)
		ingress_resume(sidecar->ingress);
	ready_watch(&sidecar->ready, command->watch_ready->token);
	return true;
}

static void say_drained(struct sidecar *sidecar)
{
	Capakit__Sidecar__V1__Drained drained = CAPAKIT__SIDECAR__V1__DRAINED__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_DRAINED;
	event.drained = &drained;
	send_event(sidecar, &event);
}

static bool is_busy(struct sidecar *sidecar)
{
	for (size_t i = 0; i < sidecar->n_views; i++)
		if (listener_busy(view_listener(sidecar->views[i])))
			return true;
	return (sidecar->bridge && listener_busy(bridge_listener(sidecar->bridge))) ||
	       (sidecar->edge && listener_busy(edge_listener(sidecar->edge))) ||
	       links_busy(&sidecar->links);
}

static void on_drained_look(struct deadline *deadline)
{
	struct sidecar *sidecar = container_of(deadline, struct sidecar, drained);

	if (is_busy(sidecar))
		deadline_set(&sidecar->turn, deadline, DRAIN_LOOK_MS);
	else
		say_drained(sidecar);
}

static void on_egress_drained(void *owner)
{
	say_drained(owner);
}

static bool drain(struct sidecar *sidecar, const command_t *command, int *fd, struct err *err)
{
	if (sidecar->draining)
		return true;
	sidecar->draining = true;
	ready_stop(&sidecar->ready);
	if (sidecar->egress) {
		egress_drain(sidecar->egress, on_egress_drained, sidecar);
		return true;
	}
	for (size_t i = 0; i < sidecar->n_views; i++)
		listener_drain(view_listener(sidecar->views[i]));
	if (sidecar->bridge)
		listener_drain(bridge_listener(sidecar->bridge));
	if (sidecar->edge)
		listener_drain(edge_listener(sidecar->edge));
	if (sidecar->ingress)
		ingress_drain(sidecar->ingress);
	if (sidecar->links.outside)
		outside_drain(sidecar->links.outside);
	links_drain(&sidecar->links);
	deadline_set(&sidecar->turn, &sidecar->drained, 0);
	return true;
}

static bool set_fault(struct sidecar *sidecar, const Capakit__Sidecar__V1__Fault *fault,
		      struct err *err)
{
	struct link_slot *slot = links_slot(&sidecar->links, fault->link, err);

	if (!slot)
		return false;
	slot->fault = (struct fault){.kind = fault->kind,
				     .mid_stream = fault->mid_stream,
				     .latency_ms = fault->latency_ms,
				     .status = fault->status};
	return true;
}

static void say_faults_set(struct sidecar *sidecar, uint32_t serial)
{
	Capakit__Sidecar__V1__FaultsSet set = CAPAKIT__SIDECAR__V1__FAULTS_SET__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	set.serial = serial;
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_FAULTS_SET;
	event.faults_set = &set;
	send_event(sidecar, &event);
}

static bool set_faults(struct sidecar *sidecar, const command_t *command, int *fd, struct err *err)
{
	const Capakit__Sidecar__V1__SetFaults *set = command->set_faults;

	if (!sidecar->test_run)
		return err_set(err, ERR_PROTOCOL, "faults, but this is no test run");
	links_clear_faults(&sidecar->links);
	for (size_t i = 0; i < set->n_faults; i++)
		if (!set_fault(sidecar, set->faults[i], err))
			return false;
	for (size_t i = 0; i < sidecar->n_views; i++)
		view_forgive(sidecar->views[i]);
	say_faults_set(sidecar, set->serial);
	return true;
}

/* message, the roles that accept it, whether a descriptor comes with it */
static const struct row {
	Capakit__Sidecar__V1__Command__KindCase kind;
	unsigned roles;
	size_t n_fds;
	handler_fn *handler;
	const char *name;
} table[] = {
#define ROW(kind, roles, n_fds, handler)                                                           \
	{                                                                                          \
		CAPAKIT__SIDECAR__V1__COMMAND__KIND_##kind, roles, n_fds, handler, #kind           \
	}
	ROW(SERVE_WORKLOAD, ROLE(WORKLOAD), 0, serve_workload),
	ROW(SERVE_BRIDGE, ROLE(WORKLOAD), 1, serve_bridge),
	ROW(ADD_CONNECTION, ROLE(WORKLOAD), 1, add_connection),
	ROW(ADD_LINK, ROLE(WORKLOAD) | ROLE(EDGE) | ROLE(OUTSIDE), 1, add_link),
	ROW(SERVE_EDGE, ROLE(EDGE), 1, serve_edge),
	ROW(SERVE_EGRESS, ROLE(EGRESS), 1, serve_egress),
	ROW(SERVE_OUTSIDE, ROLE(OUTSIDE), 1, serve_outside),
	ROW(WATCH_READY, ROLE(WORKLOAD), 0, watch_ready),
	ROW(PAUSE_WORKLOAD, ROLE(WORKLOAD), 0, pause_workload),
	ROW(SET_FAULTS, ROLE(WORKLOAD), 0, set_faults),
	ROW(DRAIN, ROLE(WORKLOAD) | ROLE(EDGE) | ROLE(EGRESS) | ROLE(OUTSIDE), 0, drain),
#undef ROW
};

static bool dispatch(struct sidecar *sidecar, const command_t *command, int *fds, size_t n_fds,
		     struct err *err)
{
	for (size_t i = 0; i < array_len(table); i++) {
		const struct row *row = &table[i];

		if (row->kind != command->kind_case)
			continue;
		if (!(row->roles & (1u << sidecar->role)))
			return err_set(err, ERR_PROTOCOL, "%s is not for this role", row->name);
		if (row->n_fds != n_fds)
			return err_set(err, ERR_PROTOCOL, "%s with %zu descriptors, not %zu",
				       row->name, n_fds, row->n_fds);
		return row->handler(sidecar, command, fds, err) || err_prefix(err, "%s", row->name);
	}
	return err_set(err, ERR_PROTOCOL, "a command (%d) that this sidecar does not know",
		       (int)command->kind_case);
}

static void on_message(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct sidecar *sidecar = owner;
	struct err err;

	if (!dispatch(sidecar, (const command_t *)message, fds, n_fds, &err))
		give_up(sidecar, &err);
}

/* The controller is gone, and with it the app: there is nothing to finish. */
static void on_closed(void *owner, const struct err *why)
{
	struct sidecar *sidecar = owner;

	if (why->code != ERR_CLOSED)
		give_up(sidecar, why);
	loop_stop(sidecar->loop);
}

static void on_link_state(void *owner, const char *link, bool up, const char *reason, bool replaced)
{
	Capakit__Sidecar__V1__LinkState state = CAPAKIT__SIDECAR__V1__LINK_STATE__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	state.link = (char *)(uintptr_t)link;
	state.up = up;
	state.reason = (char *)(uintptr_t)reason;
	state.replaced = replaced;
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_LINK_STATE;
	event.link_state = &state;
	send_event(owner, &event);
}

static void on_fault_reached(void *owner, const char *link)
{
	Capakit__Sidecar__V1__FaultReached reached = CAPAKIT__SIDECAR__V1__FAULT_REACHED__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	reached.link = (char *)(uintptr_t)link;
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_FAULT_REACHED;
	event.fault_reached = &reached;
	send_event(owner, &event);
}

static void on_ready(void *owner, uint32_t token, bool by_bridge)
{
	Capakit__Sidecar__V1__WorkloadReady ready = CAPAKIT__SIDECAR__V1__WORKLOAD_READY__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	ready.token = token;
	ready.by_bridge = by_bridge;
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_WORKLOAD_READY;
	event.workload_ready = &ready;
	send_event(owner, &event);
}

command_t *control_read_configure(int fd, struct err *err)
{
	static uint8_t packet[CHANNEL_MESSAGE_MAX];
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	command_t *command;
	ssize_t len;

	while (poll(&wait, 1, -1) < 0 && errno == EINTR)
		;
	len = recv(fd, packet, sizeof(packet), 0);
	if (len <= 0) {
		err_set(err, ERR_CLOSED, "the controller went away before it sent Configure");
		return NULL;
	}
	command = capakit__sidecar__v1__command__unpack(NULL, (size_t)len, packet);
	if (command && command->kind_case == CAPAKIT__SIDECAR__V1__COMMAND__KIND_CONFIGURE)
		return command;
	if (command)
		capakit__sidecar__v1__command__free_unpacked(command, NULL);
	err_set(err, ERR_PROTOCOL, "the first message on the control channel is not Configure");
	return NULL;
}

bool control_start(struct sidecar *sidecar, int fd, struct err *err)
{
	static const struct links_owner links_ops = {.state = on_link_state,
						     .fault_reached = on_fault_reached};
	static const struct ready_owner ready_ops = {.ready = on_ready};
	Capakit__Sidecar__V1__Configured configured = CAPAKIT__SIDECAR__V1__CONFIGURED__INIT;
	event_t event = CAPAKIT__SIDECAR__V1__EVENT__INIT;

	links_init(&sidecar->links, &sidecar->turn, &links_ops, sidecar);
	ready_init(&sidecar->ready, sidecar->loop, &ready_ops, sidecar);
	sidecar->drained.fn = on_drained_look;
	sidecar->paused.fn = on_paused_look;
	sidecar->control =
		channel_new(sidecar->loop, fd, &capakit__sidecar__v1__command__descriptor,
			    on_message, on_closed, sidecar);
	event.kind_case = CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED;
	event.configured = &configured;
	return channel_send(sidecar->control, &event.base, NULL, 0, err);
}
