// SPDX-License-Identifier: GPL-2.0
/* The same work at once on several processors. */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include "bench.h"

struct producer {
	void (*work)(void *arg);
	void *arg;
	struct completion *start, done;
};

static int produce(void *arg)
{
	struct producer *p = arg;

	wait_for_completion(p->start);
	p->work(p->arg);
	complete(&p->done);
	return 0;
}

/* All threads wait for @start, so that they run at the same time. */
static int produce_on_cpus(struct producer *producers, u32 n, u64 *begin)
{
	DECLARE_COMPLETION_ONSTACK(start);
	struct task_struct *task;
	u32 i, begun;

	for (begun = 0; begun < n; begun++) {
		producers[begun].start = &start;
		init_completion(&producers[begun].done);
		task = kthread_run_on_cpu(produce, &producers[begun], begun % num_online_cpus(),
					  "moeai_bench/%u");
		if (IS_ERR(task))
			break;
	}
	*begin = ktime_get_ns();
	complete_all(&start);
	for (i = 0; i < begun; i++)
		wait_for_completion(&producers[i].done);
	return begun == n ? 0 : -ENOMEM;
}

int bench_produce(u32 n, void (*work)(void *arg), void *args, size_t size, u64 *ns)
{
	struct producer producers[BENCH_PRODUCERS_MAX];
	u64 begin = ktime_get_ns();
	int ret = 0;
	u32 i;

	for (i = 0; i < n; i++)
		producers[i] = (struct producer){ .work = work, .arg = args + i * size };
	if (n)
		ret = produce_on_cpus(producers, n, &begin);
	else
		work(args);
	*ns = ktime_get_ns() - begin;
	return ret;
}
