// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The wall clock, for stamps that people read; what is measured uses the loop's own (base/loop.h). */
#include <stdint.h>

int64_t clock_wall_ms(void); // since the epoch, UTC
