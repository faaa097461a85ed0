// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "history.h"
#include "mounts.h"
#include "playback.h"
#include "watch.h"

#define NS_PER_S 1000000000ULL

/* When the system booted, ns since 1970: the pair of clocks read with the least between. */
static uint64_t boot_time(void)
{
	uint64_t boot = 0, least = UINT64_MAX;

	for (int i = 0; i < 8; i++) {
		uint64_t before = clock_ns(CLOCK_BOOTTIME);
		uint64_t now = clock_ns(CLOCK_REALTIME);
		uint64_t took = clock_ns(CLOCK_BOOTTIME) - before;

		if (took >= least)
			continue;
		least = took;
		boot = now - before - took / 2;
	}
	return boot;
}

/* ---- what is so now ----------------------------------------------------------------- */

/* "PID (COMM) STATE …": the 22nd is the start, in ticks; COMM may hold anything. */
uint64_t history_started(uint32_t pid, char comm[16])
{
	char path[40], line[1024];
	const char *begin, *end;
	unsigned long long ticks = 0;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	begin = strchr(line, '(');
	end = strrchr(line, ')');
	if (!begin || !end || end < begin)
		return 0;
	snprintf(comm, 16, "%.*s", (int)(end - begin - 1), begin + 1);
	for (int i = 2; end && i < 22; i++)
		end = strchr(end + 1, ' ');
	if (!end || sscanf(end, " %llu", &ticks) != 1)
		return 0;
	return ticks * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
}

static int place(struct story *s, const char *path, char **inside, uint32_t *device)
{
	FILE *from = fopen("/proc/self/mountinfo", "re");
	int err = from ? mounts_place(from, path, device, inside) : -errno;

	if (!err)
		err = story_place(s, *inside, *device);
	if (from)
		fclose(from);
	return err ? complain("where %s is mounted: %s", path, strerror(-err)) : 0;
}

int history_begin(struct history *h, struct moectl *ctl, struct story *s, struct thing *t)
{
	struct moeai_status status;
	char comm[16], *inside = NULL;
	uint32_t device;
	int err;

	if (h->file)
		return t->kind == THING_PATH && story_anywhere(s, t->path) ?
			       complain("out of memory") : 0;
	if (command_open(ctl))
		return 1;
	err = moeai_status_get(ctl->h, &status);
	if (err)
		return complain_call(ctl->h, err);
	h->epoch = status.epoch;
	story_boot(s, boot_time());
	if (t->kind == THING_PID)
		story_running(s, history_started(t->pid, comm));
	if (t->kind != THING_PATH)
		return 0;
	if (t->target && place(s, t->target, &inside, &device))
		return 1;
	free(inside);
	return place(s, t->path, &t->inside, &t->device);
}

/* ---- the log ------------------------------------------------------------------------ */

static int open_source(struct history *h)
{
	const struct moeai_monitor_options all = { 0 };

	history_end(h);
	if (h->file)
		return playback_open(&h->m, h->file, NULL);
	return watch_open_log(&h->m, NULL, h->epoch, all);
}

/* Of a file that is not whole, what is whole counts. Returns 0, or 1 after complaining. */
static int tell_end(struct history *h, int err)
{
	if (err == -ENODATA)
		return 0;
	if (!h->file)
		return watch_complain(h->m, err);
	if (!h->broken)
		complain("%s: %s", h->file, moeai_monitor_error(h->m));
	h->broken = true;
	return 0;
}

int history_read(struct history *h, struct story *s)
{
	struct moeai_item item;
	int err, failed = 0;

	if (open_source(h))
		return 1;
	while (!failed) {
		err = moeai_monitor_next(h->m, &item, -1);
		if (err == -EINTR)
			continue;
		if (err)
			return tell_end(h, err);
		if (item.kind == MOEAI_LOST)
			story_lost(s, &item.lost);
		else if (item.kind == MOEAI_EVENT)
			failed = story_add(s, &item.event);
	}
	return failed == -ENOMEM ? complain("out of memory") : 1;
}

void history_end(struct history *h)
{
	moeai_monitor_close(h->m);
	h->m = NULL;
}
