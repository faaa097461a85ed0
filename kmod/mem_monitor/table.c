// SPDX-License-Identifier: GPL-2.0
#include "event.h"
#include "monitor.h"
#include "table.h"

static void add_row(void *rows, u32 rank, const struct mem_consumer *consumer)
{
	struct moeai_value v[__MOEAI_A_MEM_CONSUMER_MAX];

	moeai_rows_add(rows, v, mem_consumer_values(v, rank, consumer));
}

static void fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	mem_monitor_consumers(add_row, rows);
}

struct moeai_table mem_tables[MEM_TABLES] = {
	{
		.name = "mem_monitor.consumers",
		.help = "the largest processes, and how fast they grow",
		.schema = { .fields = mem_consumer_fields, .max = __MOEAI_A_MEM_CONSUMER_MAX - 1 },
		.fill = fill,
	},
};
