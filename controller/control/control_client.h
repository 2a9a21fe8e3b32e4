// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The command line's side of the control API, blocking. `folder` is an app's runtime folder, an
 * open descriptor.
 */
#include <stdint.h>

#include "base/err.h"
#include "capakit/control/v1/control.pb-c.h"

typedef Capakit__Control__V1__App control_app;
typedef Capakit__Control__V1__Workload control_workload;
typedef Capakit__Control__V1__Route control_route;
typedef Capakit__Control__V1__Url control_url;
typedef Capakit__Control__V1__GetStatusResponse control_status;

/* A connected socket; -1 with ERR_NO_APP when nobody listens there. */
int control_connect(int folder, struct err *err);

/* Freed with control_status_free; its `app` is there. */
control_status *control_get_status(int folder, unsigned timeout_ms, struct err *err);
void control_status_free(control_status **status);

/* Returns when the app says that everything is gone but its controller. */
must_check bool control_stop(int folder, uint32_t grace_ms, unsigned timeout_ms, struct err *err);

/* Returns when the workload is ready again. */
must_check bool control_restart(int folder, const char *workload, unsigned timeout_ms,
				struct err *err);

/* `workload` "": from all. *grants is how many were taken. */
must_check bool control_revoke(int folder, const char *kit, const char *name, const char *workload,
			       unsigned *grants, struct err *err);

/* A pidfd of the controller, which becomes readable when it is gone; -1 with ERR_NO_APP. */
int control_open_process(int folder, struct err *err);
