// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A client that sends no more may have said all and wait for its answers, or be gone. An end of
 * file looks the same, so whoever knows the socket is asked, at once and then now and then, since a
 * client that has shut down its sending side tells nobody when it closes the rest.
 */
#include "sidecar/service.h"

struct gone_watch {	      // embedded in its owner, zeroed at first
	struct deadline look; // its fn: asks client_is_gone, then gone_watch_again or the end
	uint32_t ms;
};

/* Of the client on this socket: nobody holds the other end any more. */
bool client_is_gone(struct http_service *service, int fd);

void gone_watch_start(struct gone_watch *watch, struct turn *turn); // while it runs: nothing
void gone_watch_again(struct gone_watch *watch, struct turn *turn);
void gone_watch_stop(struct gone_watch *watch);
