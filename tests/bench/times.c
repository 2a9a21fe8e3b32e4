// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Times as the clients of tests/bench/run print them. Flushed at once, since who reads them may
 * wait for a line before it asks for the next.
 */
#include "times.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void print_times(double *times, size_t n)
{
	qsort(times, n, sizeof(*times), compare);
	printf("%.1f %.1f\n", times[n / 2], times[n * 99 / 100]);
	fflush(stdout);
}
