// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Random bytes of the kernel (getrandom(2)) for the hot path: taken from a store that is filled
 * anew when it is empty, so that a request costs no system call. For names and for spreading things
 * out; not for keys, since what is given out stays in memory.
 */
#include <stddef.h>
#include <stdint.h>

#define RANDOM_TAKE_MAX 64

void random_take(void *to, size_t n); // n <= RANDOM_TAKE_MAX
