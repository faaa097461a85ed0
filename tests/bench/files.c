// SPDX-License-Identifier: GPL-2.0
/* What looking on costs who works with files, and who reads of it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "files.h"
#include "guard.h"

#define LOOPS 400
#define WARM  40 /* loops before any counts */
#define MANY  999

/* ---- work ------------------------------------------------------------------------ */

void files_last_name(char to[16], unsigned int i)
{
	snprintf(to, 16, "g%u", i);
}

static bool once(unsigned int i)
{
	static const char text[] = "fifteen letters";
	char first[16], last[16];
	int fd;

	snprintf(first, sizeof(first), "f%u", i);
	files_last_name(last, i);
	fd = open(first, O_CREAT | O_EXCL | O_WRONLY, 0644);
	return fd >= 0 && write(fd, text, sizeof(text)) == sizeof(text) && !close(fd) &&
	       !rename(first, last) && !unlink(last);
}

static bool work(unsigned int from, unsigned int to)
{
	while (from < to && once(from))
		from++;
	return from == to;
}

static uint64_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Says when it is warm, works when told to, and then how long it took; 0: it failed. */
static void worker(int told, int tell, const char *folder, unsigned int loops)
{
	uint64_t ns = 0;
	char byte = 0;

	pin(0);
	if (chdir(folder) || !work(loops, loops + WARM) || write(tell, &byte, 1) != 1 ||
	    read(told, &byte, 1) != 1)
		_exit(1);
	ns = cpu_time();
	ns = work(0, loops) ? cpu_time() - ns : 0;
	if (write(tell, &ns, sizeof(ns)) != sizeof(ns))
		_exit(1);
	/* Its end is no part of the work. */
	_exit(read(told, &byte, 1) != 0);
}

/*
 * A process of its own, as processes are that were started after somebody began to
 * look: audit would not see others.
 */
struct work {
	pid_t pid;
	int tell, told;
};

static int start(struct work *p, const char *folder, unsigned int loops)
{
	int to[2], from[2];
	char byte;

	*p = (struct work){ .pid = -1, .tell = -1, .told = -1 };
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return -errno;
	p->pid = fork();
	if (!p->pid) {
		close(to[1]);
		worker(to[0], from[1], folder, loops);
	}
	close(to[0]);
	close(from[1]);
	p->tell = to[1];
	p->told = from[0];
	return p->pid > 0 && read(p->told, &byte, 1) == 1 ? 0 : -EIO;
}

static int go(struct work *p, uint64_t *ns)
{
	char byte = 0;

	if (write(p->tell, &byte, 1) != 1 || read(p->told, ns, sizeof(*ns)) != sizeof(*ns))
		return -EIO;
	return *ns ? 0 : -EIO;
}

static void stop(struct work *p)
{
	close(p->tell);
	close(p->told);
	waitpid(p->pid, NULL, 0);
}

/* ---- readers ------------------------------------------------------------------------ */

struct reading {
	const struct watcher *watcher;
	struct bench *bench;
	void *reader;
	unsigned int loops;
	int result;
};

/* As the readers of streams, it does not preempt whom it reads of. */
static void *reading(void *arg)
{
	struct reading *r = arg;

	pin(r->bench->cpus - 1);
	if (r->bench->cpus == 1)
		sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	r->result = r->watcher->read(r->reader, r->loops);
	return NULL;
}

uint64_t busy(void)
{
	FILE *file = fopen("/proc/schedstat", "r");
	unsigned long long ns, sum = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %llu", &ns) == 1)
			sum += ns;
	if (file)
		fclose(file);
	return sum;
}

/* Wait until daemons and the kernel's workers have done what is left. */
static void settle(void)
{
	uint64_t before, done;
	int i = 0;

	do {
		before = busy();
		usleep(50000);
		done = busy() - before;
	} while (done > 1000000 && ++i < 200);
}

/* ---- rows ------------------------------------------------------------------------ */

static int work_and_read(struct bench *b, const struct watcher *w, struct work *p,
			 unsigned int loops, uint64_t *ns, uint64_t *all)
{
	struct reading r = { .watcher = w, .bench = b, .loops = loops };
	pthread_t thread;
	bool reads = false;
	int rc = w->open ? w->open(b, &r.reader) : 0;

	if (!rc && w->read) {
		reads = !pthread_create(&thread, NULL, reading, &r);
		rc = reads ? 0 : -ENOMEM;
	}
	usleep(5000); /* until it waits */
	*all = busy();
	if (!rc)
		rc = go(p, ns);
	if (reads)
		pthread_join(thread, NULL);
	settle();
	*all = busy() - *all;
	if (w->close)
		w->close(r.reader);
	return rc ? rc : r.result;
}

static int run(struct bench *b, const struct watcher *w, unsigned int loops, uint64_t *ns,
	       uint64_t *all)
{
	struct work p;
	int rc = start(&p, w->folder, loops);

	if (!rc)
		rc = clear_log(b);
	if (!rc)
		rc = work_and_read(b, w, &p, loops, ns, all);
	stop(&p);
	return rc;
}

static void rows(struct bench *b, const struct watcher *w)
{
	unsigned int loops = w->loops ? w->loops : LOOPS;
	int rc = w->begin ? w->begin(b, w) : 0;
	uint64_t ns, all;
	char name[64];

	for (int i = b->first; !rc && run_begins(b, i); i++) {
		rc = run(b, w, loops, &ns, &all);
		if (rc || i < 0)
			continue;
		snprintf(name, sizeof(name), "files/%s", w->name);
		row(name, w->watches, (double)ns / loops);
		snprintf(name, sizeof(name), "files/%s/all", w->name);
		row(name, w->watches, (double)all / loops);
	}
	if (w->end && w->end(b) && !rc)
		rc = -EIO;
	if (rc)
		row_failed(w->name, w->watches, "%s: %s", moeai_strerror(rc), moeai_error(b->h));
}

static const struct watcher watch_nobody = { "nobody", 0, FILES_FOLDER };

void part_files(struct bench *b)
{
	static const struct watcher *const watchers[] = {
		&watch_nobody, &watch_moeai, &watch_moeai_many, &watch_moeai_mapped,
		&watch_moeai_netlink, &watch_moeai_outside, &watch_mark, &watch_inotify,
		&watch_fanotify, &watch_audit,
	};

	if (shell("set -e; modprobe moeai_fs_logger; mkdir -p " FILES_ROOT ";"
		  "mount -t tmpfs bench " FILES_ROOT "; mkdir -p " FILES_FOLDER " " FILES_OTHER ";"
		  "mkdir -p $(seq -f " FILES_MANY "/%%.0f %u)", MANY)) {
		row_failed("files", 0, "no fs_logger, or no file system");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(watchers); i++)
		rows(b, watchers[i]);
	if (shell("umount " FILES_ROOT "; rmmod moeai_fs_logger"))
		row_failed("files", 0, "cannot be unloaded");
}
