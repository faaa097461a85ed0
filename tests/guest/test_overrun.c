// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a monitor's receive buffer becomes when it overran. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "reader.h"
#include "user.h"

static struct moeai *h;

/* Is there a socket whose buffer has that many bytes? The kernel tells them doubled. */
static bool kernel_says(uint64_t bytes)
{
	socklen_t len = sizeof(int);
	int n;

	for (int fd = 0; fd < 64; fd++)
		if (!getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, &len) && n == (int)(2 * bytes))
			return true;
	return false;
}

static struct moeai_ledger ledger_of(const struct reader *r)
{
	struct moeai_ledger l;

	moeai_monitor_ledger(r->m, &l);
	return l;
}

/*
 * It sleeps through the same flood again and again: each overrun doubles its
 * buffer, and it soon overruns no more.
 */
static void grows(void **state)
{
	const struct moeai_monitor_options options = { .buffer = 16384 };
	struct moeai_ledger before, after;
	struct moeai_item item;
	struct reader r;
	int round = 0;

	reader_open(&r, &options);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	after = ledger_of(&r);
	assert_int_equal(after.buffer, options.buffer);
	do {
		before = after;
		flood(h, 3000);
		reader_drain(&r);
		after = ledger_of(&r);
		assert_int_equal(after.buffer, options.buffer << after.overruns);
		assert_true(kernel_says(after.buffer));
		assert_int_equal(after.lost + after.pending, 0);
	} while (after.overruns > before.overruns && ++round < 20);
	assert_true(round > 0 && round < 20);
	print_message("%d floods, until the buffer had %" PRIu64 " bytes\n", round, after.buffer);
	reader_close(&r);
}

/* What was asked for if there was nothing to complain about; the default. */
static void stays(void **state)
{
	struct moeai_item item;
	struct reader r;

	reader_open(&r, NULL);
	assert_int_equal(reader_next(&r, &item, 0), -ETIMEDOUT);
	flood(h, 100);
	reader_drain(&r);
	assert_int_equal(ledger_of(&r).buffer, 4 << 20);
	reader_close(&r);
}

static void mapped_has_none(void **state)
{
	const struct moeai_monitor_options options = { .transport = MOEAI_TRANSPORT_MAPPED };
	struct reader r;

	reader_open(&r, &options);
	assert_int_equal(ledger_of(&r).buffer, 0);
	reader_close(&r);
}

static int buffer_here(void *arg)
{
	const struct moeai_monitor_options options = { .transport = MOEAI_TRANSPORT_NETLINK };
	struct moeai_monitor *m;
	struct moeai_ledger l;

	if (moeai_monitor_open(&m, &options))
		return -1;
	moeai_monitor_ledger(m, &l);
	moeai_monitor_close(m);
	return l.buffer;
}

#define RMEM_MAX "/proc/sys/net/core/rmem_max"

static int rmem_max(const char *mode, int bytes)
{
	FILE *file = fopen(RMEM_MAX, mode);

	assert_non_null(file);
	if (*mode == 'r')
		assert_int_equal(fscanf(file, "%d", &bytes), 1);
	else
		assert_true(fprintf(file, "%d", bytes) > 0);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

/* Who lacks CAP_NET_ADMIN is told what he got. */
static void granted(void **state)
{
	int before = rmem_max("r", 0), got;

	rmem_max("w", 1 << 20); /* kernels differ in how much it is */
	got = as(SYS_ADMIN, buffer_here, NULL);
	rmem_max("w", before);
	assert_int_equal(got, 1 << 20);
}

static int open_handle(void **state)
{
	reader_transport = MOEAI_TRANSPORT_NETLINK;
	h = open_unlimited();
	return 0;
}

static int close_handle(void **state)
{
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(stays),
		cmocka_unit_test(mapped_has_none),
		cmocka_unit_test(granted),
	};

	return cmocka_run_group_tests(tests, open_handle, close_handle);
}
