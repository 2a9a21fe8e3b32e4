// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * capakit-sidecar: started by the controller with an empty environment, no arguments, and these
 * descriptors: 3 the control channel, 4 the channel to the keeper (not in role EGRESS), 5 the view
 * folder. It learns who it is, gets its certificate, gives up everything else, and serves.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "certs/tls.h"
#include "sidecar/confine.h"
#include "sidecar/control.h"

enum { CONTROL_FD = 3, KEEPER_FD = 4, VIEW_FD = 5, IDENTITY_MS = 10000 };

static struct sidecar sidecar;

/* Each request holds up to two descriptors: as many as the host lets us have. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool read_configure(struct err *err)
{
	Capakit__Sidecar__V1__Command *command = control_read_configure(CONTROL_FD, err);

	if (!command)
		return false;
	sidecar.role = command->configure->role;
	sidecar.name = xstrdup(command->configure->name);
	sidecar.test_run = command->configure->test_run;
	capakit__sidecar__v1__command__free_unpacked(command, NULL);
	log_open(sidecar.name, LOG_LEVEL_INFO);
	return true;
}

struct first_certificate {
	struct loop_timer timer;
	struct err failed; // ERR_NONE: it is here
};

static void on_identity(void *owner, const struct err *failed)
{
	struct first_certificate *first = owner;

	first->failed.code = ERR_NONE;
	if (failed)
		first->failed = *failed;
	loop_stop(sidecar.loop);
}

static void on_identity_late(struct loop_timer *timer)
{
	struct first_certificate *first = container_of(timer, struct first_certificate, timer);

	err_set(&first->failed, ERR_TIMEOUT, "the keeper did not answer in time");
	loop_stop(sidecar.loop);
}

/* The only time that the loop runs before this process is confined: the keeper's channel alone is
 * on it. */
static bool get_identity(struct err *err)
{
	static struct first_certificate first;

	if (sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__EGRESS)
		return true;
	if (!tls_init(err))
		return false;
	sidecar.keeper = keeper_new(sidecar.loop, KEEPER_FD);
	sidecar.identity = own_identity_new(sidecar.loop, sidecar.keeper, on_identity, &first, err);
	if (!sidecar.identity)
		return false;
	loop_timer_init(&first.timer, sidecar.loop, on_identity_late);
	loop_timer_start(&first.timer, IDENTITY_MS);
	loop_run(sidecar.loop);
	loop_timer_stop(&first.timer);
	if (first.failed.code == ERR_NONE)
		return true;
	*err = first.failed;
	return false;
}

/* What this role needs of the host, opened before the host is given up. */
static bool open_host(struct err *err)
{
	if (sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__EDGE)
		return (sidecar.edge_peers = edge_peer_open(err)) != NULL;
	if (sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__EGRESS ||
	    sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__OUTSIDE)
		return (sidecar.resolver = egress_prepare(err)) != NULL;
	return true;
}

static bool confine(struct err *err)
{
	enum confine_process process = CONFINE_WORKLOAD;

	if (sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__EDGE)
		process = CONFINE_EDGE;
	else if (sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__EGRESS)
		process = CONFINE_EGRESS;
	else if (sidecar.role == CAPAKIT__SIDECAR__V1__ROLE__OUTSIDE)
		process = CONFINE_OUTSIDE;
	else if (sidecar.role != CAPAKIT__SIDECAR__V1__ROLE__WORKLOAD)
		return err_set(err, ERR_PROTOCOL, "a role (%d) that is not known",
			       (int)sidecar.role);
	if (!confine_self(process, process == CONFINE_WORKLOAD ? VIEW_FD : -1, err))
		return false;
	close(VIEW_FD);
	return true;
}

int main(void)
{
	struct err err;

	log_open("sidecar", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	raise_descriptors();
	if (!read_configure(&err) || !(sidecar.loop = loop_new(&err)) || !get_identity(&err) ||
	    !open_host(&err) || !confine(&err)) {
		log_error("starting: %s", err.text);
		return 1;
	}
	turn_start(&sidecar.turn, sidecar.loop);
	if (!control_start(&sidecar, CONTROL_FD, &err)) {
		log_error("starting: %s", err.text);
		return 1;
	}
	loop_run(sidecar.loop);
	egress_free(&sidecar.egress); // it sums up what the phase did
	return sidecar.exit_status;
}
