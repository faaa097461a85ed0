// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"

struct thread {
	struct reader *reader;
	uint64_t wanted;
	uint64_t end;
	int result;
	atomic_int opened; /* 1: reading; -1: could not open */
};

void reader_note(struct reader *r, uint64_t stamp)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (r->n_latencies < r->max_latencies)
		r->latencies[r->n_latencies++] = t.tv_sec * 1000000000ULL + t.tv_nsec - stamp;
}

int keep_looking(struct reader *r, int (*look)(struct reader *r))
{
	uint64_t deadline = 0;
	int rc;

	while ((rc = look(r)) == -ETIMEDOUT) {
		if (!deadline)
			deadline = now() + READ_TIMEOUT * 1000000ULL;
		else if (now() > deadline)
			break;
	}
	return rc;
}

/*
 * Under load there is more than one event to read. On one processor a reader that
 * preempted its producer for each would measure the scheduler: so it doesn't.
 */
static void *take(void *arg)
{
	struct thread *t = arg;
	struct reader *r = t->reader;
	int n;

	pin(r->bench->cpus - 1);
	if (r->bench->cpus == 1 && !r->latencies)
		sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	t->result = r->kind->open(r);
	atomic_store(&t->opened, t->result ? -1 : 1);
	if (t->result)
		return NULL;
	r->mallocs = mallocs();
	while (r->events < t->wanted) {
		n = r->kind->read(r);
		if (n < 0) {
			t->result = n == -ETIMEDOUT ? -ENODATA : n;
			break;
		}
		r->events += n;
	}
	t->end = now();
	r->mallocs = mallocs() - r->mallocs;
	r->kind->close(r);
	return NULL;
}

static int begin(struct thread *t, struct reader *r, uint64_t wanted, pthread_t *thread)
{
	*t = (struct thread){ .reader = r, .wanted = wanted };
	r->events = r->lost = 0;
	if (pthread_create(thread, NULL, take, t))
		return -ENOMEM;
	while (!atomic_load(&t->opened))
		usleep(1000);
	return 0;
}

/* All read all that was emitted: else the first error of those that did not. */
static int results(const struct thread threads[], int n)
{
	for (int i = 0; i < n; i++) {
		if (threads[i].result)
			return threads[i].result;
		if (threads[i].reader->lost)
			return -ENODATA;
	}
	return 0;
}

int stream_to(struct reader readers[], int n, const struct emit *e, uint64_t *ns,
	      uint64_t *producer)
{
	uint64_t wanted = (uint64_t)e->count * (e->producers ? e->producers : 1), start;
	struct thread threads[READERS_MAX];
	pthread_t ids[READERS_MAX];
	int rc = 0, begun = 0;

	while (!rc && begun < n) {
		rc = begin(&threads[begun], &readers[begun], wanted, &ids[begun]);
		begun += !rc;
	}
	if (!rc)
		rc = results(threads, begun); /* who could not open is back already */
	usleep(2000); /* until they wait */
	start = now();
	if (!rc)
		rc = emit(readers->bench, e, producer);
	*ns = 0;
	for (int i = 0; i < begun; i++) {
		pthread_join(ids[i], NULL);
		if (threads[i].end - start > *ns)
			*ns = threads[i].end - start;
	}
	return rc ? rc : results(threads, begun);
}

int stream(struct reader *r, const struct emit *e, uint64_t *ns, uint64_t *producer)
{
	return stream_to(r, 1, e, ns, producer);
}
