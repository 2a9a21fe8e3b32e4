// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Folders of this user (XDG Base Directory Specification), and file operations that go through
 * descriptors so that no name can be swapped between check and use.
 */
#include <sys/types.h>

#include "base/err.h"

/*
 * The three folders, absolute, made with mode 0700 when missing. CAPAKIT_HOME puts them at
 * <it>/run, <it>/state, <it>/data. The runtime folder is refused when it is a symlink, belongs to
 * somebody else or is open to others. The caller frees.
 */
char *path_runtime_dir(struct err *err); // $XDG_RUNTIME_DIR/capakit, else /tmp/capakit-<uid>
char *path_state_dir(struct err *err);	 // $XDG_STATE_HOME/capakit, else ~/.local/state/capakit
char *path_data_dir(struct err *err);	 // $XDG_DATA_HOME/capakit, else ~/.local/share/capakit

/* mkdir -p; every folder that is made gets `mode`. */
must_check bool path_make_dirs(const char *path, mode_t mode, struct err *err);

/*
 * openat2(2) below the folder `dir` with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS:
 * `name` is relative and cannot leave `dir`.
 */
int path_open_beneath(int dir, const char *name, int flags, mode_t mode, struct err *err);

/* openat2(2) of an absolute path none of whose components may be a symlink. */
int path_open_absolute(const char *path, int flags, struct err *err);

/*
 * Removes the folder `name` in `dir` and all below it, never following a symlink nor crossing
 * into another file system's mount; folders that deny their owner are opened up first. A name
 * that does not exist is no error.
 */
must_check bool path_remove_tree(int dir, const char *name, struct err *err);

/* Writes a whole file so that readers see the old content or the new: temporary, fsync, rename. */
must_check bool path_write_atomic(int dir, const char *name, const void *data, size_t len,
				  mode_t mode, struct err *err);

/* The folder of the running program's own file (from /proc/self/exe). The caller frees. */
char *path_program_dir(struct err *err);

/*
 * The path of another program of this installation (capakit-sidecar, capakit-sandbox): beside this
 * program, as in a build folder, else in ../libexec/capakit. The caller frees. ERR_MISSING.
 */
char *path_helper_program(const char *name, struct err *err);
