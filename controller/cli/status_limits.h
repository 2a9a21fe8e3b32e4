// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Limits and usage of a workload for people and as JSON. Pure. */
#include <jansson.h>

#include "controller/control/control_client.h"

#define STATUS_AMOUNT_MAX 96

/* "45 MiB of 512 MiB"; "-" when neither is known. */
void status_amount(const control_workload *workload, Capakit__Control__V1__Resource resource,
		   char text[STATUS_AMOUNT_MAX]);

/* "1.25 s", with how long the limit of CPUs made it wait. */
void status_cpu_time(const control_workload *workload, char text[STATUS_AMOUNT_MAX]);

const char *status_resource_name(Capakit__Control__V1__Resource resource); // "memory"
const char *status_holder_name(Capakit__Control__V1__Holder holder);	   // "cgroup v2"

/* Adds "limits", "usage" and "limit_hit" to the object of a workload. */
void status_limits_json(json_t *object, const control_workload *workload);
