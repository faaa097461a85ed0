/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Regions: memory of feature modules that programs map, under names, see
 * moeai_shmem_create(). Here is how they come and go; the files of them are in shmem.c.
 */
#ifndef MOEAI_REGION_H
#define MOEAI_REGION_H

#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/moeai.h>

struct moeai_module_priv;

/*
 * It lives until its module has given it up and the last file of it is closed, which
 * mappings hold as well; a page longer still, if something else refers to it. Its place
 * is taken first, and the memory allocated without the lock, which may take long: while
 * it is being made, n alone counts of that, and who makes it has it whatever becomes of
 * its module.
 */
struct moeai_region_priv {
	struct list_head list;
	const struct moeai_module_priv *owner; /* NULL: gave it up */
	wait_queue_head_t wait;		       /* for that */
	char name[MOEAI_FULL_NAME_LEN];
	u32 id;
	u32 flags; /* MOEAI_SHMEM_* */
	bool making; /* nobody else finds it yet */
	u32 files;
	atomic_t maps;
	unsigned long n;
	struct page **pages;
	void *base; /* of the module; NULL: gave it up, or has it not yet */
};

/* Guards all regions but maps, and who has them open. */
extern struct mutex moeai_region_lock;

/* Bytes that all regions may have in all, parameter shmem_bytes; that they have. */
extern u64 moeai_shmem_bytes, moeai_shmem_used;
/* How many could not be made. */
extern u64 moeai_shmem_refused;

/* The one that the name means now, or NULL. */
struct moeai_region_priv *moeai_region_find(const char *name);

/* A file of it is closed: free it if that was all. */
void moeai_region_put(struct moeai_region_priv *r);

/* The module can't be found any more: what it has left goes, once nobody has it open. */
void moeai_region_leave(const struct moeai_module_priv *module);

/* Table shmem. */
#define MOEAI_SHMEM_COLUMNS 8
extern const struct moeai_field moeai_shmem_fields[MOEAI_SHMEM_COLUMNS + 1];
void moeai_shmem_fill(const struct moeai_table *table, struct moeai_rows *rows);

#endif
