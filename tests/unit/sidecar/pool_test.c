// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sidecar/pool.h"

enum { MEMBERS = 6, NOW = 100000 };

struct holder {
	struct pool_member member;
	size_t bytes;
	bool was_cut;
};

static struct holder holders[MEMBERS];

static size_t waiting(struct pool_member *member)
{
	return container_of(member, struct holder, member)->bytes;
}

static void cut(struct pool_member *member)
{
	struct holder *holder = container_of(member, struct holder, member);

	pool_sub(holder->bytes);
	holder->bytes = 0;
	holder->was_cut = true;
}

static const struct pool_member_ops STREAM = {.waiting = waiting, .cut = cut};
static const struct pool_member_ops SESSION = {.waiting = waiting, .cut = cut, .whole = true};

static void hold(size_t i, const struct pool_member_ops *ops, uint64_t age, size_t bytes)
{
	holders[i] = (struct holder){.bytes = bytes};
	pool_join(&holders[i].member, ops, NOW - age);
	pool_add(bytes);
}

static int leave_all(void **state)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		if (holders[i].member.ops)
			pool_leave(&holders[i].member);
		holders[i].member.ops = NULL;
	}
	pool_sub(pool_held);
	return 0;
}

static void queues_are_counted_as_they_grow_and_go(void **state)
{
	auto_buf struct buf buf;
	auto_free char *text = NULL;

	pool_buf_init(&buf, 64 * KIB);
	assert_int_equal(pool_held, 0);
	buf_reserve(&buf, 10000);
	assert_int_equal(pool_held, buf.cap);
	assert_true(pool_held >= 10000);
	buf_free(&buf);
	assert_int_equal(pool_held, 0);
	buf_append_str(&buf, "it is still counted");
	assert_int_equal(pool_held, buf.cap);
	text = buf_take_str(&buf);
	assert_string_equal(text, "it is still counted");
	assert_int_equal(pool_held, 0);
}

static void windows_narrow_as_more_is_held(void **state)
{
	assert_int_equal(pool_window(), STREAM_WINDOW_WIDE);
	pool_add(POOL_ROOMY);
	assert_int_equal(pool_window(), STREAM_WINDOW);
	pool_add(POOL_TIGHT - POOL_ROOMY);
	assert_int_equal(pool_window(), STREAM_WINDOW_TIGHT);
}

static void a_request_finds_room_while_there_is_some(void **state)
{
	hold(0, &STREAM, 2 * POOL_STALLED_MS, POOL_FULL - 1);
	assert_true(pool_admits(NOW));
	assert_false(holders[0].was_cut);
}

static void then_those_who_stalled_longest_make_room(void **state)
{
	hold(0, &STREAM, POOL_STALLED_MS + 500, POOL_FULL / 2);
	hold(1, &STREAM, POOL_STALLED_MS + 5000, POOL_FULL / 2);
	hold(2, &STREAM, 0, 1000);
	assert_true(pool_admits(NOW));
	assert_true(holders[1].was_cut);
	assert_false(holders[0].was_cut || holders[2].was_cut);
}

static void nobody_who_has_only_just_stopped_and_no_session(void **state)
{
	hold(0, &STREAM, POOL_STALLED_MS - 1, POOL_FULL / 2);
	hold(1, &SESSION, 10 * POOL_STALLED_MS, POOL_FULL / 2);
	assert_false(pool_admits(NOW));
	assert_false(holders[0].was_cut || holders[1].was_cut);
}

static void between_turns_sessions_go_too(void **state)
{
	hold(0, &STREAM, POOL_STALLED_MS - 1, POOL_MAX);
	hold(1, &SESSION, 10 * POOL_STALLED_MS, POOL_MAX);
	pool_relieve(NOW);
	assert_true(holders[1].was_cut);
	assert_false(holders[0].was_cut);
	assert_false(pool_is_over());
}

static void and_in_need_the_largest(void **state)
{
	hold(0, &STREAM, POOL_FRESH_MS - 1, 10);
	hold(1, &STREAM, 0, POOL_MAX / 3);
	hold(2, &SESSION, 0, POOL_MAX / 2);
	hold(3, &STREAM, 0, POOL_MAX / 3);
	pool_relieve(NOW);
	assert_true(holders[2].was_cut);
	assert_false(holders[0].was_cut || holders[1].was_cut || holders[3].was_cut);
	assert_false(pool_is_over());
}

static void who_cannot_help_is_not_asked_for_ever(void **state)
{
	pool_add(POOL_MAX + 1);
	hold(0, &STREAM, POOL_STALLED_MS, 0);
	pool_relieve(NOW);
	assert_true(pool_is_over());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(queues_are_counted_as_they_grow_and_go, leave_all),
		cmocka_unit_test_teardown(windows_narrow_as_more_is_held, leave_all),
		cmocka_unit_test_teardown(a_request_finds_room_while_there_is_some, leave_all),
		cmocka_unit_test_teardown(then_those_who_stalled_longest_make_room, leave_all),
		cmocka_unit_test_teardown(nobody_who_has_only_just_stopped_and_no_session,
					  leave_all),
		cmocka_unit_test_teardown(between_turns_sessions_go_too, leave_all),
		cmocka_unit_test_teardown(and_in_need_the_largest, leave_all),
		cmocka_unit_test_teardown(who_cannot_help_is_not_asked_for_ever, leave_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
