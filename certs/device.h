// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What wolfSSL asks of outside (its "crypto callback" device): records and random seeds. wolfSSL
 * does not say for which session it asks, so whoever calls it enters that session's cipher before
 * and leaves after. One thread.
 */
#include "base/err.h"
#include "certs/record_cipher.h"

#define DEVICE_ID 0x6361 // any number but wolfSSL's own INVALID_DEVID

must_check bool device_register(struct err *err);
void device_enter(struct record_cipher *cipher);
void device_leave(void);
