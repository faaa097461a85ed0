// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Events and answers in a loop of one's own: a call is begun every 100 ms, its
 * answer and the events come in between. Ends after five calls.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <moeai/moeai.h>

static void answered(void *arg, int status, const char *error,
		     const struct moeai_values *values)
{
	int *answers = arg;

	printf("answer %d: %s\n", ++*answers, status ? error : "ok");
}

/* All that has come: the monitor is readable again only once it said -ETIMEDOUT. */
static int read_events(struct moeai_monitor *monitor)
{
	struct moeai_item item;
	int rc;

	while (!(rc = moeai_monitor_next(monitor, &item, 0)))
		if (item.kind == MOEAI_EVENT)
			printf("event %s\n", item.event.type_name);
	return rc == -ETIMEDOUT ? 0 : rc;
}

static int loop(struct moeai *moeai, struct moeai_monitor *monitor)
{
	struct epoll_event event = { .events = EPOLLIN };
	int answers = 0, rc = 0, epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, moeai_fd(moeai), &event) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, moeai_monitor_fd(monitor), &event))
		return -errno;
	while (!rc && answers < 5) {
		if (epoll_wait(epoll, &event, 1, 100) == 0)
			rc = moeai_call_begin(moeai, "core.ping", NULL, 0,
					      answered, &answers);
		if (!rc)
			rc = moeai_dispatch(moeai, 0);
		if (rc > 0 || rc == -ETIMEDOUT)
			rc = read_events(monitor);
	}
	return rc;
}

int main(void)
{
	struct moeai_monitor *monitor = NULL;
	struct moeai *moeai = NULL;
	int rc = moeai_open(&moeai);

	if (!rc)
		rc = moeai_monitor_open(&monitor, NULL);
	if (!rc)
		rc = loop(moeai, monitor);
	if (rc)
		fprintf(stderr, "epoll_loop: %s\n", moeai_strerror(rc));
	moeai_monitor_close(monitor);
	moeai_close(moeai);
	return rc ? 1 : 0;
}
