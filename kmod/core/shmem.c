// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) "moeai: " fmt
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "compat.h"
#include "device.h"
#include "module.h"
#include "shmem.h"

#define REGIONS_MAX 256

/* Fails, in silence, rather than have processes killed for it. */
#define IF_THERE_IS (GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/*
 * It lives until its module has given it up and the last file of it is closed, which
 * mappings hold as well; a page longer still, if something else refers to it. Its place
 * is taken first, and the memory allocated without the lock, which may take long: while
 * it is being made, n alone counts of that, and who makes it has it whatever becomes of
 * its module.
 */
struct region {
	struct list_head list;		       /* of regions */
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

/* An open file. */
struct opened {
	struct moeai_device_user user; /* of users */
	struct region *region;
};

static DEFINE_MUTEX(lock); /* guards all regions but maps, and users */
static LIST_HEAD(regions);
static LIST_HEAD(users);
static unsigned int n_regions;
static u32 last_id;

u64 moeai_shmem_bytes = 64 << 20;
u64 moeai_shmem_used, moeai_shmem_refused;

/* ---- coming and going -------------------------------------------------------------- */

/* The one that has the name now, if only to be. */
static struct region *named(const char *name)
{
	struct region *r;

	lockdep_assert_held(&lock);
	list_for_each_entry(r, &regions, list)
		if (r->owner && !strcmp(r->name, name))
			return r;
	return NULL;
}

/* The one that the name means now. */
static struct region *find(const char *name)
{
	struct region *r = named(name);

	return r && !r->making ? r : NULL;
}

static void free_region(struct region *r)
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
static void *allocate(struct region *r)
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
static struct region *reserve(const char *name, size_t size, u32 flags, const struct module *module,
			      const char **why)
{
	const struct moeai_module_priv *owner = moeai_module_of(name, module);
	struct region *r;

	lockdep_assert_held(&lock);
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

static void put(struct region *r)
{
	lockdep_assert_held(&lock);
	if (r->owner || r->files || r->making)
		return;
	list_del(&r->list);
	n_regions--;
	moeai_shmem_used -= (u64)r->n << PAGE_SHIFT;
	free_region(r);
}

/* The module's mapping goes at once, so that its mistakes show. */
static void give_up(struct region *r)
{
	if (r->base)
		vunmap(r->base);
	r->base = NULL;
	WRITE_ONCE(r->owner, NULL);
	wake_up_poll(&r->wait, EPOLLHUP);
	put(r);
}

/* Its module may have left meanwhile. Returns why it is not to be after all, or NULL. */
static const char *finish(struct region *r, void *base)
{
	bool left = !r->owner;

	lockdep_assert_held(&lock);
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
	struct region *r;

	mutex_lock(&lock);
	r = reserve(name, size, flags, module, &why);
	if (r) {
		mutex_unlock(&lock);
		base = allocate(r);
		mutex_lock(&lock);
		why = finish(r, base);
	}
	if (why)
		moeai_shmem_refused++;
	mutex_unlock(&lock);
	if (why)
		pr_err("region %s of %zu bytes: %s\n", name, size, why);
	return why ? NULL : base;
}
EXPORT_SYMBOL_GPL(__moeai_shmem_create);

int moeai_shmem_destroy(const char *name)
{
	struct region *r;

	mutex_lock(&lock);
	r = find(name);
	if (r)
		give_up(r);
	mutex_unlock(&lock);
	return r ? 0 : -ENOENT;
}
EXPORT_SYMBOL_GPL(moeai_shmem_destroy);

void moeai_shmem_leave(const struct moeai_module_priv *module)
{
	struct region *r, *next;

	mutex_lock(&lock);
	list_for_each_entry_safe(r, next, &regions, list)
		if (r->owner == module)
			give_up(r);
	mutex_unlock(&lock);
}

/* ---- the file of one ------------------------------------------------------------------ */

static void maps_inc(struct vm_area_struct *vma)
{
	struct opened *u = vma->vm_file->private_data;

	atomic_inc(&u->region->maps);
}

static void maps_dec(struct vm_area_struct *vma)
{
	struct opened *u = vma->vm_file->private_data;

	atomic_dec(&u->region->maps);
}

static const struct vm_operations_struct mapping_ops = {
	.open  = maps_inc,
	.close = maps_dec,
};

/*
 * Each page is referenced by the mapping, which also holds the file and so the region
 * and this module. A private mapping would show its own copy of what was written.
 */
static int region_mmap(struct file *file, struct vm_area_struct *vma)
{
	const struct region *r = ((struct opened *)file->private_data)->region;
	bool write = file->f_mode & FMODE_WRITE && vma->vm_flags & VM_SHARED;
	int ret;

	if (vma->vm_flags & (write ? VM_EXEC : VM_EXEC | VM_WRITE))
		return -EPERM;
	moeai_vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP,
			   write ? VM_MAYEXEC : VM_MAYEXEC | VM_MAYWRITE);
	ret = vm_map_pages(vma, r->pages, r->n); /* checks the offset and the length */
	if (ret)
		return ret;
	vma->vm_ops = &mapping_ops;
	maps_inc(vma);
	return 0;
}

static __poll_t region_poll(struct file *file, struct poll_table_struct *table)
{
	struct region *r = ((struct opened *)file->private_data)->region;

	poll_wait(file, &r->wait, table);
	return READ_ONCE(r->owner) ? 0 : EPOLLHUP;
}

static int region_release(struct inode *inode, struct file *file)
{
	struct opened *u = file->private_data;

	mutex_lock(&lock);
	list_del(&u->user.list);
	u->region->files--;
	put(u->region);
	mutex_unlock(&lock);
	kfree(u);
	return 0;
}

static const struct file_operations region_ops = {
	.owner	 = THIS_MODULE,
	.mmap	 = region_mmap,
	.poll	 = region_poll,
	.release = region_release,
	.llseek	 = noop_llseek,
};

/* ---- opening one ------------------------------------------------------------------------ */

static int check_access(const struct region *r, u32 flags)
{
	if (!(flags & MOEAI_SHMEM_WRITE))
		return 0;
	if (!(r->flags & MOEAI_SHMEM_WRITE))
		return -EACCES;
	return capable(CAP_NET_ADMIN) ? 0 : -EPERM;
}

static struct file *open_file(struct opened *u, struct moeai_region *out)
{
	struct region *r = find(out->name);
	int ret = r ? check_access(r, out->flags) : -ENOENT;
	struct file *file;

	lockdep_assert_held(&lock);
	if (!ret && moeai_device_users_full(&users, u->user.uid))
		ret = -EBUSY;
	if (ret)
		return ERR_PTR(ret);
	file = anon_inode_getfile("[moeai-shmem]", &region_ops, u,
				  out->flags & MOEAI_SHMEM_WRITE ? O_RDWR : O_RDONLY);
	if (IS_ERR(file))
		return file;
	u->region = r;
	list_add_tail(&u->user.list, &users);
	r->files++;
	out->flags = r->flags;
	out->id = r->id;
	out->size = (u64)r->n << PAGE_SHIFT;
	return file;
}

/* @out: name and flags that are wanted; then what the region has. */
static struct file *open_region(struct moeai_region *out)
{
	struct opened *u = kzalloc(sizeof(*u), GFP_KERNEL_ACCOUNT);
	struct file *file;

	if (!u)
		return ERR_PTR(-ENOMEM);
	moeai_device_user_init(&u->user);
	mutex_lock(&lock);
	file = open_file(u, out);
	mutex_unlock(&lock);
	if (IS_ERR(file))
		kfree(u);
	return file;
}

/* A descriptor of it, and @arg filled in, if that is given. */
static int open_fd(struct moeai_region *region, struct moeai_region __user *arg)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = open_region(region);
	if (!IS_ERR(file) && arg && copy_to_user(arg, region, sizeof(*region))) {
		fput(file);
		file = ERR_PTR(-EFAULT);
	}
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

long moeai_shmem_open(struct moeai_region __user *arg)
{
	struct moeai_region region;

	if (copy_from_user(&region, arg, sizeof(region)))
		return -EFAULT;
	if (strnlen(region.name, sizeof(region.name)) == sizeof(region.name) ||
	    region.flags & ~MOEAI_SHMEM_WRITE || region.reserved)
		return -EINVAL;
	return open_fd(&region, arg);
}

int moeai_shmem_export(const char *name)
{
	struct moeai_region region = { .flags = MOEAI_SHMEM_WRITE };
	int fd;

	if (!name || current->flags & PF_KTHREAD ||
	    strscpy(region.name, name, sizeof(region.name)) < 0)
		return -EINVAL;
	fd = open_fd(&region, NULL);
	if (fd != -EACCES && fd != -EPERM)
		return fd;
	region.flags = 0;
	return open_fd(&region, NULL);
}
EXPORT_SYMBOL_GPL(moeai_shmem_export);

/* ---- who has what -------------------------------------------------------------------------- */

void moeai_shmem_walk(void (*fn)(const char *region, const struct moeai_device_user *user,
				 void *arg), void *arg)
{
	const struct opened *u;

	mutex_lock(&lock);
	list_for_each_entry(u, &users, user.list)
		fn(u->region->name, &u->user, arg);
	mutex_unlock(&lock);
}

unsigned int moeai_shmem_files(void)
{
	const struct region *r;
	unsigned int n = 0;

	mutex_lock(&lock);
	list_for_each_entry(r, &regions, list)
		n += r->files;
	mutex_unlock(&lock);
	return n;
}

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

static u32 state_of(const struct region *r)
{
	return r->making ? MAKING : r->owner ? ALIVE : ORPHANED;
}

void moeai_shmem_fill(const struct moeai_table *table, struct moeai_rows *rows)
{
	const struct region *r;

	mutex_lock(&lock);
	list_for_each_entry(r, &regions, list)
		moeai_row(rows, moeai_str(R_NAME, r->name), moeai_u32(R_ID, r->id),
			  moeai_strn(R_MODULE, r->name, strchr(r->name, '.') - r->name),
			  moeai_u64(R_SIZE, (u64)r->n << PAGE_SHIFT),
			  moeai_bool(R_WRITABLE, r->flags & MOEAI_SHMEM_WRITE),
			  moeai_u32(R_STATE, state_of(r)), moeai_u32(R_FILES, r->files),
			  moeai_u32(R_MAPS, atomic_read(&r->maps)));
	mutex_unlock(&lock);
}
