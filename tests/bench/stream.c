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
	while (r->events < t->wanted) {
		n = r->kind->read(r);
		if (n < 0) {
			t->result = n == -ETIMEDOUT ? -ENODATA : n;
			break;
		}
		r->events += n;
	}
	t->end = now();
	r->kind->close(r);
	return NULL;
}

int stream(struct reader *r, const struct emit *e, uint64_t *ns, uint64_t *producer)
{
	struct thread t = {
		.reader = r,
		.wanted = (uint64_t)e->count * (e->producers ? e->producers : 1),
	};
	pthread_t thread;
	uint64_t begin;
	int rc;

	r->events = r->lost = 0;
	if (pthread_create(&thread, NULL, take, &t))
		return -ENOMEM;
	while (!atomic_load(&t.opened))
		usleep(1000);
	usleep(2000); /* until it waits */
	begin = now();
	rc = atomic_load(&t.opened) > 0 ? emit(r->bench, e, producer) : 0;
	pthread_join(thread, NULL);
	*ns = t.end - begin;
	if (!rc)
		rc = t.result;
	return !rc && r->lost ? -ENODATA : rc;
}
