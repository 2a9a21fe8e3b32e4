// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The system calls of each group, by name, and those that nobody of ours makes. Data alone. */
#include <stddef.h>
#include <stdint.h>

enum confine_condition {
	CONFINE_ANY,
	CONFINE_NOT_EXECUTABLE, // the third argument has no PROT_EXEC
	CONFINE_TO_SELF,	// the first argument is this process
	CONFINE_LOCKS,		// fcntl() for locks, flags and duplicates
	CONFINE_OPEN_FLAGS,	// openat() to read, write and make files, and nothing else
};

struct confine_call {
	const char *name;
	uint32_t groups; // enum confine_calls
	enum confine_condition condition;
};
extern const struct confine_call confine_calls[];
extern const size_t confine_n_calls;

/* NULL-terminated lists. */
extern const char *const confine_calls_absent[]; // with an empty root: as if there were no files
extern const char *const confine_calls_killed[]; // by who has a list of what it may
extern const char *const confine_calls_denied[]; // to who may make all others
extern const char *const confine_calls_denied_processes[]; // but for sandboxes to debug in
