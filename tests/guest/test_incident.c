// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Incident files by the library alone: what a monitor of the kernel returned is what one
 * of the file returns, by either transport, and what is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>
#include <moeai/moeai.h>
#include "ask.h"

#define WAIT   20000 /* ms */
#define EVENTS 50

static struct moeai *h;

static struct moeai_monitor *open_log(enum moeai_transport transport)
{
	const struct moeai_monitor_options o = { .since = MOEAI_SINCE_OLDEST,
						 .transport = transport };
	struct moeai_monitor *m;

	assert_int_equal(moeai_monitor_open(&m, &o), 0);
	return m;
}

static void next(struct moeai_monitor *m, struct moeai_item *item, enum moeai_item_kind kind)
{
	assert_int_equal(moeai_monitor_next(m, item, WAIT), 0);
	assert_int_equal(item->kind, kind);
}

/* The text of a user.message; "" of another event. */
static void text_of(const struct moeai_event *e, char text[32])
{
	struct moeai_value v;

	snprintf(text, 32, "%s",
		 moeai_values_get(&e->values, "text", &v) ? "" : (const char *)v.data);
}

/* Events up to that text; returns how many. */
static uint64_t record(struct moeai_incident *f, struct moeai_monitor *m, const char *last)
{
	struct moeai_item item;
	char text[32];
	uint64_t n = 0;

	do {
		next(m, &item, MOEAI_EVENT);
		text_of(&item.event, text);
		assert_int_equal(moeai_incident_add(f, &item, strcmp(text, last) ? NULL : last), 0);
		n++;
	} while (strcmp(text, last));
	return n;
}

static void check(int fd, uint64_t n, uint64_t epoch, const char *last)
{
	struct moeai_monitor *m;
	struct moeai_item item;
	char text[32] = "";

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(moeai_monitor_open_file(&m, fd, NULL), 0);
	next(m, &item, MOEAI_EPOCH);
	assert_true(item.epoch == epoch);
	for (uint64_t i = 0; i < n; i++) {
		next(m, &item, MOEAI_EVENT);
		assert_true(item.event.type_name[0] != '#');
		text_of(&item.event, text);
	}
	assert_string_equal(text, last);
	assert_string_equal(moeai_monitor_comment(m), last);
	assert_int_equal(moeai_monitor_next(m, &item, WAIT), -ENODATA);
	assert_string_equal(moeai_monitor_comment(m), "enough");
	moeai_monitor_close(m);
}

static void there_and_back(enum moeai_transport transport)
{
	struct moeai_monitor *m = open_log(transport);
	int fd = open("/run", O_TMPFILE | O_RDWR, 0600);
	struct moeai_incident *f;
	struct moeai_item item;
	uint64_t n, epoch;

	assert_true(fd >= 0);
	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, "before"), 0);
	next(m, &item, MOEAI_EPOCH);
	epoch = item.epoch;
	assert_int_equal(moeai_incident_begin(&f, m, fd, 1), 0);
	n = record(f, m, "before");
	for (int i = 0; i < EVENTS; i++)
		assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, i < EVENTS - 1 ? "one" : "last"),
				 0);
	n += record(f, m, "last");
	assert_true(n > EVENTS);
	assert_true(moeai_incident_size(f) > n * 100);
	assert_int_equal(moeai_incident_end(f, "enough"), 0);
	moeai_monitor_close(m);
	check(fd, n, epoch, "last");
	close(fd);
}

static void test_netlink(void **state)
{
	there_and_back(MOEAI_TRANSPORT_NETLINK);
}

static void test_mapped(void **state)
{
	there_and_back(MOEAI_TRANSPORT_MAPPED);
}

static void test_refused(void **state)
{
	struct moeai_monitor *m = open_log(MOEAI_TRANSPORT_NETLINK), *file;
	int fd = open("/run", O_TMPFILE | O_RDWR, 0600);
	struct moeai_incident *f;
	struct moeai_item item;

	next(m, &item, MOEAI_EPOCH);
	assert_int_equal(moeai_incident_begin(&f, m, -1, 0), -EBADF);
	assert_int_equal(moeai_incident_begin(&f, m, fd, 0), 0);
	assert_int_equal(moeai_incident_add(f, &item, NULL), -EINVAL);
	assert_non_null(strstr(moeai_monitor_error(m), "events and losses"));
	next(m, &item, MOEAI_EVENT);
	assert_int_equal(moeai_incident_add(f, &item, NULL), 0);
	item = (struct moeai_item){ .kind = MOEAI_LOST, .lost = { item.event.seq + 1,
				    item.event.seq + 9, MOEAI_LOST_OVERWRITTEN } };
	assert_int_equal(moeai_incident_add(f, &item, NULL), 0);
	assert_int_equal(moeai_incident_end(f, NULL), 0);

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(moeai_monitor_open_file(&file, fd, NULL), 0);
	next(file, &item, MOEAI_EPOCH);
	assert_int_equal(moeai_incident_begin(&f, file, fd, 0), -EINVAL);
	next(file, &item, MOEAI_EVENT);
	next(file, &item, MOEAI_LOST);
	assert_int_equal(item.lost.to - item.lost.from, 8);
	assert_int_equal(moeai_monitor_next(file, &item, 0), -ENODATA);
	assert_null(moeai_monitor_comment(file));
	moeai_monitor_close(file);
	moeai_incident_abandon(NULL);
	moeai_monitor_close(m);
	close(fd);
}

/* A module whose event needs to be described is gone, and the others: what was added is whole. */
static void test_not_described(void **state)
{
	struct moeai_monitor *m = open_log(MOEAI_TRANSPORT_NETLINK);
	int fd = open("/run", O_TMPFILE | O_RDWR, 0600);
	struct moeai_incident *f;
	struct moeai_item item;
	uint64_t n, epoch;

	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, "enough"), 0);
	next(m, &item, MOEAI_EPOCH);
	epoch = item.epoch;
	assert_int_equal(moeai_incident_begin(&f, m, fd, 1), 0);
	n = record(f, m, "enough");
	assert_int_equal(sh("modprobe moeai_hello && moectl run hello.greet name=world >/dev/null"),
			 0);
	do
		next(m, &item, MOEAI_EVENT);
	while (strcmp(item.event.type_name, "hello.greeted"));
	assert_int_equal(sh("modprobe -r moeai_hello moeai_mem_monitor && modprobe -r moeai"), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(moeai_incident_add(f, &item, NULL), -ENODEV);
		assert_string_equal(moeai_monitor_error(m), moeai_strerror(-ENODEV));
	}
	assert_int_equal(moeai_incident_end(f, "enough"), 0);
	moeai_monitor_close(m);
	check(fd, n, epoch, "enough");
	close(fd);
	assert_int_equal(sh("modprobe moeai_mem_monitor"), 0);
}

/* No room: told at once or at its end, and the file is given up. */
static void test_no_room(void **state)
{
	struct moeai_monitor *m = open_log(MOEAI_TRANSPORT_NETLINK);
	int fd = open("/dev/full", O_WRONLY);
	struct moeai_incident *f;
	struct moeai_item item;
	int rc;

	assert_true(fd >= 0);
	next(m, &item, MOEAI_EPOCH);
	rc = moeai_incident_begin(&f, m, fd, 0);
	if (!rc)
		rc = moeai_incident_end(f, NULL);
	assert_int_equal(rc, -ENOSPC);
	assert_non_null(strstr(moeai_monitor_error(m), "space"));
	/* The monitor goes on. */
	next(m, &item, MOEAI_EVENT);
	moeai_monitor_close(m);
	close(fd);
}

static int setup(void **state)
{
	return moeai_open(&h);
}

static int teardown(void **state)
{
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netlink),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_not_described),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
