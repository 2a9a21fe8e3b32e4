// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Secrets and the store's key must reach neither swap nor a core file, nor stay behind in freed
 * heap memory. Each gets a mapping of its own: there are few at any moment, and for a short time.
 */
#include "secrets/locked.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/limits.h"
#include "base/mem.h"

bool locked_new(struct locked *locked, size_t cap, struct err *err)
{
	void *data = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*locked = (struct locked){0};
	if (data == MAP_FAILED)
		return err_sys(err, errno, "mapping %zu KiB for a secret", cap / KIB);
	if (mlock(data, cap) < 0 || madvise(data, cap, MADV_DONTDUMP) < 0) {
		err_sys(err, errno,
			"locking %zu KiB of memory for a secret (raise the limit, see `ulimit -l`)",
			cap / KIB);
		munmap(data, cap);
		return false;
	}
	locked->data = data;
	locked->cap = cap;
	return true;
}

void locked_free(struct locked *locked)
{
	if (locked->data) {
		wipe(locked->data, locked->cap);
		munmap(locked->data, locked->cap);
	}
	*locked = (struct locked){0};
}
