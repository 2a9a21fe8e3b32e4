// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Takes from the calling process all that its row does not name, for good: capabilities, core
 * files, being looked into by others, further processes, files, system calls. Call it while the
 * process has one thread and before it reads a byte that somebody else wrote; what the row does not
 * name has to be open by then. A process whose row has a root or a network of its own has entered
 * them already. After a failure the process is half confined, and must end.
 */
#include "base/err.h"
#include "confine/table.h"

/* A file or folder for the rights of row->files[kind]; several of one kind are fine. */
struct confine_place {
	size_t kind;
	int fd; // O_PATH will do; the caller's
};

must_check bool confine_restrict(enum confine_process process, const struct confine_place *places,
				 size_t n_places, struct err *err);

/*
 * The same for the controller. `debugging`: its sandboxes are of a profile in which debuggers work,
 * which they could not if the controller gave that up.
 */
must_check bool confine_restrict_controller(bool debugging, struct err *err);
