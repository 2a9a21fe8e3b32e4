// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A name server for tests: answers on a bound UDP socket, for ever. "v4-10-0-0-1.test" has the
 * address that it says, and so has "v6-<32 hexadecimal digits>.test"; no other name exists.
 */
#include <stdatomic.h>

void dns_stub_serve(int udp_fd, atomic_uint *questions) __attribute__((noreturn));
