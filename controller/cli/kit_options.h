// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The options that say which Kit and how it is set up, the same for `up` and `policy show`. */
#include <argp.h>

#include "controller/app/app.h"

/* Give as child of a command's argp, with a struct app_options as its input. */
extern const struct argp kit_options;

/* --kit KIT, of commands whose arguments are something else; its input is a const char *. */
extern const struct argp kit_choice;

void kit_options_free(struct app_options *options);
