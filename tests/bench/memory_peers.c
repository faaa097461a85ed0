// SPDX-License-Identifier: GPL-2.0
/* mem_monitor's reader, and what one would use instead. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "memory.h"

uint64_t now_real(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

void sleep_until(uint64_t ns)
{
	struct timespec t = { ns / 1000000000, ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

/* ---- mem_monitor ----------------------------------------------------------------- */

static void note(struct memory_found *f, const struct moeai_event *event)
{
	static enum moeai_mem_level level;
	struct moeai_mem_event m;

	if (moeai_mem_event(event, &m))
		return;
	if (m.kind == MOEAI_MEM_EVENT_LEVEL) {
		level = m.level.level;
		for (enum moeai_mem_level l = level; l > MOEAI_MEM_NONE; l--)
			if (!f->level[l])
				f->level[l] = now_real();
	} else if (m.kind == MOEAI_MEM_EVENT_CONSUMER) {
		if (level == MOEAI_MEM_CRITICAL && m.consumer.rank == 1 && !f->largest)
			f->largest = m.consumer.pid;
	} else if (m.kind == MOEAI_MEM_EVENT_VICTIM && !f->killed) {
		f->victim = m.victim.pid;
		f->killed = event->time;
	}
}

static void run_moeai(struct memory_found *f)
{
	static const char *const types[] = { "mem_monitor.*" };
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };
	struct moeai_monitor *m;
	struct moeai_item item;

	if (moeai_monitor_open(&m, &options))
		_exit(1);
	while (!moeai_monitor_next(m, &item, -1))
		if (item.kind == MOEAI_EVENT)
			note(f, &item.event);
}

/* ---- peers ------------------------------------------------------------------------- */

static unsigned long meminfo(int fd, const char *what)
{
	static char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = 0;
	return strtoul(strstr(text, what) + strlen(what), NULL, 10);
}

/* At whole multiples of the interval, so that all phases of it can be had. */
static uint64_t poll_every(uint64_t ns)
{
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	unsigned long total = meminfo(fd, "MemTotal:");
	uint64_t next = now() / ns * ns;

	do {
		next += ns;
		sleep_until(next);
	} while (meminfo(fd, "MemAvailable:") * 1000 >= total * MEMORY_PERMILLE);
	return now_real();
}

static void run_poll_100(struct memory_found *f)
{
	f->poll_100 = poll_every(100000000);
}

static void run_poll_1000(struct memory_found *f)
{
	f->poll_1000 = poll_every(1000000000);
}

static void run_psi(struct memory_found *f)
{
	static const char trigger[] = "some 150000 1000000";
	struct pollfd fd = { open("/proc/pressure/memory", O_RDWR | O_NONBLOCK), POLLPRI };

	if (write(fd.fd, trigger, sizeof(trigger)) < 0)
		_exit(1);
	while (poll(&fd, 1, -1) != 1 || !(fd.revents & POLLPRI))
		if (fd.revents & POLLERR)
			_exit(1);
	f->psi = now_real();
}

/* It says so, and kills nobody. */
static void run_earlyoom(struct memory_found *f)
{
	char command[96], line[512];
	FILE *out;

	snprintf(command, sizeof(command), "exec $EARLYOOM --dryrun -r 0 -m %d,%d 2>&1",
		 MEMORY_PERMILLE / 10, MEMORY_PERMILLE / 20);
	out = popen(command, "re");
	if (!out)
		_exit(1);
	while (fgets(line, sizeof(line), out))
		if (strstr(line, "low memory") && !f->earlyoom)
			f->earlyoom = now_real();
	_exit(1);
}

const struct memory_watcher memory_watchers[MEMORY_WATCHERS] = {
	{ "moeai", run_moeai },	      { "poll-100ms", run_poll_100 },
	{ "poll-1s", run_poll_1000 }, { "psi", run_psi },
	{ "earlyoom", run_earlyoom },
};
