// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Reads one log from its oldest line on: `<name>.log.1`, then `<name>.log`, then what is appended,
 * through rotations.
 */
#include "controller/logs/log_record.h"

struct log_reader;

struct log_reader *log_reader_open(int dir, const char *name); // `dir` must stay open
void log_reader_free(struct log_reader **reader);
const char *log_reader_name(const struct log_reader *reader);

/*
 * The next line, or NULL when there is none (yet). It stays the next one, and valid, until
 * log_reader_take. A line that is in neither form is given as one of our own at level warn.
 */
const struct log_record *log_reader_peek(struct log_reader *reader);
void log_reader_take(struct log_reader *reader);
