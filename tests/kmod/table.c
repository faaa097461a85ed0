// SPDX-License-Identifier: GPL-2.0
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
