// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "signals.h"

/* One that comes before the wait ends it, or is seen even if there is something to read. */
static void seen(void **state)
{
	struct pollfd fd = { .events = POLLIN };
	const struct timespec long_enough = { 60, 0 };
	sigset_t unblocked;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fd.fd = ends[0];
	signals_catch(&unblocked);
	signals_also(SIGQUIT);
	assert_false(signals_came());
	raise(SIGQUIT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(ppoll(&fd, 1, &long_enough, &unblocked), 1);
	assert_true(signals_came());
	fd.fd = -1;
	assert_int_equal(ppoll(&fd, 1, &long_enough, &unblocked), -1);
	assert_int_equal(errno, EINTR);
	assert_true(signals_came());
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(seen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
