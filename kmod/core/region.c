// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai: " fmt
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "module.h"
#include "region.h"

#define REGIONS_MAX 256

/* Fails, in silence, rather than have processes killed for it. */
#define IF_THERE_IS (GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

DEFINE_MUTEX(moeai_region_lock);
static LIST_HEAD(regions);
static unsigned int n_regions;
static u32 last_id;

u64 moeai_shmem_bytes = 64 << 20;
u64 moeai_shmem_used, moeai_shmem_refused;

/* ---- coming and going -------------------------------------------------------------- */

/* The one that has the name now, if only to be. */
static struct moeai_region_priv *named(const char *name)
{
	struct moeai_region_priv *r;

	lockdep_assert_held(&moeai_region_lock);
	list_for_each_entry(r, &regions, list)
		if (r->owner && !strcmp(r->name, name))
			return r;
	return NULL;
}

struct moeai_region_priv *moeai_region_find(const char *name)
{
	struct moeai_region_priv *r = named(name);

	return r && !r->making ? r : NULL;
}

static void free_region(struct moeai_region_priv *r)
{
	unsigned long i;

	for (i = 0; r->pages && i < r->n && r->pages[i]; i++) {
		put_page(r->pages[i]);
		cond_resched();
	}
	kvfree(r->pages);
	kfree(r);
}

/* The pages of one that is being made, mapped; NULL: there is no memory. */
static void *allocate(struct moeai_region_priv *r)
{
	unsigned long i;

	r->pages = kvcalloc(r->n, sizeof(*r->pages), IF_THERE_IS);
	for (i = 0; r->pages && i < r->n; i++) {
		r->pages[i] = alloc_page(IF_THERE_IS | __GFP_ZERO);
		if (!r->pages[i])
			return NULL;
		cond_resched();
	}
	return r->pages ? vmap(r->pages, r->n, VM_MAP, PAGE_KERNEL) : NULL;
}

/* Why there can't be such a region, or NULL. */
static const char *wrong(const struct moeai_module_priv *owner, const char *name, size_t size,
			 u32 flags)
{
	u64 limit = READ_ONCE(moeai_shmem_bytes);

	if (!owner)
		return "not a name \"module.thing\" of a module that the caller has registered";
	if (flags & ~MOEAI_SHMEM_WRITE)
		return "unknown flags";
	if (!size)
		return "without a size";
	if (named(name))
		return "there is one already";
	if (n_regions == REGIONS_MAX)
		return "there are too many";
	if (moeai_shmem_used > limit || size > limit - moeai_shmem_used ||
	    PAGE_ALIGN(size) > limit - moeai_shmem_used)
		return "more bytes than core.shmem_bytes allows in all";
	if (size >> PAGE_SHIFT > totalram_pages() / 2)
		return "more than half of all memory";
	return NULL;
}

static const char *const no_memory = "there is no memory for it";

/* Its place, or NULL and why not. */
static struct moeai_region_priv *reserve(const char *name, size_t size, u32 flags,
					 const struct module *module, const char **why)
{
	const struct moeai_module_priv *owner = moeai_module_of(name, module);
	struct moeai_region_priv *r;

	lockdep_assert_held(&moeai_region_lock);
	*why = wrong(owner, name, size, flags);
	if (*why)
		return NULL;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r) {
		*why = no_memory;
		return NULL;
	}
	init_waitqueue_head(&r->wait);
	strscpy(r->name, name, sizeof(r->name));
	r->owner = owner;
	r->flags = flags;
	r->making = true;
	r->id = ++last_id;
	r->n = PAGE_ALIGN(size) >> PAGE_SHIFT;
	list_add_tail(&r->list, &regions);
	n_regions++;
	moeai_shmem_used += (u64)r->n << PAGE_SHIFT;
	return r;
}

void moeai_region_put(struct moeai_region_priv *r)
{
	lockdep_assert_held(&moeai_region_lock);
	if (r->owner || r->files || r->making)
		return;
	list_del(&r->list);
	n_regions--;
	moeai_shmem_used -= (u64)r->n << PAGE_SHIFT;
	free_region(r);
}

/* The module's mapping goes at once, so that its mistakes show. */
static void give_up(struct moeai_region_priv *r)
{
	if (r->base)
		vunmap(r->base);
	r->base = NULL;
	WRITE_ONCE(r->owner, NULL);
	wake_up_poll(&r->wait, EPOLLHUP);
	moeai_region_put(r);
}

/* Its module may have left meanwhile. Returns why it is not to be after all, or NULL. */
static const char *finish(struct moeai_region_priv *r, void *base)
{
	bool left = !r->owner;

	lockdep_assert_held(&moeai_region_lock);
	r->base = base;
	r->making = false;
	if (base && !left)
		return NULL;
	give_up(r);
	return left ? "its module has left" : no_memory;
}

void *__moeai_shmem_create(const char *name, size_t size, u32 flags, struct module *module)
{
	void *base = NULL;
	const char *why;
	struct moeai_region_priv *r;

	mutex_lock(&moeai_region_lock);
	r = reserve(name, size, flags, module, &why);
	if (r) {
		mutex_unlock(&moeai_region_lock);
		base = allocate(r);
		mutex_lock(&moeai_region_lock);
		why = finish(r, base);
	}
	if (why)
		moeai_shmem_refused++;
	mutex_unlock(&moeai_region_lock);
	if (why)
		pr_err("region %s of %zu bytes: %s\n", name, size, why);
	return why ? NULL : base;
}
EXPORT_SYMBOL_GPL(__moeai_shmem_create);

int moeai_shmem_destroy(const char *name)
{
	struct moeai_region_priv *r;

	mutex_lock(&moeai_region_lock);
	r = moeai_region_find(name);
	if (r)
		give_up(r);
	mutex_unlock(&moeai_region_lock);
	return r ? 0 : -ENOENT;
}
EXPORT_SYMBOL_GPL(moeai_shmem_destroy);

void moeai_region_leave(const struct moeai_module_priv *module)
{
	struct moeai_region_priv *r, *next;

	mutex_lock(&moeai_region_lock);
	list_for_each_entry_safe(r, next, &regions, list)
		if (r->owner == module)
			give_up(r);
	mutex_unlock(&moeai_region_lock);
}

/* ---- the table ------------------------------------------------------------------------- */

enum { R_NAME = 1, R_ID, R_MODULE, R_SIZE, R_WRITABLE, R_STATE, R_FILES, R_MAPS };

enum { ALIVE, ORPHANED, MAKING };

static const char *const states[] = { "alive", "orphaned", "making", NULL };

const struct moeai_field moeai_shmem_fields[] = {
	[R_NAME]     = { "name", "module.region", MOEAI_TYPE_STRING, .flags = MOEAI_F_KEY },
	[R_ID]	     = { "id", "of several of that name the latest has the highest", MOEAI_TYPE_U32,
		       .flags = MOEAI_F_KEY },
	[R_MODULE]   = { "module", "whose it is", MOEAI_TYPE_STRING },
	[R_SIZE]     = { "size", "whole pages", MOEAI_TYPE_U64, MOEAI_UNIT_BYTES },
	[R_WRITABLE] = { "writable", "programs with CAP_NET_ADMIN may write it", MOEAI_TYPE_BOOL },
	[R_STATE]    = { "state", "orphaned: its module gave it up, and it goes with the last file; "
			 "making: nobody has it yet", MOEAI_TYPE_ENUM, .labels = states },
	[R_FILES]    = { "files", "open, or mapped, which holds them: see table subscribers",
		       MOEAI_TYPE_U32 },
	[R_MAPS]     = { "maps", "mappings of them", MOEAI_TYPE_U32 },
};

static_assert(ARRAY_SIZE(moeai_shmem_fields) == R_MAPS + 1);

static u32 state_of(const struct moeai_region_priv *r)
{
	return r->making ? MAKING : r->owner ? ALIVE : ORPHANED;
}

void moeai_shmem_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	const struct moeai_region_priv *r;

	mutex_lock(&moeai_region_lock);
	list_for_each_entry(r, &regions, list)
		moeai_row(rows, moeai_str(R_NAME, r->name), moeai_u32(R_ID, r->id),
			  moeai_strn(R_MODULE, r->name, strchr(r->name, '.') - r->name),
			  moeai_u64(R_SIZE, (u64)r->n << PAGE_SHIFT),
			  moeai_bool(R_WRITABLE, r->flags & MOEAI_SHMEM_WRITE),
			  moeai_u32(R_STATE, state_of(r)), moeai_u32(R_FILES, r->files),
			  moeai_u32(R_MAPS, atomic_read(&r->maps)));
	mutex_unlock(&moeai_region_lock);
}
