// SPDX-License-Identifier: GPL-2.0
/* moectl monitor --json under load, and the same lines by libnl's default receive. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define EVENTS 16000

/* moectl, its output to /dev/null. Returns its pid or -errno. */
static pid_t start(struct bench *b, unsigned int count)
{
	posix_spawn_file_actions_t actions;
	char path[256], number[16];
	char *argv[] = { "moectl", "monitor", "--json", "--count", number, NULL };
	pid_t pid;
	int rc;

	snprintf(path, sizeof(path), "%s/../../bin/moectl", b->programs);
	snprintf(number, sizeof(number), "%u", count);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(&pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc ? -rc : pid;
}

/* Everything from the first event emitted to the exit of a moectl that had all. */
static int monitor(struct bench *b, const struct emit *e, uint64_t *ns)
{
	pid_t pid = start(b, e->count);
	uint64_t begin, producer;
	int status, rc;

	if (pid < 0)
		return pid;
	sleep(2); /* it begins with what is emitted after that */
	begin = now();
	rc = emit(b, e, &producer);
	if (waitpid(pid, &status, 0) != pid || status)
		rc = rc ? rc : -ENODATA;
	*ns = now() - begin;
	return rc;
}

void part_moectl(struct bench *b)
{
	struct emit e = { .path = BENCH_LOG, .count = EVENTS, .size = 64 };
	struct reader r = { .kind = &reader_libnl_json, .bench = b, .size = 64 };
	uint64_t ns = 0, producer;
	int rc;

	for (int i = -1; i < b->runs; i++) {
		e.path = BENCH_LOG;
		rc = monitor(b, &e, &ns);
		if (rc)
			row_failed("moectl/json", 64, "%s", strerror(-rc));
		else if (i >= 0)
			row("moectl/json", 64, (double)ns / EVENTS);
		e.path = BENCH_NETLINK;
		rc = stream(&r, &e, &ns, &producer);
		if (rc)
			row_failed("moectl/libnl-json", 64, "%s", strerror(-rc));
		else if (i >= 0)
			row("moectl/libnl-json", 64, (double)ns / EVENTS);
	}
}
