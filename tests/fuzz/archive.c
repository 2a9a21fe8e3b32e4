// SPDX-License-Identifier: GPL-3.0-or-later
/* Archives: whatever is read of one has a clean name, comes after its folder, and is bounded. */
#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/unpack/entry_name.h"
#include "controller/unpack/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t total;

static bool check_name(void *owner, const char *name, struct err *err)
{
	char used[SOURCE_PATH_MAX + 1];
	if (!entry_name_check(name, false, used, err) || !str_eq(name, used))
		abort();
	return true;
}

static bool check_link(void *owner, const char *name, const char *target, struct err *err)
{
	if (!entry_link_check(name, target, err))
		abort();
	return check_name(owner, name, err);
}

static bool check_file(void *owner, const char *name, bool runnable, struct err *err)
{
	return check_name(owner, name, err);
}

static bool count(void *owner, const void *data, size_t len, struct err *err)
{
	total += len;
	if (total > SOURCE_BYTES_MAX)
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct unpack_sink sink = {
		.folder = check_name, .link = check_link, .file = check_file, .data = count};
	struct err err = {0};

	setlocale(LC_CTYPE, "C.UTF-8");
	total = 0;
	if (!unpack_memory(data, size, &sink, &err) && (err.code == ERR_NONE || !err.text[0]))
		abort();
	return 0;
}
