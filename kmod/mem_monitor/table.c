// SPDX-License-Identifier: GPL-2.0
#include <linux/mutex.h>
#include "event.h"
#include "monitor.h"
#include "table.h"

/* Room for all rows: adding them allocates, which must not keep the sampler waiting. */
static DEFINE_MUTEX(lock);
static struct mem_consumer all[MEM_CONSUMERS_ALL];

static void fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	struct moeai_value v[__MOEAI_A_MEM_CONSUMER_MAX];
	unsigned int i, n;

	mutex_lock(&lock);
	n = mem_monitor_consumers(all, ARRAY_SIZE(all));
	for (i = 0; i < n; i++)
		moeai_rows_add(rows, v, mem_consumer_values(v, i + 1, &all[i]));
	mutex_unlock(&lock);
}

struct moeai_table mem_tables[MEM_TABLES] = {
	{
		.name = "mem_monitor.consumers",
		.help = "the largest processes, and how fast they grow",
		.schema = { .fields = mem_consumer_fields, .max = __MOEAI_A_MEM_CONSUMER_MAX - 1 },
		.fill = fill,
	},
};
