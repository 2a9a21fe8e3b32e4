// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the tester gives up before it reads a byte of a workload: privileges for good, every file,
 * and, unless `dials` says that its case goes to the app's own address, TCP.
 */
#include "base/err.h"

must_check bool confine_tester(bool dials, struct err *err);
