// SPDX-License-Identifier: GPL-3.0-or-later
/* The one place that reads the wall clock in milliseconds; clock_gettime(2) cannot fail on it. */
#include "base/clock.h"

#include <time.h>

int64_t clock_wall_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
