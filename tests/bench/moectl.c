// SPDX-License-Identifier: GPL-2.0
/* moectl monitor --json under load, and the same lines by libnl's default receive. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

#define EVENTS 10000

/* ns. In a counting guest that waits for the host's files, time flies. */
#define TIMEOUT 600000000000ULL

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

/*
 * Is it asleep until there are events? Nothing else makes it sleep in ppoll():
 * whatever it asks of the kernel is answered before the asking returns.
 */
static bool waits(pid_t pid)
{
	char path[64];
	long call = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%ld", &call) != 1)
		call = -1; /* running */
	if (file)
		fclose(file);
	return call == SYS_ppoll;
}

static int wait_until_it_waits(pid_t pid)
{
	for (uint64_t begin = now(); !waits(pid); usleep(1000))
		if (now() - begin > TIMEOUT)
			return -ETIMEDOUT;
	return 0;
}

static void expired(int unused)
{
}

/* Was its exit status 0? One that lacks an event would wait for it for ever. */
static int reap(pid_t pid)
{
	const struct sigaction interrupt = { .sa_handler = expired };
	int status;

	sigaction(SIGALRM, &interrupt, NULL);
	alarm(TIMEOUT / 1000000000);
	if (waitpid(pid, &status, 0) != pid) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	alarm(0);
	return status ? -ENODATA : 0;
}

/* From the first event emitted until moectl has had all and waits for more. */
static int measure(struct bench *b, pid_t pid, uint64_t *ns)
{
	struct emit e = { .path = BENCH_LOG, .count = EVENTS, .size = 64 };
	uint64_t begin, producer;
	int rc = wait_until_it_waits(pid);

	begin = now();
	if (!rc)
		rc = emit(b, &e, &producer);
	if (!rc)
		rc = wait_until_it_waits(pid);
	*ns = now() - begin;
	e.count = 1;
	return rc ? rc : emit(b, &e, &producer);
}

/* One more event ends it, if it had all the others. */
static int monitor(struct bench *b, uint64_t *ns)
{
	pid_t pid = start(b, EVENTS + 1);
	int rc, reaped;

	if (pid < 0)
		return pid;
	rc = measure(b, pid, ns);
	if (rc)
		kill(pid, SIGKILL);
	reaped = reap(pid);
	return rc ? rc : reaped;
}

static void moectl_row(struct bench *b)
{
	uint64_t ns;
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = monitor(b, &ns);
		if (rc) {
			row_failed("moectl/json", 64, "%s", strerror(-rc));
			return;
		}
		if (i >= 0)
			row("moectl/json", 64, (double)ns / EVENTS);
	}
}

static void libnl_row(struct bench *b)
{
	const struct emit e = { .path = BENCH_NETLINK, .count = EVENTS, .size = 64 };
	struct reader r = { .kind = &reader_libnl_json, .bench = b, .size = 64 };
	uint64_t ns, producer;
	int rc;

	for (int i = b->first; run_begins(b, i); i++) {
		rc = stream(&r, &e, &ns, &producer);
		if (rc) {
			row_failed("moectl/libnl-json", 64, "%s", strerror(-rc));
			return;
		}
		if (i >= 0)
			row("moectl/libnl-json", 64, (double)ns / EVENTS);
	}
}

void part_moectl(struct bench *b)
{
	moectl_row(b);
	libnl_row(b);
}
