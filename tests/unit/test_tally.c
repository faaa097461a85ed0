// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/tally.h"

static void add(struct tally *t, const char *key, unsigned int kind, uint64_t n, uint64_t time)
{
	assert_int_equal(tally_add(t, key, strlen(key), kind, n, time), 0);
}

static void counts(void **state)
{
	struct tally *t = tally_new(1 << 20);
	struct tally_entry *const *at;

	assert_int_equal(tally_sort(t, &at), 0);
	add(t, "b", 1, 1, 10);
	add(t, "a", 2, 5, 20);
	add(t, "ab", 3, 1, 30);
	add(t, "b", 0, 3, 40);
	add(t, "", 0, 1, 50);
	assert_int_equal(tally_add(t, "a\0b", 3, 0, 9, 60), 0);
	assert_int_equal(tally_add(t, "a", 1, TALLY_KINDS, 1, 70), -EINVAL);
	assert_int_equal(tally_sort(t, &at), 5);
	assert_memory_equal(at[0]->key, "a\0b", 3);
	assert_memory_equal(at[1]->key, "a", 1);
	assert_int_equal(at[1]->count, 5);
	assert_memory_equal(at[2]->key, "b", 1);
	assert_true(at[2]->count == 4 && at[2]->n[0] == 3 && at[2]->n[1] == 1 && !at[2]->n[2]);
	assert_true(at[2]->first == 10 && at[2]->last == 40 && !at[2]->missed);
	assert_true(at[3]->len == 0 && at[4]->len == 2); /* equal: by key */
	assert_int_equal(tally_floor(t), 0);
	tally_free(t);
	tally_free(NULL);
}

static const struct tally_entry *find(struct tally_entry *const *at, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (at[i]->len == strlen(key) && !memcmp(at[i]->key, key, at[i]->len))
			return at[i];
	fail_msg("no %s", key);
	return NULL;
}

/*
 * Far more keys than there is room for, the busy ones among them and one that is busy
 * late: they come first, and what is said of the error is true of each.
 */
static void many(void **state)
{
	enum { KEYS = 20000, BUSY = 8 };
	struct tally *t = tally_new(100000);
	struct tally_entry *const *at;
	uint64_t total = 0, told = 0;
	char key[16];
	size_t n;

	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "once-%d", i);
		add(t, key, 0, 1, i);
		snprintf(key, sizeof(key), "busy-%d", i % BUSY);
		add(t, key, 0, 1, i);
		if (i > KEYS / 2)
			add(t, "late", 0, 1, i);
		if (i % (KEYS / 5) == 0)
			add(t, "forgotten", 0, 1, i);
	}
	add(t, "forgotten", 0, 1, KEYS);
	n = tally_sort(t, &at);
	assert_true(n > BUSY && n < 1000);
	assert_memory_equal(at[0]->key, "late", 4);
	assert_true(at[0]->count + at[0]->missed >= KEYS / 2 - 1 && at[0]->count < KEYS / 2);
	for (size_t i = 1; i <= BUSY; i++) {
		assert_memory_equal(at[i]->key, "busy-", 5);
		assert_true(at[i]->count <= KEYS / BUSY);
		assert_true(at[i]->count + at[i]->missed >= KEYS / BUSY);
	}
	assert_true(tally_floor(t) > 0);
	assert_true(find(at, n, "forgotten")->count < 6);
	assert_true(find(at, n, "forgotten")->count + find(at, n, "forgotten")->missed >= 6);
	for (size_t i = 0; i < n; i++) {
		total += at[i]->count;
		told += at[i]->count + at[i]->missed;
	}
	assert_true(total <= 2 * KEYS + KEYS / 2 + 6 && told >= total);
	tally_free(t);
}

/* One key is more than there is room for. */
static void narrow(void **state)
{
	char *key = calloc(1, 5000);
	struct tally *t = tally_new(1000);
	struct tally_entry *const *at;

	for (int i = 0; i < 10; i++) {
		*key = (char)i;
		assert_int_equal(tally_add(t, key, 5000, 0, 1, 0), 0);
		assert_int_equal(tally_sort(t, &at), 1);
		assert_true(at[0]->key[0] == i && at[0]->count == 1);
	}
	tally_free(t);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts), cmocka_unit_test(many),
					    cmocka_unit_test(narrow) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
