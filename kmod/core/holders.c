// SPDX-License-Identifier: GPL-2.0
#include "device.h"
#include "dump.h"
#include "holders.h"
#include "module.h"
#include "shmem.h"
#include "table.h"
#include "text.h"
#include "txn.h"

/* ---- how many --------------------------------------------------------------- */

static void count_dump(const struct moeai_dump *d, void *n)
{
	++*(unsigned int *)n;
}

static void count_reader(const struct moeai_device_user *user, void *n)
{
	++*(unsigned int *)n;
}

void moeai_holders_count(struct moeai_text *t)
{
	unsigned int dumps = 0, readers = 0, files = moeai_shmem_files();
	struct moeai_module_priv *p;

	lockdep_assert_held(&moeai_modules_lock);
	list_for_each_entry(p, &moeai_modules, list)
		if (p->module != &moeai_core)
			moeai_text_printf(t, "%s%s", t->len ? " " : "", p->module->name);
	moeai_dumps_walk(count_dump, &dumps);
	if (dumps)
		moeai_text_printf(t, "%sdumps=%u", t->len ? " " : "", dumps);
	moeai_device_walk(count_reader, &readers);
	if (readers)
		moeai_text_printf(t, "%sreaders=%u", t->len ? " " : "", readers);
	if (files)
		moeai_text_printf(t, "%sregions=%u", t->len ? " " : "", files);
}

/* ---- table subscribers ------------------------------------------------------ */

enum { S_KIND = 1, S_WHAT, S_PORTID, S_PID, S_UID, S_COMM };

static const char *const labels[] = { "dump", "transaction", "reader", "region", NULL };

const struct moeai_field moeai_subscribers_fields[] = {
	[S_KIND]   = { "kind", "what is under way", MOEAI_TYPE_ENUM, .labels = labels },
	[S_WHAT]   = { "what", "the table, replay, the device, the region", MOEAI_TYPE_STRING },
	[S_PORTID] = { "portid", "netlink port; 0: none", MOEAI_TYPE_U32 },
	[S_PID]	   = { "pid", "who began it", MOEAI_TYPE_U32, .flags = MOEAI_F_PID },
	[S_UID]	   = { "uid", NULL, MOEAI_TYPE_U32, .flags = MOEAI_F_UID },
	[S_COMM]   = { "comm", NULL, MOEAI_TYPE_STRING, .flags = MOEAI_F_COMM },
};

static_assert(ARRAY_SIZE(moeai_subscribers_fields) == S_COMM + 1);

static void add_row(struct moeai_rows *rows, u32 kind, const char *what, u32 portid, u32 pid,
		    kuid_t uid, const char *comm)
{
	moeai_row(rows, moeai_u32(S_KIND, kind), moeai_str(S_WHAT, what),
		  moeai_u32(S_PORTID, portid), moeai_u32(S_PID, pid),
		  moeai_u32(S_UID, from_kuid(&init_user_ns, uid)), moeai_str(S_COMM, comm));
}

static void dump_row(const struct moeai_dump *d, void *rows)
{
	add_row(rows, 0, d->what, d->portid, d->pid, d->uid, d->comm);
}

static void txn_row(const struct moeai_txn *t, void *rows)
{
	const struct moeai_origin *o = &t->origin;

	add_row(rows, 1, t->table->table->name, o->portid, o->pid, o->uid, o->comm);
}

static void device_row(const struct moeai_device_user *user, void *rows)
{
	add_row(rows, 2, MOEAI_DEVICE, 0, user->pid, user->uid, user->comm);
}

static void region_row(const char *region, const struct moeai_device_user *user, void *rows)
{
	add_row(rows, 3, region, 0, user->pid, user->uid, user->comm);
}

void moeai_subscribers_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	moeai_dumps_walk(dump_row, rows);
	moeai_txns_walk(txn_row, rows);
	moeai_device_walk(device_row, rows);
	moeai_shmem_walk(region_row, rows);
}
