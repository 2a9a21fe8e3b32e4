// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A sidecar for tests that waits as the product does, but not as long: included before everything
 * else when its sources are compiled once more (sidecar-hasty). The product has no such switch.
 */
#include "base/limits.h"

#undef HEAD_TIMEOUT_MS
#undef BODY_TIMEOUT_MS
#undef READER_TIMEOUT_MS
#define HEAD_TIMEOUT_MS 700
#define BODY_TIMEOUT_MS 700
#define READER_TIMEOUT_MS 700
