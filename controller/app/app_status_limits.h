// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Limits and usage of a workload as messages of the control API. */
#include "capakit/control/v1/control.pb-c.h"
#include "controller/app/app.h"

void app_status_add_limits(const struct app_workload *workload,
			   Capakit__Control__V1__Workload *message);
void app_status_free_limits(Capakit__Control__V1__Workload *message);
