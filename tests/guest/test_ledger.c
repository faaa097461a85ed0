// SPDX-License-Identifier: GPL-2.0
/* check: limit=600 */
/*
 * Ten million events from two processors at full speed, and readers of every sort
 * over both transports: the sums hold whenever one looks, and no reader sees a gap
 * that was not told. Then a million in a log of a few pages whose positions wrap
 * meanwhile. In a kernel made for debugging, which is slow, fewer events.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <moeai/moeai.h>
#include "ask.h"

#define BURST 100000

/* What a reader has settled, for whoever resumes it; and what all wait for. */
struct account {
	uint64_t epoch;
	uint64_t due;  /* all before it is settled: returned … */
	uint64_t lost; /* … but for these */
};

static struct shared {
	uint64_t end; /* 0: events are still being logged */
	struct account accounts[16];
} *shared;

enum manner { FAST, SLOW, STOPPED, KILLED, BATCHES };

static const struct sort {
	const char *name;
	enum manner manner;
	enum moeai_transport transport;
} sorts[] = {
	{ "fast, mapped", FAST, MOEAI_TRANSPORT_MAPPED },
	{ "fast, netlink", FAST, MOEAI_TRANSPORT_NETLINK },
	{ "slow, mapped", SLOW, MOEAI_TRANSPORT_MAPPED },
	{ "slow, netlink", SLOW, MOEAI_TRANSPORT_NETLINK },
	{ "stopped, mapped", STOPPED, MOEAI_TRANSPORT_MAPPED },
	{ "stopped, netlink", STOPPED, MOEAI_TRANSPORT_NETLINK },
	{ "killed, mapped", KILLED, MOEAI_TRANSPORT_MAPPED },
	{ "killed, netlink", KILLED, MOEAI_TRANSPORT_NETLINK },
	{ "batches, mapped", BATCHES, MOEAI_TRANSPORT_MAPPED },
	{ "batches, netlink", BATCHES, MOEAI_TRANSPORT_NETLINK },
};

#define N_SORTS (sizeof(sorts) / sizeof(sorts[0]))

static const unsigned int sizes[] = { 0, 13, 100, 300 };

/* ---- readers ------------------------------------------------------------------------- */

static struct moeai_monitor *m;
static struct account *mine;
static uint64_t since, lost_before;

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	_exit(1);
}

/* The library's account must be the reader's own. */
static void check_ledger(void)
{
	struct moeai_ledger l;

	moeai_monitor_ledger(m, &l);
	if (l.to - l.from + 1 != l.returned + l.filtered + l.lost + l.pending || l.filtered)
		die("the ledger does not balance\n");
	if (l.from != since || l.lost != mine->lost - lost_before ||
	    l.returned + l.lost != mine->due - since)
		die("the ledger is not what was read: from %llu, %llu returned, %llu lost\n",
		    (unsigned long long)l.from, (unsigned long long)l.returned,
		    (unsigned long long)l.lost);
}

/* That the next ones are from..to. One store, as a reader may be killed at any time. */
static void settle(uint64_t from, uint64_t to)
{
	if (from != mine->due || to < from)
		die("%llu to %llu came instead of %llu\n", (unsigned long long)from,
		    (unsigned long long)to, (unsigned long long)mine->due);
	mine->due = to + 1;
}

static void take(const struct moeai_item *item)
{
	switch (item->kind) {
	case MOEAI_EPOCH:
		if (mine->epoch && item->epoch != mine->epoch)
			die("another epoch\n");
		mine->epoch = item->epoch;
		break;
	case MOEAI_EVENT:
		settle(item->event.seq, item->event.seq);
		break;
	case MOEAI_LOST:
		settle(item->lost.from, item->lost.to);
		mine->lost += item->lost.to - item->lost.from + 1;
		break;
	default:
		die("an item of kind %d\n", item->kind);
	}
}

/* What is overwritten meanwhile is not believed, and comes again or is told as lost. */
static int take_batch(void)
{
	struct moeai_batch b;
	struct moeai_event e;
	uint64_t begin = mine->due, due = begin;
	int rc = moeai_batch_begin(m, &b, 1000);

	if (rc)
		return rc;
	while (moeai_batch_next(&b, &e) && e.seq == due)
		due++;
	rc = moeai_batch_end(&b);
	if (!rc && due > begin)
		settle(begin, due - 1);
	return rc == -ENOBUFS ? -EAGAIN : rc;
}

static int take_some(enum manner manner)
{
	struct moeai_item item;
	int rc = manner == BATCHES ? take_batch() : -EAGAIN;

	if (rc != -EAGAIN)
		return rc;
	rc = moeai_monitor_next(m, &item, 1000);
	if (!rc)
		take(&item);
	return rc;
}

static void open_monitor(const struct sort *s)
{
	struct moeai_monitor_options options = {
		.since = mine->due,
		.epoch = mine->epoch,
		.transport = s->transport,
		.buffer = 1 << 17,
	};
	int rc = moeai_monitor_open(&m, &options);

	if (rc)
		die("open: %s\n", moeai_strerror(rc));
	since = mine->due;
	lost_before = mine->lost;
}

/* Until all is settled. */
static void read_all(const struct sort *s)
{
	uint64_t n = 0;
	int rc;

	open_monitor(s);
	while (!shared->end || mine->due < shared->end) {
		rc = take_some(s->manner);
		if (rc && rc != -ETIMEDOUT)
			die("%s\n", moeai_monitor_error(m));
		if (!rc && ++n % 1000)
			continue;
		check_ledger();
		if (s->manner == SLOW && !shared->end)
			usleep(50000);
	}
	check_ledger();
	_exit(0);
}

static pid_t begin(size_t i)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	mine = &shared->accounts[i];
	read_all(&sorts[i]);
	return 0;
}

/* ---- producers ------------------------------------------------------------------------- */

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static pid_t produce(int cpu, uint64_t events)
{
	pid_t pid = fork();
	unsigned int i = 0;

	if (pid)
		return pid;
	pin(cpu);
	for (; events; events -= events < BURST ? events : BURST, i++)
		if (control("test.emit count=%u size=%u",
			    events < BURST ? (unsigned int)events : BURST, sizes[i % 4]))
			_exit(1);
	_exit(0);
}

/* ---- the whole --------------------------------------------------------------------------- */

static int exited(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Stop some, let them go on; kill others and let them resume where they were. */
static void disturb(pid_t *pids, unsigned int round)
{
	for (size_t i = 0; i < N_SORTS; i++) {
		if (sorts[i].manner == STOPPED)
			kill(pids[i], round % 2 ? SIGCONT : SIGSTOP);
		if (sorts[i].manner == KILLED && round % 3 == 0) {
			kill(pids[i], SIGKILL);
			exited(pids[i]);
			pids[i] = begin(i);
		}
	}
}

static bool both_done(const pid_t *producers)
{
	siginfo_t info;

	for (int i = 0; i < 2; i++) {
		info.si_pid = 0;
		assert_int_equal(waitid(P_PID, producers[i], &info, WEXITED | WNOHANG | WNOWAIT), 0);
		if (!info.si_pid)
			return false;
	}
	return true;
}

/* events of each producer */
static void balance(uint64_t events)
{
	uint64_t first, next;
	pid_t readers[N_SORTS], producers[2];
	unsigned int round, snapshots = 0;
	static struct wire w;
	size_t i;

	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		events /= 50;
	shared->end = 0;
	wire_open(&w);
	first = log_balanced(&w);
	for (i = 0; i < N_SORTS; i++) {
		shared->accounts[i] = (struct account){ .due = first };
		readers[i] = begin(i);
	}
	for (i = 0; i < 2; i++)
		producers[i] = produce(i, events);
	for (round = 0; !both_done(producers); round++) {
		for (i = 0; i < 20; i++, snapshots++) {
			next = log_balanced(&w);
			usleep(10000);
		}
		disturb(readers, round);
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(exited(producers[i]), 0);
	next = log_balanced(&w);
	assert_true(next - first >= 2 * events);
	__atomic_store_n(&shared->end, next, __ATOMIC_RELEASE);
	for (i = 0; i < N_SORTS; i++) {
		const struct account *a = &shared->accounts[i];

		kill(readers[i], SIGCONT);
		if (exited(readers[i]))
			fail_msg("%s", sorts[i].name);
		print_message("%-18s %9llu returned, %9llu lost\n", sorts[i].name,
			      (unsigned long long)(a->due - first - a->lost),
			      (unsigned long long)a->lost);
		assert_true(a->due >= next && a->due - first > a->lost);
	}
	print_message("%llu events, %u snapshots, %u disturbances\n",
		      (unsigned long long)(next - first), snapshots, round);
	wire_close(&w);
}

static void test_ledger(void **state)
{
	balance(5000000);
}

/* The smallest log, which holds some 700 of these events; and 4 MiB before position 0. */
static void test_small(void **state)
{
	assert_int_equal(sh("rmmod moeai_test; rmmod moeai_mem_monitor 2>/dev/null; rmmod moeai &&"
			    "modprobe moeai log_size=65536 log_pos=%llu && modprobe moeai_test",
			    -(4ULL << 20)), 0);
	balance(500000);
}

static int load(void **state)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return sh("modprobe moeai_test");
}

static int unload(void **state)
{
	return sh("rmmod moeai_test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ledger), cmocka_unit_test(test_small),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
