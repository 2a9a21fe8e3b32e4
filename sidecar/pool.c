// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Who has to go when memory is short. Members are looked through only then, and those that stalled
 * at about the same time go together, so that an attack with thousands of streams does not make
 * each look expensive.
 */
#include "sidecar/pool.h"

size_t pool_held;

static LIST_HEAD(, pool_member) members = LIST_HEAD_INITIALIZER(members);

void pool_join(struct pool_member *member, const struct pool_member_ops *ops, uint64_t now)
{
	member->ops = ops;
	member->since = now;
	LIST_INSERT_HEAD(&members, member, next);
}

void pool_leave(struct pool_member *member)
{
	LIST_REMOVE(member, next);
}

void pool_buf_init(struct buf *buf, size_t max)
{
	buf_init(buf, max);
	buf->counted = &pool_held;
}

/* Whom a look is for. */
struct wanted {
	uint64_t since; // stalled since then, or longer
	bool whole;	// sessions too
};

static bool matches(struct pool_member *member, const struct wanted *wanted)
{
	return member->since <= wanted->since && (wanted->whole || !member->ops->whole) &&
	       member->ops->waiting(member) > 0;
}

static struct pool_member *longest_stalled(const struct wanted *wanted)
{
	struct pool_member *member, *longest = NULL;

	LIST_FOREACH(member, &members, next)
	{
		if ((!longest || member->since < longest->since) && matches(member, wanted))
			longest = member;
	}
	return longest;
}

/* Until no more than `enough` is held, or nobody matches. */
static void cut(struct wanted wanted, size_t enough)
{
	const struct pool_member *longest;
	struct pool_member *member;
	size_t before = SIZE_MAX;

	while (pool_held > enough && pool_held < before && (longest = longest_stalled(&wanted))) {
		struct wanted together = wanted;

		before = pool_held;

		if (longest->since + POOL_TOGETHER_MS < wanted.since)
			together.since = longest->since + POOL_TOGETHER_MS;
		LIST_FOREACH(member, &members, next)
		{
			if (pool_held > enough && matches(member, &together))
				member->ops->cut(member);
		}
	}
}

/* False: there is nobody who would help. */
static bool cut_largest(void)
{
	struct pool_member *member, *largest = NULL;
	size_t before = pool_held, most = 0;

	LIST_FOREACH(member, &members, next)
	{
		size_t waiting = member->ops->waiting(member);

		if (waiting > most) {
			most = waiting;
			largest = member;
		}
	}
	if (largest)
		largest->ops->cut(largest);
	return pool_held < before;
}

static uint64_t ago(uint64_t now, uint64_t ms)
{
	return now > ms ? now - ms : 0;
}

bool pool_admits(uint64_t now)
{
	if (pool_held < POOL_FULL)
		return true;
	cut((struct wanted){.since = ago(now, POOL_STALLED_MS)}, POOL_FULL - 1);
	return pool_held < POOL_FULL;
}

void pool_relieve(uint64_t now)
{
	cut((struct wanted){.since = ago(now, POOL_STALLED_MS), .whole = true}, POOL_MAX);
	cut((struct wanted){.since = ago(now, POOL_FRESH_MS), .whole = true}, POOL_MAX);
	while (pool_is_over() && cut_largest())
		;
}
