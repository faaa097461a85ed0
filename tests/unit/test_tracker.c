// SPDX-License-Identifier: LGPL-2.1-or-later
/* The ledger's arithmetic, on scripted and on random histories. */
#include "wire.h"
#include "tracker.h"

/* What holds at any time. */
static void balanced(const struct tracker *t)
{
	struct moeai_ledger l;

	assert_true(t->next - t->from == t->returned + t->filtered + t->lost);
	tracker_ledger(t, &l);
	assert_true(l.to - l.from + 1 == l.returned + l.filtered + l.lost + l.pending);
	assert_true(l.replayed <= l.returned);
}

static enum track live(struct tracker *t, uint64_t seq, bool wanted)
{
	struct moeai_lost lost;
	enum track what = tracker_record(t, seq, wanted, false, &lost);

	balanced(t);
	return what;
}

static enum track replayed(struct tracker *t, uint64_t seq)
{
	struct moeai_lost lost;
	enum track what = tracker_record(t, seq, true, true, &lost);

	balanced(t);
	return what;
}

static enum track notice(struct tracker *t, uint64_t from, uint64_t to, bool replay,
			 struct moeai_lost *lost)
{
	const struct moeai_lost range = { from, to, MOEAI_LOST_CLEARED };
	enum track what = tracker_notice(t, &range, replay, lost);

	balanced(t);
	return what;
}

static void check_ledger(const struct tracker *t, uint64_t from, uint64_t to, uint64_t returned,
			 uint64_t filtered, uint64_t lost, uint64_t pending)
{
	struct moeai_ledger l;

	tracker_ledger(t, &l);
	assert_true(l.from == from && l.to == to);
	assert_true(l.returned == returned && l.filtered == filtered);
	assert_true(l.lost == lost && l.pending == pending);
}

static void nothing_yet(void **state)
{
	struct tracker t;

	tracker_begin(&t, 0);
	balanced(&t);
	check_ledger(&t, 1, 0, 0, 0, 0, 0);
	tracker_begin(&t, 10);
	balanced(&t);
	check_ledger(&t, 10, 9, 0, 0, 0, 0);
}

static void live_in_order(void **state)
{
	struct tracker t;

	tracker_begin(&t, 10);
	assert_int_equal(live(&t, 10, true), TRACK_RETURN);
	assert_int_equal(live(&t, 11, false), TRACK_SKIP);
	assert_int_equal(live(&t, 12, true), TRACK_RETURN);
	assert_int_equal(live(&t, 11, true), TRACK_SKIP); /* seen */
	assert_int_equal(live(&t, 9, true), TRACK_SKIP);  /* before since */
	check_ledger(&t, 10, 12, 2, 1, 0, 0);
}

/* A gap calls for a replay, which brings what was missed. */
static void gap(void **state)
{
	struct moeai_lost lost;
	struct tracker t;

	tracker_begin(&t, 1);
	assert_int_equal(live(&t, 1, true), TRACK_RETURN);
	assert_int_equal(live(&t, 5, true), TRACK_REPAIR);
	tracker_announce(&t, 1, 7, false);
	balanced(&t);
	check_ledger(&t, 1, 6, 1, 0, 0, 5);
	for (uint64_t seq = 2; seq <= 6; seq++)
		assert_int_equal(replayed(&t, seq), TRACK_RETURN);
	assert_int_equal(tracker_replayed(&t, &lost), TRACK_SKIP);
	assert_int_equal(live(&t, 5, true), TRACK_SKIP);
	assert_int_equal(live(&t, 6, true), TRACK_SKIP);
	assert_int_equal(live(&t, 7, true), TRACK_RETURN);
	check_ledger(&t, 1, 7, 7, 0, 0, 0);
	assert_true(t.replayed == 5);
}

/* What a replay's notices say is lost; what it leaves out untold is, too. */
static void lost_in_replay(void **state)
{
	struct moeai_lost lost;
	struct tracker t;

	tracker_begin(&t, 1);
	tracker_announce(&t, 50, 60, false);
	assert_int_equal(notice(&t, 1, 49, true, &lost), TRACK_LOST);
	assert_true(lost.from == 1 && lost.to == 49 && lost.reason == MOEAI_LOST_CLEARED);
	assert_int_equal(replayed(&t, 50), TRACK_RETURN);
	assert_int_equal(tracker_record(&t, 53, true, true, &lost), TRACK_LOST);
	assert_true(lost.from == 51 && lost.to == 52 && lost.reason == MOEAI_LOST_OVERWRITTEN);
	assert_int_equal(replayed(&t, 53), TRACK_RETURN); /* presented again */
	assert_int_equal(tracker_replayed(&t, &lost), TRACK_LOST);
	assert_true(lost.from == 54 && lost.to == 59);
	assert_int_equal(tracker_replayed(&t, &lost), TRACK_SKIP);
	balanced(&t);
	check_ledger(&t, 1, 59, 2, 0, 57, 0);
}

/* Of a notice, only what is news counts. */
static void overlapping_notices(void **state)
{
	struct moeai_lost lost;
	struct tracker t;

	tracker_begin(&t, 1);
	assert_int_equal(live(&t, 1, true), TRACK_RETURN);
	assert_int_equal(notice(&t, 1, 5, false, &lost), TRACK_LOST);
	assert_true(lost.from == 2 && lost.to == 5);
	assert_int_equal(notice(&t, 2, 5, false, &lost), TRACK_SKIP);
	assert_int_equal(notice(&t, 8, 9, false, &lost), TRACK_REPAIR);
	tracker_announce(&t, 1, 10, false);
	assert_int_equal(notice(&t, 8, 9, true, &lost), TRACK_LOST);
	assert_true(lost.from == 6 && lost.to == 9);
	check_ledger(&t, 1, 9, 1, 0, 8, 0);
}

/* A replay with a filter: holes are the filter's, notices are losses. */
static void sparse(void **state)
{
	struct moeai_lost lost;
	struct tracker t;

	tracker_begin(&t, 10);
	tracker_announce(&t, 1, 30, true);
	assert_int_equal(replayed(&t, 15), TRACK_RETURN);
	assert_int_equal(notice(&t, 18, 20, true, &lost), TRACK_LOST);
	assert_true(lost.from == 18 && lost.to == 20);
	assert_int_equal(tracker_replayed(&t, &lost), TRACK_SKIP);
	balanced(&t);
	check_ledger(&t, 10, 29, 1, 16, 3, 0);
}

/* From the oldest: kept events come before the log's first one. */
static void from_the_oldest(void **state)
{
	struct moeai_lost lost;
	struct tracker t;

	tracker_begin(&t, 0);
	tracker_announce(&t, 500, 502, false);
	balanced(&t);
	check_ledger(&t, 500, 501, 0, 0, 0, 2);
	assert_int_equal(replayed(&t, 7), TRACK_RETURN);
	check_ledger(&t, 7, 501, 1, 0, 0, 494);
	assert_int_equal(notice(&t, 8, 499, true, &lost), TRACK_LOST);
	assert_int_equal(replayed(&t, 3), TRACK_SKIP); /* only the first may be older */
	assert_int_equal(replayed(&t, 500), TRACK_RETURN);
	assert_int_equal(replayed(&t, 501), TRACK_RETURN);
	assert_int_equal(tracker_replayed(&t, &lost), TRACK_SKIP);
	check_ledger(&t, 7, 501, 3, 0, 492, 0);
}

/* A since that lies ahead waits for it. */
static void from_the_future(void **state)
{
	struct moeai_lost lost;
	struct tracker t;

	tracker_begin(&t, 100);
	tracker_announce(&t, 1, 50, false);
	balanced(&t);
	assert_int_equal(tracker_replayed(&t, &lost), TRACK_SKIP);
	assert_int_equal(live(&t, 50, true), TRACK_SKIP);
	check_ledger(&t, 100, 99, 0, 0, 0, 0);
	assert_int_equal(live(&t, 100, true), TRACK_RETURN);
}

/* A reader's life with random losses: told and returned add up, nothing twice. */
static void random_histories(void **state)
{
	uint64_t logged = 0, due = 1, told = 0, returned = 0;
	struct moeai_lost lost;
	struct tracker t;

	srand(4711);
	tracker_begin(&t, 1);
	for (int round = 0; round < 20000; round++) {
		uint64_t first = logged > 40 ? logged - 40 : 1, before = logged + 1;

		logged += 1 + rand() % 3;
		if (rand() % 20 == 0) /* these did not arrive */
			continue;
		for (uint64_t seq = before; seq <= logged; seq++) {
			enum track what = live(&t, seq, true);

			if (what == TRACK_RETURN) {
				assert_true(seq == due++);
				returned++;
			}
			if (what != TRACK_REPAIR)
				continue;
			if (rand() % 2)
				first = due < first ? first : due;
			tracker_announce(&t, first, logged + 1, false);
			if (due < first && notice(&t, due, first - 1, true, &lost) == TRACK_LOST) {
				told += lost.to - lost.from + 1;
				due = lost.to + 1;
			}
			for (uint64_t s = first; s <= logged; s++) {
				if (replayed(&t, s) != TRACK_RETURN)
					continue;
				assert_true(s == due++);
				returned++;
			}
			assert_int_equal(tracker_replayed(&t, &lost), TRACK_SKIP);
		}
	}
	assert_true(t.returned == returned && t.lost == told);
	assert_true(returned + told == due - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_yet),	   cmocka_unit_test(live_in_order),
		cmocka_unit_test(gap),		   cmocka_unit_test(lost_in_replay),
		cmocka_unit_test(overlapping_notices), cmocka_unit_test(sparse),
		cmocka_unit_test(from_the_oldest), cmocka_unit_test(from_the_future),
		cmocka_unit_test(random_histories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
