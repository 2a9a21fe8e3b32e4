// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The URLs of an app on the host. */
#include "controller/app/app.h"

/* "http://127.83.1.2:50958/mcp"; the caller frees. */
char *app_url(const struct app *app, const struct plan_expose *expose);

/* What `up` prints when everything is ready (kit-contract.md, section 6). */
void app_print_urls(const struct app *app, bool attached);
