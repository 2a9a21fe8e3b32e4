// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The list of a Kit's secrets, on standard output: names, states and times, never a value. */
#include "controller/manifest/manifest.h"
#include "secrets/store_db.h"

struct secret_view {
	const struct manifest *manifest;
	const char *identity; // the Kit's, in the store
	const struct secret_entry *entries;
	size_t n_entries;
};

void secret_view_table(const struct secret_view *view);
void secret_view_json(const struct secret_view *view);
