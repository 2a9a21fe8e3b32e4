// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* One sidecar_pair for all tests of a program, with nothing out of the ordinary: a group's fixture. */
#include "sidecar_pair.h"

static struct sidecar_pair pair;

static int pair_fixture_start(void **state)
{
	const struct sidecar_pair_options options = {.program = SIDECAR_PROGRAM};

	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int pair_fixture_stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}
