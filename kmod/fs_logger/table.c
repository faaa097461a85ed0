// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stringhash.h>
#include <uapi/linux/moeai_fs_logger.h>
#include "field.h"
#include "holder.h"
#include "place.h"
#include "table.h"
#include "watch.h"

#define COLUMN(n) MOEAI_A_FS_WATCH_##n

#define DEFAULT_OPS (BIT(__MOEAI_FS_OP_MAX) - 1 - BIT(MOEAI_FS_EXEC) - BIT(MOEAI_FS_OPEN))

static const struct moeai_field fields[] = {
	[COLUMN(PATH)] = { "path", "absolute, of a folder or file, as you see it",
			   MOEAI_TYPE_STRING, .flags = MOEAI_F_KEY, .min = 1, .max = PATH_MAX - 1 },
	[COLUMN(HOLDER)] = { "holder", "your pid, with which it goes; 0: it stays",
			     MOEAI_TYPE_U32,
			     .flags = MOEAI_F_KEY | MOEAI_F_HOLDER | MOEAI_F_PID },
	[COLUMN(OPS)] = { "ops", "what is told; absent: all but exec and open",
			  MOEAI_TYPE_FLAGS, .labels = fs_op_names },
	[COLUMN(RECURSIVE)] = BOOL_FIELD("recursive", "folders in it, too"),
	[COLUMN(EXCLUDE)] = { "exclude", "names such as *.swp, paths below such as /build, between ':'",
			      MOEAI_TYPE_STRING, .min = 1, .max = FS_EXCLUDE_LEN },
	[COLUMN(FOLD)] = { "fold", "the same by the same process is told once in this time",
			   MOEAI_TYPE_U64, MOEAI_UNIT_NS, .max = FS_FOLD_MAX },
	[COLUMN(EXCLUDE_SELF)] = BOOL_FIELD("exclude_self", "not what who adds it does"),
	[COLUMN(STATE)] = { "state", "what became of it", MOEAI_TYPE_ENUM, .flags = MOEAI_F_READ,
			    .labels = fs_state_names },
	[COLUMN(INSIDE)] = { "inside", "where it is now, from the root of its file system",
			     MOEAI_TYPE_STRING, .flags = MOEAI_F_READ | MOEAI_F_PATH },
	[COLUMN(DEVICE)] = { "device", "of its file system", MOEAI_TYPE_U32,
			     .flags = MOEAI_F_READ | MOEAI_F_HEX | MOEAI_F_DEVICE },
	[COLUMN(INODE)] = { "inode", "its number", MOEAI_TYPE_U64, .flags = MOEAI_F_READ },
	[COLUMN(UID)] = { "uid", "of who added it", MOEAI_TYPE_U32,
			  .flags = MOEAI_F_READ | MOEAI_F_UID },
	[COLUMN(COMM)] = { "comm", "of who added it", MOEAI_TYPE_STRING, .flags = MOEAI_F_READ },
	[COLUMN(EVENTS)] = { "events", "told", MOEAI_TYPE_U64, MOEAI_UNIT_COUNT,
			     .flags = MOEAI_F_READ },
	[COLUMN(FOLDED)] = { "folded", "told by the count of another event", MOEAI_TYPE_U64,
			     MOEAI_UNIT_COUNT, .flags = MOEAI_F_READ },
	[COLUMN(EXCLUDED)] = { "excluded", "left out by exclude", MOEAI_TYPE_U64, MOEAI_UNIT_COUNT,
			       .flags = MOEAI_F_READ },
	[COLUMN(LEFT_OUT)] = { "left_out", "left out by exclude_self", MOEAI_TYPE_U64,
			       MOEAI_UNIT_COUNT, .flags = MOEAI_F_READ },
};

/* A generation. */
struct gen {
	u32 n;
	struct fs_watch *watches[]; /* held */
};

static struct gen *acting; /* which was published last; the table's lock guards it */

/* ---- a row from user space ------------------------------------------------------------ */

static int wrong_field(struct moeai_row_error *wrong, u16 field, const char *why)
{
	wrong->field = field;
	wrong->why = why;
	return -EINVAL;
}

static int check(const struct moeai_table *table, struct nlattr **row,
		 struct moeai_row_error *wrong)
{
	struct fs_exclude *exclude;

	if (*(char *)nla_data(row[COLUMN(PATH)]) != '/')
		return wrong_field(wrong, COLUMN(PATH), "this path does not begin with '/'");
	if (row[COLUMN(OPS)] && !nla_get_u32(row[COLUMN(OPS)]))
		return wrong_field(wrong, COLUMN(OPS), "without an operation it tells nothing");
	if (!row[COLUMN(EXCLUDE)])
		return 0;
	exclude = fs_exclude_parse(nla_data(row[COLUMN(EXCLUDE)]), &wrong->why);
	if (!IS_ERR(exclude))
		fs_exclude_free(exclude);
	else if (exclude == ERR_PTR(-EINVAL))
		wrong->field = COLUMN(EXCLUDE);
	return PTR_ERR_OR_ZERO(exclude);
}

static bool flag(const struct nlattr *nla)
{
	return nla && nla_get_u8(nla);
}

static struct fs_watch *watch_from_row(struct nlattr **row, const struct moeai_changes *changes,
				       struct moeai_row_error *wrong)
{
	struct fs_watch_spec spec = {
		.path = nla_data(row[COLUMN(PATH)]),
		.holder = nla_get_u32(row[COLUMN(HOLDER)]),
		.ops = row[COLUMN(OPS)] ? nla_get_u32(row[COLUMN(OPS)]) : DEFAULT_OPS,
		.recursive = flag(row[COLUMN(RECURSIVE)]),
		.exclude_self = flag(row[COLUMN(EXCLUDE_SELF)]),
		.fold = row[COLUMN(FOLD)] ? nla_get_u64(row[COLUMN(FOLD)]) : 0,
		.exclude = row[COLUMN(EXCLUDE)] ? nla_data(row[COLUMN(EXCLUDE)]) : NULL,
		.uid = from_kuid(&init_user_ns, changes->uid),
		.comm = changes->comm,
	};

	return fs_watch_new(&spec, wrong);
}

/* ---- a generation ------------------------------------------------------------------------ */

static void gen_free(struct gen *gen)
{
	u32 i;

	for (i = 0; i < gen->n; i++)
		fs_watch_put(gen->watches[i]);
	kvfree(gen);
}

/* A copy of @old, with room for @more. */
static struct gen *gen_copy(const struct gen *old, u32 more)
{
	u32 i, n = old ? old->n : 0;
	struct gen *gen = kvzalloc(struct_size(gen, watches, n + more), GFP_KERNEL_ACCOUNT);

	if (!gen)
		return NULL;
	for (i = 0; i < n; i++) {
		gen->watches[i] = old->watches[i];
		refcount_inc(&gen->watches[i]->refs);
	}
	gen->n = n;
	return gen;
}

static void gen_remove(struct gen *gen, u32 i)
{
	fs_watch_put(gen->watches[i]);
	memmove(&gen->watches[i], &gen->watches[i + 1],
		(--gen->n - i) * sizeof(gen->watches[0]));
}

static u32 gen_find(const struct gen *gen, const char *path, u32 holder)
{
	u32 hash = full_name_hash(NULL, path, strlen(path)), i;

	for (i = 0; i < gen->n; i++) {
		const struct fs_watch *w = gen->watches[i];

		if (w->hash == hash && w->holder == holder && !strcmp(w->path, path))
			break;
	}
	return i;
}

static int gen_add(struct gen *gen, u32 at, struct nlattr **row,
		   const struct moeai_changes *changes, struct moeai_row_error *wrong)
{
	struct fs_watch *w;

	if (at == gen->n && gen->n == FS_WATCHES_MAX) {
		wrong->why = "there are as many watches as there can be";
		return -ENOSPC;
	}
	w = watch_from_row(row, changes, wrong);
	if (IS_ERR(w))
		return PTR_ERR(w);
	w->hash = full_name_hash(NULL, w->path, w->path_len);
	if (at < gen->n)
		fs_watch_put(gen->watches[at]);
	else
		gen->n++;
	gen->watches[at] = w;
	return 0;
}

static int apply(struct gen *gen, const struct moeai_table *table,
		 const struct moeai_changes *changes, u32 i, struct moeai_row_error *wrong)
{
	struct nlattr *row[ARRAY_SIZE(fields)];
	u8 how = moeai_changes_row(table, changes, i, row);
	u32 at = gen_find(gen, nla_data(row[COLUMN(PATH)]), nla_get_u32(row[COLUMN(HOLDER)]));

	if (how == MOEAI_ACTION_DELETE && at < gen->n) {
		gen_remove(gen, at);
		return 0;
	}
	if (how == MOEAI_ACTION_DELETE || (how == MOEAI_ACTION_ADD && at < gen->n)) {
		wrong->field = COLUMN(PATH);
		wrong->why = how == MOEAI_ACTION_ADD ? "this holder watches this path already" :
						       "this holder does not watch this path";
		return how == MOEAI_ACTION_ADD ? -EEXIST : -ENOENT;
	}
	return gen_add(gen, at, row, changes, wrong);
}

static void *make(const struct moeai_table *table, void *old, const struct moeai_changes *changes,
		  struct moeai_row_error *wrong)
{
	struct gen *gen = gen_copy(changes->flush ? NULL : old, changes->n);
	int ret = 0;
	u32 i;

	if (!gen)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < changes->n && !ret; i++) {
		ret = apply(gen, table, changes, i, wrong);
		cond_resched();
	}
	if (!ret)
		return gen;
	wrong->change = i - 1;
	gen_free(gen);
	return ERR_PTR(ret);
}

static void free_rows(const struct moeai_table *table, void *rows)
{
	if (rows == acting)
		acting = NULL; /* the table goes */
	gen_free(rows);
}

static void published(const struct moeai_table *table, void *rows, enum moeai_published how)
{
	struct gen *gen = rows, *before = acting;
	bool holders = false;
	u32 i;

	for (i = 0; before && i < before->n; i++)
		before->watches[i]->keep = false;
	for (i = 0; gen && i < gen->n; i++) {
		gen->watches[i]->keep = true;
		holders |= gen->watches[i]->holder;
		fs_watch_set_live(gen->watches[i], true);
	}
	for (i = 0; before && i < before->n; i++)
		if (!before->watches[i]->keep)
			fs_watch_set_live(before->watches[i], false);
	acting = gen;
	fs_holders_exist(holders);
}

/* ---- holders that have ended ---------------------------------------------------------------- */

static void *release(const struct moeai_table *table, void *old, void *arg)
{
	const struct gen *gen = old;
	struct gen *next;
	u32 i;

	for (i = 0; gen && i < gen->n; i++)
		if (fs_watch_abandoned(gen->watches[i]))
			break;
	if (!gen || i == gen->n)
		return old;
	next = gen_copy(gen, 0);
	if (!next)
		return ERR_PTR(-ENOMEM);
	for (i = next->n; i-- > 0;) {
		struct fs_watch *w = next->watches[i];

		if (!fs_watch_abandoned(w))
			continue;
		if (!w->released)
			fs_event_watch(w, MOEAI_FS_WATCH_RELEASED, (struct fs_text){},
				       (struct fs_text){}, NULL);
		w->released = true;
		gen_remove(next, i);
	}
	return next;
}

/* Without memory it is tried again a second later. */
void fs_watches_release(void)
{
	moeai_table_amend(&fs_watches, release, NULL);
}

/* ---- rows for user space -------------------------------------------------------------------- */

static void add_row(struct moeai_rows *out, const struct fs_watch *w, char *buf)
{
	struct moeai_value v[__MOEAI_A_FS_WATCH_MAX];
	struct fs_text inside = fs_watch_inside(w, buf);
	unsigned int n = 0;

	v[n++] = moeai_str(COLUMN(PATH), w->path);
	v[n++] = moeai_u32(COLUMN(HOLDER), w->holder);
	v[n++] = moeai_u32(COLUMN(OPS), w->ops);
	v[n++] = moeai_bool(COLUMN(RECURSIVE), w->recursive);
	if (w->exclude_text)
		v[n++] = moeai_str(COLUMN(EXCLUDE), w->exclude_text);
	v[n++] = moeai_u64(COLUMN(FOLD), w->fold);
	v[n++] = moeai_bool(COLUMN(EXCLUDE_SELF), w->exclude_self);
	v[n++] = moeai_u32(COLUMN(STATE), READ_ONCE(w->state));
	v[n++] = moeai_u32(COLUMN(DEVICE), w->device);
	v[n++] = moeai_u64(COLUMN(INODE), w->ino);
	v[n++] = moeai_u32(COLUMN(UID), w->uid);
	v[n++] = moeai_str(COLUMN(COMM), w->comm);
	v[n++] = moeai_u64(COLUMN(EVENTS), atomic64_read(&w->events));
	v[n++] = moeai_u64(COLUMN(FOLDED), atomic64_read(&w->folded));
	v[n++] = moeai_u64(COLUMN(EXCLUDED), atomic64_read(&w->excluded));
	v[n++] = moeai_u64(COLUMN(LEFT_OUT), atomic64_read(&w->left_out));
	if (inside.len && moeai_values_len(v, n) + inside.len + 16 <= MOEAI_ROW_LEN)
		v[n++] = moeai_strn(COLUMN(INSIDE), inside.s, inside.len);
	moeai_rows_add(out, v, n);
}

static bool next(const struct moeai_table *table, const void *rows,
		 struct moeai_row_cursor *cursor, struct moeai_rows *out)
{
	const struct gen *gen = rows;
	char *buf;

	if (cursor->at[0] >= gen->n)
		return false;
	buf = kmalloc(FS_PATH_LEN, GFP_KERNEL); /* without it, the row has one column less */
	add_row(out, gen->watches[cursor->at[0]++], buf);
	kfree(buf);
	return true;
}

static u64 count(const struct moeai_table *table, const void *rows)
{
	return ((const struct gen *)rows)->n;
}

static const struct moeai_table_ops ops = {
	.make = make, .free = free_rows, .count = count, .next = next, .published = published,
};

struct moeai_table fs_watches = {
	.name = "fs_logger.watches",
	.help = "files and folders that are watched",
	.schema = MOEAI_SCHEMA(fields),
	.flags = MOEAI_TABLE_WRITE,
	.ops = &ops,
	.check = check,
};
