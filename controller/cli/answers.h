// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a person told capakit to remember for an app: values of options and folders for mounts, in
 * the file `answers` in the app's folder of the state folder (docs/files.md). It holds for the Kit
 * that it was made for; another Kit under the app's name does not get it.
 */
#include "controller/app/plan.h"

struct answers {
	struct plan_value *options;
	size_t n_options;
	struct plan_value *mounts; // real paths
	size_t n_mounts;
};

void answers_free(struct answers *answers);

/* None is no error. ERR_PROTOCOL when the file is not what answers_write wrote. */
must_check bool answers_read(const char *app, const char *kit_identity, struct answers *answers,
			     struct err *err);
must_check bool answers_write(const char *app, const char *kit_identity,
			      const struct answers *answers, struct err *err);
must_check bool answers_forget(const char *app, struct err *err);
