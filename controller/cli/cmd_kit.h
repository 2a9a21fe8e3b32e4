// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The commands of `capakit kit` that have files of their own. */
#include "controller/cli/cli.h"

cli_fn kit_init, kit_inspect, kit_sign, kit_verify;
