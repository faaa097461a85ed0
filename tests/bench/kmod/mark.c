// SPDX-License-Identifier: GPL-2.0
/* The least that hears of all operations on a file system: a mark that counts them. */
#include <linux/err.h>
#include <linux/moeai_compat.h>
#include <linux/mutex.h>
#include <linux/namei.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "bench.h"

enum { ARG_PATH = 1 };

static const struct moeai_field args[] = {
	[ARG_PATH] = { "path", "of a folder on it; absent: no file system", MOEAI_TYPE_STRING },
};

const struct moeai_schema bench_mark_args = MOEAI_SCHEMA(args);

enum { REPLY_COUNTED = 1 };

static const struct moeai_field replies[] = {
	[REPLY_COUNTED] = { "counted", "since the module was loaded", MOEAI_TYPE_U64 },
};

const struct moeai_schema bench_mark_reply = MOEAI_SCHEMA(replies);

static DEFINE_MUTEX(lock);
static struct fsnotify_group *group; /* while there is a mark */
static struct fsnotify_mark *mark;
static DEFINE_PER_CPU(u64, counted);

static int count(struct fsnotify_group *g, u32 mask, const void *data, int data_type,
		 struct inode *dir, const struct qstr *name, u32 cookie,
		 struct fsnotify_iter_info *iter)
{
	this_cpu_inc(counted);
	return 0;
}

static void free_mark(struct fsnotify_mark *m)
{
	kfree(m);
}

static const struct fsnotify_ops ops = { .handle_event = count, .free_mark = free_mark };

static void unmark(void)
{
	if (!mark)
		return;
	fsnotify_destroy_mark(mark, group);
	fsnotify_put_mark(mark);
	fsnotify_wait_marks_destroyed(); /* nobody unmounts meanwhile */
	fsnotify_put_group(group);
	mark = NULL;
}

/* What fs_logger listens to by default. */
static int mark_super(struct super_block *sb)
{
	int ret;

	group = fsnotify_alloc_group(&ops, MOEAI_FSNOTIFY_FLAGS);
	if (IS_ERR(group))
		return PTR_ERR(group);
	mark = kzalloc(sizeof(*mark), GFP_KERNEL);
	if (!mark) {
		fsnotify_put_group(group);
		return -ENOMEM;
	}
	fsnotify_init_mark(mark, group);
	mark->mask = FS_CREATE | FS_MODIFY | FS_CLOSE_WRITE | FS_DELETE | FS_RENAME | FS_ATTRIB;
	ret = moeai_fsnotify_add_super(mark, sb);
	if (ret)
		unmark();
	return ret;
}

int bench_mark(struct moeai_call *call)
{
	const char *name = moeai_arg_str(call, ARG_PATH);
	struct path path;
	u64 sum = 0;
	int cpu, ret = 0;

	mutex_lock(&lock);
	unmark();
	if (name)
		ret = kern_path(name, 0, &path);
	if (name && !ret) {
		ret = mark_super(path.mnt->mnt_sb);
		path_put(&path);
	}
	mutex_unlock(&lock);
	for_each_possible_cpu(cpu)
		sum += per_cpu(counted, cpu);
	return ret ?: moeai_reply(call, moeai_u64(REPLY_COUNTED, sum));
}

void bench_mark_exit(void)
{
	unmark();
}
