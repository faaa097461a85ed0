// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Incident files: what was written is read; what was cut short or changed is told, after
 * what is whole of it.
 */
#include "incident.h"

static void test_whole(void **state)
{
	struct moeai_ledger ledger;
	struct moeai_monitor *m;
	struct moeai_item item;
	struct moeai_value v;
	struct built b;

	build(&b);
	m = open_bytes(b.data, b.len, NULL);
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(item.kind, MOEAI_EPOCH);
	assert_true(item.epoch == EPOCH);
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(item.kind, MOEAI_EVENT);
	assert_true(item.event.seq == 10 && item.event.time == 10000);
	assert_string_equal(item.event.type_name, "unit.event");
	assert_string_equal(item.event.source, "unit");
	assert_int_equal(moeai_values_get(&item.event.values, "number", &v), 0);
	assert_int_equal(v.u64, 11);
	assert_null(moeai_monitor_comment(m));
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_true(item.event.seq == 11);
	assert_string_equal(moeai_monitor_comment(m), "trigger");
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(item.kind, MOEAI_LOST);
	assert_true(item.lost.from == 12 && item.lost.to == 14);
	assert_int_equal(item.lost.reason, MOEAI_LOST_CLEARED);
	assert_null(moeai_monitor_comment(m));
	assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_true(item.event.seq == 15);
	assert_int_equal(moeai_monitor_next(m, &item, 0), -ENODATA);
	assert_string_equal(moeai_monitor_comment(m), "it was stopped");
	moeai_monitor_ledger(m, &ledger);
	assert_true(ledger.from == 10 && ledger.to == 15 && ledger.returned == 3 &&
		    ledger.lost == 3 && !ledger.pending);
	assert_int_equal(moeai_monitor_fd(m), -1);
	moeai_monitor_close(m);
	free(b.data);
}

/* By the interface, of a descriptor that is closed at once. */
static void test_descriptor(void **state)
{
	struct moeai_monitor *m;
	struct moeai_item item;
	struct built b;
	FILE *file = tmpfile();

	build(&b);
	assert_int_equal(fwrite(b.data, 1, b.len, file), b.len);
	rewind(file);
	assert_int_equal(moeai_monitor_open_file(&m, fileno(file), NULL), 0);
	fclose(file);
	for (int i = 0; i < EVENTS + 2; i++)
		assert_int_equal(moeai_monitor_next(m, &item, 0), 0);
	assert_int_equal(moeai_monitor_next(m, &item, 0), -ENODATA);
	moeai_monitor_close(m);
	assert_int_equal(moeai_monitor_open_file(&m, -1, NULL), -EBADF);
	free(b.data);
}

/* ---- what is damaged ------------------------------------------------------------------- */

static void assert_prefix(const struct told *whole, const struct told *part)
{
	assert_true(part->n <= whole->n);
	assert_memory_equal(whole->sums, part->sums, part->n * sizeof(*part->sums));
}

static void assert_among(const struct told *whole, const struct told *part)
{
	size_t j = 0;

	for (size_t i = 0; i < part->events; i++, j++) {
		while (j < whole->events && whole->plain[j] != part->plain[i])
			j++;
		assert_true(j < whole->events);
	}
}

/* At every byte: what is whole is told, and then that it is cut. */
static void test_cut(void **state)
{
	struct told whole, part;
	struct built b;
	size_t most = 0;

	build(&b);
	whole = tell(b.data, b.len, NULL);
	assert_int_equal(whole.code, -ENODATA);
	for (size_t len = 0; len < b.len; len++) {
		part = tell(b.data, len, NULL);
		assert_int_equal(part.code, -EPROTO);
		assert_non_null(strstr(part.error, "cut short"));
		assert_non_null(strstr(part.error, "byte "));
		assert_prefix(&whole, &part);
		assert_true(part.n >= most);
		most = part.n;
	}
	assert_int_equal(most, whole.n);
	free(b.data);
}

/* Each bit: never another event than those that were written, but for their comments. */
static void test_flipped(void **state)
{
	struct told whole, part;
	size_t noticed = 0;
	struct built b;

	build(&b);
	whole = tell(b.data, b.len, NULL);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		b.data[bit / 8] ^= 1 << bit % 8;
		part = tell(b.data, b.len, NULL);
		b.data[bit / 8] ^= 1 << bit % 8;
		/* A block that became another one is passed over, and that is told. */
		if (!strncmp(part.error, "at byte", 7))
			assert_among(&whole, &part);
		else
			assert_prefix(&whole, &part);
		assert_true(part.code != -ENODATA || part.n == whole.n);
		assert_true(*part.error);
		noticed += part.code != -ENODATA;
	}
	/* The rest are times of blocks, texts, padding. */
	assert_true(noticed > b.len * 8 * 6 / 10);
	free(b.data);
}

/* Bytes of anything, and all kinds of wrong lengths. */
static void test_garbage(void **state)
{
	struct built b;
	uint32_t word;

	build(&b);
	srand(7);
	for (int round = 0; round < 3000; round++) {
		size_t at = (size_t)rand() % (b.len / 4) * 4;

		memcpy(&word, b.data + at, 4);
		memset(b.data + at, rand() & 0xff, 1 + rand() % 4);
		tell(b.data, b.len, NULL);
		memcpy(b.data + at, &word, 4);
	}
	assert_int_equal(tell(b.data, b.len, NULL).code, -ENODATA);
	free(b.data);
	b = (struct built){ .data = strdup("not one"), .len = 7 };
	tells(&b, -EPROTO, "cut short", 0);
	b = (struct built){ .data = strdup("nothing like a pcapng"), .len = 21 };
	tells(&b, -EPROTO, "no incident file", 0);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void test_disk_full(void **state)
{
	struct pcapng_writer w = { .to = fopen("/dev/full", "wb") };

	assert_non_null(w.to);
	setvbuf(w.to, NULL, _IONBF, 0);
	assert_int_equal(pcapng_head(&w, "test", "Linux", NULL), -ENOSPC);
	assert_int_equal(pcapng_tail(&w, 0, 0, 0, NULL), -ENOSPC);
	assert_true(w.written == 0);
	fclose(w.to);
	free(w.buf);
}

static void test_crc32(void **state)
{
	assert_int_equal(pcapng_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(pcapng_crc32("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_crc32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
