// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The memory through which every message of this process's channels passes: one packet, and the
 * messages unpacked from packets. It is kept out of core files and of swap (as far as
 * RLIMIT_MEMLOCK allows), is bounded, and is wiped as soon as a message has been handled, since
 * any message may carry a secret.
 */
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

/* Maps the memory, once per process (a forked child gets its own). Call before the others. */
void scratch_open(void);

/* RLIMIT_MEMLOCK allowed it. A process that cannot do without refuses to run. */
bool scratch_is_locked(void);

/* CHANNEL_MESSAGE_MAX bytes, for one packet on its way in or out; wiped by who used it. */
uint8_t *scratch_packet(void);

/* For protobuf-c: takes from a stack of CHANNEL_UNPACKED_MAX bytes, NULL when it is full. */
extern ProtobufCAllocator scratch_allocator;

/* What was allocated since scratch_mark is wiped and given back by scratch_release. They nest. */
size_t scratch_mark(void);
void scratch_release(size_t mark);
