// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "secrets/key.h"
#include "secrets/seal.h"

static const struct seal_place place = {.kit = "kit@0", .name = "token", .version = 3};

struct world {
	struct locked key;
	struct buf record;
};

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct err err;

	*state = w;
	buf_init(&w->record, SECRET_VALUE_MAX + SEAL_OVERHEAD);
	if (!locked_new(&w->key, SECRET_KEY_SIZE, &err))
		return -1;
	memset(w->key.data, 7, SECRET_KEY_SIZE);
	w->key.len = SECRET_KEY_SIZE;
	return seal_close(&w->key, &place, "hunter2", 7, &w->record, &err) ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	buf_free(&w->record);
	locked_free(&w->key);
	free(w);
	return 0;
}

static bool opens(struct world *w, const struct seal_place *at)
{
	auto_locked struct locked value = {0};
	struct err err;
	bool opened =
		seal_open(&w->key, at, buf_bytes(&w->record), buf_len(&w->record), &value, &err);

	if (opened)
		assert_memory_equal(value.data, "hunter2", 7);
	else
		assert_int_equal(err.code, ERR_DENIED);
	return opened;
}

static void opens_at_its_place(void **state)
{
	struct world *w = *state;

	assert_int_equal(buf_len(&w->record), 7 + SEAL_OVERHEAD);
	assert_null(memmem(buf_bytes(&w->record), buf_len(&w->record), "hunter2", 7));
	assert_true(opens(w, &place));
}

static void opens_nowhere_else(void **state)
{
	const struct seal_place others[] = {
		{.kit = "kit@1", .name = "token", .version = 3},
		{.kit = "kit@0", .name = "tokem", .version = 3},
		{.kit = "kit@0", .name = "token", .version = 4},
		{.kit = "kit@0t", .name = "oken", .version = 3},
	};

	for (size_t i = 0; i < array_len(others); i++)
		assert_false(opens(*state, &others[i]));
}

static void no_changed_bit_goes_unseen(void **state)
{
	struct world *w = *state;

	for (size_t bit = 0; bit < 8 * buf_len(&w->record); bit++) {
		buf_bytes(&w->record)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(opens(w, &place));
		buf_bytes(&w->record)[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(opens(w, &place));
}

static void no_other_key_and_no_cut_record_opens(void **state)
{
	struct world *w = *state;

	w->key.data[31] ^= 1;
	assert_false(opens(w, &place));
	w->key.data[31] ^= 1;
	while (buf_len(&w->record) > 0) {
		buf_consume(&w->record, 1);
		assert_false(opens(w, &place));
	}
}

static void never_repeats_a_nonce(void **state)
{
	struct world *w = *state;
	struct buf again;
	struct err err;

	buf_init(&again, 1024);
	assert_true(seal_close(&w->key, &place, "hunter2", 7, &again, &err));
	assert_memory_not_equal(buf_bytes(&again), buf_bytes(&w->record), 12);
	assert_memory_not_equal(buf_bytes(&again) + 12, buf_bytes(&w->record) + 12, 7);
	buf_free(&again);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(opens_at_its_place),	  test(opens_nowhere_else),
		test(no_changed_bit_goes_unseen), test(no_other_key_and_no_cut_record_opens),
		test(never_repeats_a_nonce),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
