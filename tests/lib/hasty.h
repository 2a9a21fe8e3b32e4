// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * For tests: a sidecar that waits as the product does, but not as long, and of what it counts takes
 * a few. Included before everything else when its sources are compiled once more (sidecar-hasty);
 * so is one file of the controller. The product has no such switch.
 */
#include "base/limits.h"

#undef HEAD_TIMEOUT_MS
#undef BODY_TIMEOUT_MS
#undef READER_TIMEOUT_MS
#define HEAD_TIMEOUT_MS 700
#define BODY_TIMEOUT_MS 700
#define READER_TIMEOUT_MS 700

#undef WORKLOAD_IDLE_MS
#undef WORKLOAD_CONNECT_MS
#undef LINK_HANDSHAKE_MS
#define WORKLOAD_IDLE_MS 500
#define WORKLOAD_CONNECT_MS 300
#define LINK_HANDSHAKE_MS 3000

#undef INGRESS_CONNECTIONS_MAX
#undef LINKS_MAX
#define INGRESS_CONNECTIONS_MAX 4
#define LINKS_MAX 8

#undef SOURCE_JOB_MS
#define SOURCE_JOB_MS 700
