// SPDX-License-Identifier: GPL-3.0-or-later
/* How it is found out that a client has gone: by its socket, or by the service that knows it. */
#include "sidecar/client_gone.h"

#include <poll.h>

enum { FIRST_LOOK_MS = 10, LOOK_MAX_MS = 80 };

bool client_is_gone(struct http_service *service, int fd)
{
	struct pollfd ask = {.fd = fd};

	if (poll(&ask, 1, 0) < 0 || (ask.revents & (POLLHUP | POLLERR)))
		return true;
	return service->is_gone && service->is_gone(service, fd);
}

void gone_watch_start(struct gone_watch *watch, struct turn *turn)
{
	if (watch->look.set)
		return;
	watch->ms = FIRST_LOOK_MS;
	deadline_set(turn, &watch->look, watch->ms);
}

void gone_watch_again(struct gone_watch *watch, struct turn *turn)
{
	if (watch->ms < LOOK_MAX_MS)
		watch->ms *= 2;
	deadline_set(turn, &watch->look, watch->ms);
}

void gone_watch_stop(struct gone_watch *watch)
{
	deadline_clear(&watch->look);
}
