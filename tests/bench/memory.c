// SPDX-License-Identifier: GPL-2.0
/* Memory is eaten until the kernel kills; who said so, and how long before? */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "guard.h"
#include "memory.h"

#define MB	(1UL << 20)
#define TICK	100000000ULL /* the phase of what polls in which eating begins goes through it */
#define SET	(200 * MB)   /* of a device, read again and again */
#define DEVICE	"/dev/nullb0"
#define IDLE_S	20
#define STEP	64 /* pages that are eaten at once */

static struct memory_found *found;

static bool set_score(const char *score)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, score, strlen(score)) > 0;

	close(fd);
	return ok;
}

/* ---- processes ----------------------------------------------------------------------- */

/* One that is neither killed nor made slow. It goes with this one. */
static pid_t start(void (*run)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) || !set_score("-1000"))
		_exit(1);
	run(arg);
	for (;;)
		pause();
}

static void watch(void *watcher)
{
	((const struct memory_watcher *)watcher)->run(found);
}

static void stop(pid_t pid)
{
	kill(-pid, SIGKILL); /* with what it has started */
	waitpid(pid, NULL, 0);
}

/* At that rate, from the first page on. */
static void eat(uint64_t mb_s)
{
	char *p = mmap(NULL, 4096 * MB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t begin = now(), i;

	madvise(p, 4096 * MB, MADV_NOHUGEPAGE);
	for (i = 0; i < 4096 * MB / 4096; i++) {
		p[i * 4096] = 1;
		if (i % STEP == STEP - 1)
			sleep_until(begin + (i + 1) * 4096 * 1000000000 / (mb_s * MB));
	}
}

static pid_t start_hog(uint64_t mb_s)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (set_score("1000"))
		eat(mb_s);
	_exit(1);
}

/* What programs do that have more data than there will be room for. */
static void read_set(void *unused)
{
	static char buffer[MB];
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	for (off_t at = 0; pread(fd, buffer, sizeof(buffer), at) > 0;)
		at = at + MB < (off_t)SET ? at + MB : 0;
	_exit(1);
}

/* ---- a kill ------------------------------------------------------------------------------ */

static uint64_t lead(uint64_t at)
{
	return at && at < found->killed ? found->killed - at : 0;
}

static void rows(const char *how, unsigned int mb_s, pid_t hog)
{
	const struct {
		const char *who;
		uint64_t at;
	} all[] = {
		{ "moeai", found->level[MOEAI_MEM_CRITICAL] },
		{ "moeai-medium", found->level[MOEAI_MEM_MEDIUM] },
		{ "moeai-low", found->level[MOEAI_MEM_LOW] },
		{ "poll-100ms", found->poll_100 }, { "poll-1s", found->poll_1000 },
		{ "earlyoom", found->earlyoom },   { "psi", found->psi },
	};
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		snprintf(name, sizeof(name), "memory/%s/%s", how, all[i].who);
		row(name, mb_s, lead(all[i].at));
	}
	snprintf(name, sizeof(name), "memory/%s/not-named", how);
	row(name, mb_s, found->largest != (uint32_t)hog);
}

/* Waits for what was freed, and that nobody has anything left to do. */
static int calm(struct bench *b)
{
	struct moeai_mem mem;
	int rc, i = 0;

	shell("sync; echo 3 >/proc/sys/vm/drop_caches");
	do {
		usleep(100000);
		rc = moeai_mem_get(b->h, &mem);
	} while (!rc && mem.level != MOEAI_MEM_NONE && ++i < 100);
	return rc ? rc : i < 100 ? 0 : -ETIMEDOUT;
}

/* Eating begins at the @phase of all phases. */
static int kill_once(unsigned int mb_s, double phase, pid_t *hog)
{
	int status = 0;

	sleep_until((now() / TICK + 3) * TICK + (uint64_t)(phase * TICK));
	*hog = start_hog(mb_s);
	if (*hog < 0 || waitpid(*hog, &status, 0) != *hog)
		return -errno;
	usleep(500000); /* until it is told */
	if (!WIFSIGNALED(status) || found->victim != (uint32_t)*hog)
		return -EIO;
	return 0;
}

static int run(struct bench *b, const char *how, unsigned int mb_s, bool thrash, double phase)
{
	pid_t watchers[MEMORY_WATCHERS], reader = 0, hog;
	int rc = calm(b);
	size_t i;

	if (rc)
		return rc;
	*found = (struct memory_found){};
	if (thrash)
		reader = start(read_set, NULL);
	for (i = 0; i < MEMORY_WATCHERS; i++)
		watchers[i] = start(watch, (void *)&memory_watchers[i]);
	sleep_until(now() + (thrash ? 3000000000ULL : 1500000000ULL));
	rc = kill_once(mb_s, phase, &hog);
	for (i = 0; i < MEMORY_WATCHERS; i++)
		stop(watchers[i]);
	if (reader)
		stop(reader);
	if (!rc)
		rows(how, mb_s, hog);
	return rc;
}

static void kills(struct bench *b, const char *how, unsigned int mb_s, bool thrash)
{
	for (int i = 0; i < b->runs; i++) {
		int rc = run(b, how, mb_s, thrash, (i + 0.5) / b->runs);

		if (rc)
			row_failed(how, mb_s, "%s", moeai_strerror(rc));
	}
}

/* ---- rest ------------------------------------------------------------------------------ */

/* What all processors do in a second in which nothing happens. */
static void rest(struct bench *b, const char *name)
{
	for (int i = 0; i < b->runs; i++) {
		uint64_t before;

		usleep(1000000);
		before = busy();
		sleep(IDLE_S);
		row(name, 0, (double)(busy() - before) / IDLE_S);
	}
}

void part_memory(struct bench *b)
{
	static const unsigned int rates[] = { 50, 200, 500 };
	int fd;

	found = mmap(NULL, sizeof(*found), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	set_score("-1000");
	if (shell("rmmod moeai_mem_monitor 2>/dev/null; set -e; modprobe null_blk gb=1 irqmode=2 "
		  "completion_nsec=100000; $EARLYOOM -v")) {
		row_failed("memory", 0, "no null_blk, or no earlyoom");
		return;
	}
	rest(b, "memory/rest/nobody");
	if (shell("modprobe moeai_mem_monitor critical=%d medium=%d low=%d", MEMORY_PERMILLE,
		  MEMORY_PERMILLE * 3 / 2, MEMORY_PERMILLE * 2)) {
		row_failed("memory", 0, "no mem_monitor");
		return;
	}
	rest(b, "memory/rest/moeai");
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		kills(b, "kill", rates[i], false);
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC); /* its pages stay as long as somebody has it open */
	kills(b, "thrash", 50, true);
	close(fd);
	if (shell("rmmod moeai_mem_monitor null_blk"))
		row_failed("memory", 0, "cannot be unloaded");
}
