// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What came of the doctor's attacks, for people and for machines. */
#include <jansson.h>

#include "base/buf.h"
#include "controller/doctor/attacks.h"

void attack_view(struct buf *out, bool colour, const struct attack_report *report);
json_t *attack_view_json(const struct attack_report *report);
