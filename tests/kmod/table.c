// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/timer.h>
#include "test.h"

enum { ROW_ID = 1, ROW_NAME, ROW_SIZE };

static const struct moeai_field row_fields[] = {
	[ROW_ID]   = { "id", "the key", MOEAI_TYPE_U32, .flags = MOEAI_F_KEY },
	[ROW_NAME] = { "name", "any but forbidden", MOEAI_TYPE_STRING, .flags = MOEAI_F_REQUIRED,
		       .max = 31 },
	[ROW_SIZE] = { "size", NULL, MOEAI_TYPE_U64, MOEAI_UNIT_BYTES, .max = 1LL << 40 },
};

u64 test_changed;

static int check(const struct moeai_table *table, struct nlattr **row,
		 struct moeai_row_error *wrong)
{
	if (strcmp(nla_data(row[ROW_NAME]), "forbidden"))
		return 0;
	wrong->why = "this name is forbidden";
	return -EACCES;
}

/* As a module's hook does: rows are looked up until the module has stopped. */
static void look_up(struct timer_list *timer)
{
	const struct moeai_value key = moeai_u32(ROW_ID, 1);
	struct nlattr *row[ROW_SIZE + 1];

	rcu_read_lock();
	moeai_table_find(&test_tables[TABLE_ROWS], &key, 1, row);
	rcu_read_unlock();
	mod_timer(timer, jiffies + 1);
}
static DEFINE_TIMER(looker, look_up);

void test_look_up(bool on)
{
	if (on)
		mod_timer(&looker, jiffies + 1);
	else
		timer_delete_sync(&looker);
}

/* The core calls it for one generation after the other. */
static void changed(const struct moeai_table *table)
{
	WRITE_ONCE(test_changed, test_changed + 1);
}

enum { PAIR_NAME = 1, PAIR_SIDE };

static const struct moeai_field pair_fields[] = {
	[PAIR_NAME] = { "name", "first of the key", MOEAI_TYPE_STRING, .flags = MOEAI_F_KEY },
	[PAIR_SIDE] = { "side", "second of the key", MOEAI_TYPE_S32, .flags = MOEAI_F_KEY },
};

/* One of which we keep the rows: after any change there are more than a reader reads at once. */
#define KEPT_ROWS 10000

static void *keep(const struct moeai_table *table, void *old, const struct moeai_changes *changes,
		  struct moeai_row_error *wrong)
{
	return kmalloc(1, GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

static void free_kept(const struct moeai_table *table, void *rows)
{
	kfree(rows);
}

static u64 count_kept(const struct moeai_table *table, const void *rows)
{
	return KEPT_ROWS;
}

static bool next_kept(const struct moeai_table *table, const void *rows,
		      struct moeai_row_cursor *cursor, struct moeai_rows *out)
{
	if (cursor->at[0] == KEPT_ROWS)
		return false;
	moeai_row(out, moeai_u32(ROW_ID, cursor->at[0]++), moeai_str(ROW_NAME, "kept"));
	return true;
}

static const struct moeai_table_ops kept_ops = {
	.make = keep, .free = free_kept, .count = count_kept, .next = next_kept,
};

struct moeai_table test_tables[N_TABLES] = {
	[TABLE_ROWS] = { .name = "test.rows", .help = "rows", .schema = MOEAI_SCHEMA(row_fields),
			 .flags = MOEAI_TABLE_WRITE, .max_rows = 1 << 20, .check = check,
			 .changed = changed },
	[TABLE_FEW]  = { .name = "test.few", .help = "four rows",
			 .schema = MOEAI_SCHEMA(row_fields), .flags = MOEAI_TABLE_WRITE,
			 .max_rows = 4 },
	[TABLE_PAIR] = { .name = "test.pair", .help = "a key of two fields",
			 .schema = MOEAI_SCHEMA(pair_fields), .flags = MOEAI_TABLE_WRITE },
	[TABLE_READ] = { .name = "test.read", .help = "stored, and nobody may write it",
			 .schema = MOEAI_SCHEMA(pair_fields) },
	[TABLE_KEPT] = { .name = "test.kept", .help = "rows that the module keeps",
			 .schema = MOEAI_SCHEMA(row_fields), .flags = MOEAI_TABLE_WRITE,
			 .ops = &kept_ops },
};

static const struct moeai_field find_fields[] = {
	[ROW_ID] = { "id", "to find", MOEAI_TYPE_U32, .flags = MOEAI_F_REQUIRED },
};

const struct moeai_schema test_find_args = MOEAI_SCHEMA(find_fields);
const struct moeai_schema test_find_reply = MOEAI_SCHEMA(row_fields);

int test_find(struct moeai_call *call)
{
	const struct moeai_value key = moeai_u32(ROW_ID, moeai_arg_u32(call, ROW_ID, 0));
	struct nlattr *row[ROW_SIZE + 1];
	char name[32];
	u64 size = 0;
	int ret;

	rcu_read_lock();
	ret = moeai_table_find(&test_tables[TABLE_ROWS], &key, 1, row);
	if (!ret) {
		strscpy(name, nla_data(row[ROW_NAME]), sizeof(name));
		if (row[ROW_SIZE])
			size = nla_get_u64(row[ROW_SIZE]);
	}
	rcu_read_unlock();
	return ret ?: moeai_reply(call, key, moeai_str(ROW_NAME, name), moeai_u64(ROW_SIZE, size));
}
