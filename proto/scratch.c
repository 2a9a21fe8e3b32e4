// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Messages between our processes carry secrets, and protobuf-c copies each field with malloc,
 * where it would lie about after free. So one locked mapping holds the packet and the unpacked
 * message, used as a stack: a callback that runs the loop again nests properly, and giving back
 * is a wipe of what was used.
 */
#include "proto/scratch.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

static struct {
	uint8_t *memory; // the packet, then the stack
	size_t used;	 // of the stack
	bool locked;
	pid_t owner; // locks are not inherited over fork(2)
} scratch;

void scratch_open(void)
{
	size_t size = CHANNEL_MESSAGE_MAX + CHANNEL_UNPACKED_MAX;
	void *memory;

	if (scratch.memory && scratch.owner == getpid())
		return;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		abort();
	scratch.locked = mlock2(memory, size, MLOCK_ONFAULT) == 0; // only pages that are used
	(void)madvise(memory, size, MADV_DONTDUMP);
	(void)madvise(memory, size, MADV_WIPEONFORK);
	scratch.memory = memory;
	scratch.used = 0;
	scratch.owner = getpid();
}

bool scratch_is_locked(void)
{
	return scratch.locked;
}

uint8_t *scratch_packet(void)
{
	return scratch.memory;
}

static void *scratch_alloc(void *unused, size_t size)
{
	size_t rounded = (size + 15) & ~(size_t)15;
	void *got = scratch.memory + CHANNEL_MESSAGE_MAX + scratch.used;

	if (rounded < size || rounded > CHANNEL_UNPACKED_MAX - scratch.used)
		return NULL;
	scratch.used += rounded;
	return got;
}

static void scratch_free(void *unused, void *pointer)
{
	// All of a message goes at once, in scratch_release.
}

ProtobufCAllocator scratch_allocator = {.alloc = scratch_alloc, .free = scratch_free};

size_t scratch_mark(void)
{
	return scratch.used;
}

void scratch_release(size_t mark)
{
	if (mark >= scratch.used)
		return;
	wipe(scratch.memory + CHANNEL_MESSAGE_MAX + mark, scratch.used - mark);
	scratch.used = mark;
}
