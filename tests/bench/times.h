// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the clients of tests/bench/run have in common: microseconds, and what is printed of many. */
#include <stddef.h>

double now_us(void); // of CLOCK_MONOTONIC, so that processes can compare

/* The median and the 99th percentile of `n` > 0 times, as one line; sorts them. */
void print_times(double *times, size_t n);
