// SPDX-License-Identifier: GPL-2.0
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat.h"
#include "device.h"
#include "region.h"
#include "shmem.h"

/* An open file. */
struct opened {
	struct moeai_device_user user; /* of users */
	struct moeai_region_priv *region;
};

static LIST_HEAD(users); /* under moeai_region_lock */

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
	const struct moeai_region_priv *r = ((struct opened *)file->private_data)->region;
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
	struct moeai_region_priv *r = ((struct opened *)file->private_data)->region;

	poll_wait(file, &r->wait, table);
	return READ_ONCE(r->owner) ? 0 : EPOLLHUP;
}

static int region_release(struct inode *inode, struct file *file)
{
	struct opened *u = file->private_data;

	mutex_lock(&moeai_region_lock);
	list_del(&u->user.list);
	u->region->files--;
	moeai_region_put(u->region);
	mutex_unlock(&moeai_region_lock);
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

static int check_access(const struct moeai_region_priv *r, u32 flags)
{
	if (!(flags & MOEAI_SHMEM_WRITE))
		return 0;
	if (!(r->flags & MOEAI_SHMEM_WRITE))
		return -EACCES;
	return capable(CAP_NET_ADMIN) ? 0 : -EPERM;
}

static struct file *open_file(struct opened *u, struct moeai_region *out)
{
	struct moeai_region_priv *r = moeai_region_find(out->name);
	int ret = r ? check_access(r, out->flags) : -ENOENT;
	struct file *file;

	lockdep_assert_held(&moeai_region_lock);
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
	mutex_lock(&moeai_region_lock);
	file = open_file(u, out);
	mutex_unlock(&moeai_region_lock);
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

	mutex_lock(&moeai_region_lock);
	list_for_each_entry(u, &users, user.list)
		fn(u->region->name, &u->user, arg);
	mutex_unlock(&moeai_region_lock);
}

unsigned int moeai_shmem_files(void)
{
	const struct list_head *at;
	unsigned int n = 0;

	mutex_lock(&moeai_region_lock);
	list_for_each(at, &users)
		n++;
	mutex_unlock(&moeai_region_lock);
	return n;
}
