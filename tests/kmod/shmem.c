// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include "test.h"

/* What we have, as far as we have to write it. */
static struct kept {
	char name[MOEAI_FULL_NAME_LEN];
	u8 *base;
	size_t size;
} kept[4];

static DEFINE_MUTEX(lock); /* guards kept, and the work's being on */

static struct kept *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kept); i++)
		if (!strcmp(kept[i].name, name))
			return &kept[i];
	return NULL;
}

/* Zero all over, of whole pages, or there is something wrong with it. */
static int create(const char *name, size_t size, bool writable)
{
	u8 *base = writable ? moeai_shmem_create_flags(name, size, MOEAI_SHMEM_WRITE) :
			      moeai_shmem_create(name, size);
	struct kept *k = find("");

	if (!base)
		return -ENOMEM;
	if (!PAGE_ALIGNED(base) || memchr_inv(base, 0, PAGE_ALIGN(size)))
		return -EPROTO;
	if (k) {
		*k = (struct kept){ .base = base, .size = size };
		strscpy(k->name, name, sizeof(k->name));
	}
	return 0;
}

static int destroy(const char *name)
{
	struct kept *k = find(name);

	if (k && *name)
		*k = (struct kept){};
	return moeai_shmem_destroy(name);
}

static int fill(const char *name, u32 byte)
{
	struct kept *k = find(name);

	if (!k || !k->base)
		return -ENOENT;
	memset(k->base, byte, k->size);
	return 0;
}

/* ---- the module works on, whatever programs write there ----------------------------------- */

#define HEAD 64 /* a u32 in it says where to count; behind it is counted */

static struct kept *worked_on;
u64 test_worked;

static void work(struct work_struct *unused);
static DECLARE_DELAYED_WORK(worker, work);

/* The index is read once and checked; our own count is not there for anybody to change. */
static void work(struct work_struct *unused)
{
	struct kept *k = worked_on;
	int i;

	for (i = 0; i < 10000; i++) {
		u32 at = READ_ONCE(*(u32 *)k->base) % (k->size - HEAD);

		WRITE_ONCE(k->base[HEAD + at], k->base[HEAD + at] + 1);
		WRITE_ONCE(*(u32 *)k->base, at + 1);
	}
	WRITE_ONCE(test_worked, test_worked + i);
	schedule_delayed_work(&worker, 1);
}

static int begin(const char *name)
{
	worked_on = find(name);
	if (!worked_on || worked_on->size <= HEAD)
		return -ENOENT;
	schedule_delayed_work(&worker, 0);
	return 0;
}

void test_shmem_rest(void)
{
	cancel_delayed_work_sync(&worker);
}

/* ---- test.shmem ------------------------------------------------------------------------------ */

enum { SHMEM_DO = 1, SHMEM_NAME, SHMEM_SIZE, SHMEM_WRITABLE, SHMEM_BYTE };
enum { CREATE, DESTROY, EXPORT, FILL, WORK, REST };

static const char *const do_labels[] = { "create", "destroy", "export", "fill",
					 "work",   "rest",    NULL };

static const struct moeai_field shmem_fields[] = {
	[SHMEM_DO]	 = { "do", NULL, MOEAI_TYPE_ENUM, .labels = do_labels },
	[SHMEM_NAME]	 = { "name", "of the region", MOEAI_TYPE_STRING },
	[SHMEM_SIZE]	 = { "size", "of what is made", MOEAI_TYPE_U64 },
	[SHMEM_WRITABLE] = { "writable", "by programs", MOEAI_TYPE_BOOL },
	[SHMEM_BYTE]	 = { "byte", "to fill it with", MOEAI_TYPE_U32 },
};

const struct moeai_schema test_shmem_args = MOEAI_SCHEMA(shmem_fields);

static int run(struct moeai_call *call, const char *name)
{
	lockdep_assert_held(&lock);
	switch (moeai_arg_u32(call, SHMEM_DO, 0)) {
	case CREATE:
		return create(name, moeai_arg_u64(call, SHMEM_SIZE, PAGE_SIZE),
			      moeai_arg_bool(call, SHMEM_WRITABLE, false));
	case DESTROY:
		return destroy(name);
	case EXPORT:
		return moeai_shmem_export(name);
	case FILL:
		return fill(name, moeai_arg_u32(call, SHMEM_BYTE, 0));
	case WORK:
		return begin(name);
	}
	test_shmem_rest();
	return 0;
}

int test_shmem(struct moeai_call *call)
{
	int ret;

	mutex_lock(&lock);
	ret = run(call, moeai_arg_str(call, SHMEM_NAME) ?: "");
	mutex_unlock(&lock);
	return test_result(call, ret);
}
