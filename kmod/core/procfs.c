// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include "call.h"
#include "control.h"
#include "event.h"
#include "procfs.h"
#include "replay.h"
#include "schema.h"
#include "status.h"
#include "text.h"

static struct proc_dir_entry *root, *modules;

/* Text straight into a seq_file's buffer, which grows and asks again if it is short. */
static struct moeai_text seq_text(struct seq_file *m)
{
	struct moeai_text t = {};

	t.size = seq_get_buf(m, &t.buf);
	return t;
}

static void seq_text_end(struct seq_file *m, const struct moeai_text *t)
{
	seq_commit(m, t->len < t->size ? t->len : -1);
}

/* ---- status ------------------------------------------------------------------- */

static int status_show(struct seq_file *m, void *unused)
{
	struct moeai_value v[MOEAI_A_STATUS_MAX];
	unsigned int i, n = moeai_status_values(v);
	struct moeai_text t = seq_text(m);
	struct moeai_last_call last;

	for (i = 0; i < n; i++) {
		const struct moeai_field *f = moeai_schema_field(&moeai_status_schema, v[i].id);
		const void *data = v[i].kind == MOEAI_VALUE_NUMBER ? &v[i].u64 : v[i].data;

		moeai_text_printf(&t, "%s: ", f->name);
		moeai_text_payload(&t, f, data, v[i].len, true);
		moeai_text_printf(&t, "\n");
	}
	moeai_last_call(&last);
	moeai_text_printf(&t, "last_call: id=%u seq=%u status=%d\n", last.id, last.seq,
			  last.status);
	seq_text_end(m, &t);
	return 0;
}

/* ---- log ------------------------------------------------------------------------ */

#define LOG_BUF SZ_16K

/* An open log: a replay, and the messages it last gave. */
struct reader {
	struct moeai_replay replay;
	loff_t pos; /* of the message at off */
	int off;
	int len;
	u8 buf[LOG_BUF];
};

static void *current_msg(struct reader *r)
{
	if (r->off == r->len) {
		r->off = 0;
		r->len = max(moeai_replay_fill(&r->replay, r->buf, LOG_BUF), 0);
	}
	return r->off < r->len ? r->buf + r->off : NULL;
}

static void *log_start(struct seq_file *m, loff_t *pos)
{
	struct reader *r = m->private;

	return *pos == r->pos ? current_msg(r) : ERR_PTR(-ESPIPE);
}

static void *log_next(struct seq_file *m, void *msg, loff_t *pos)
{
	struct reader *r = m->private;

	r->off += ((struct nlmsghdr *)msg)->nlmsg_len;
	r->pos = ++*pos;
	return current_msg(r);
}

static void log_stop(struct seq_file *m, void *msg)
{
}

static const char *const priorities[] = { "debug", "info", "notice", "warning", "critical" };
static const char *const reasons[] = { "overwritten", "cleared" };
static_assert(ARRAY_SIZE(priorities) == MOEAI_PRIO_MAX + 1);
static_assert(ARRAY_SIZE(reasons) == MOEAI_LOST_MAX + 1);

static void event_text(struct moeai_text *t, struct nlattr **tb)
{
	const struct moeai_event_type *type;
	u32 id = nla_get_u32(tb[MOEAI_A_EVENT_TYPE]);
	struct nlattr *data = tb[MOEAI_A_EVENT_DATA];

	moeai_text_printf(t, "%llu %llu %s ", nla_get_u64(tb[MOEAI_A_EVENT_SEQ]),
			  nla_get_u64(tb[MOEAI_A_EVENT_TIME]),
			  priorities[nla_get_u32(tb[MOEAI_A_EVENT_PRIORITY])]);
	rcu_read_lock();
	type = moeai_event_type_find(id);
	if (type) {
		moeai_text_printf(t, "%s", type->name);
		moeai_text_attrs(t, &type->schema, nla_data(data), nla_len(data), " ", "=");
	} else {
		moeai_text_printf(t, "#%u", id); /* its module is gone */
	}
	rcu_read_unlock();
}

static void notice_text(struct moeai_text *t, struct nlattr **tb)
{
	struct nlattr *lost[MOEAI_A_LOST_MAX + 1];

	if (!tb[MOEAI_A_EVENT_LOST]) {
		moeai_text_printf(t, "epoch=%#llx first=%llu next=%llu",
				  nla_get_u64(tb[MOEAI_A_EVENT_EPOCH]),
				  nla_get_u64(tb[MOEAI_A_EVENT_FIRST]),
				  nla_get_u64(tb[MOEAI_A_EVENT_NEXT]));
		return;
	}
	nla_parse_nested(lost, MOEAI_A_LOST_MAX, tb[MOEAI_A_EVENT_LOST], NULL, NULL);
	moeai_text_printf(t, "lost from=%llu to=%llu reason=%s",
			  nla_get_u64(lost[MOEAI_A_LOST_FROM]), nla_get_u64(lost[MOEAI_A_LOST_TO]),
			  reasons[nla_get_u32(lost[MOEAI_A_LOST_REASON])]);
}

static int log_show(struct seq_file *m, void *msg)
{
	struct nlattr *tb[MOEAI_A_EVENT_MAX + 1];
	struct moeai_text t = seq_text(m);

	/* Our own messages: whole, and with all that belongs to them. */
	nlmsg_parse_deprecated(msg, GENL_HDRLEN, tb, MOEAI_A_EVENT_MAX, NULL, NULL);
	if (tb[MOEAI_A_EVENT_SEQ])
		event_text(&t, tb);
	else
		notice_text(&t, tb);
	moeai_text_printf(&t, "\n");
	seq_text_end(m, &t);
	return 0;
}

static const struct seq_operations log_seq_ops = {
	.start = log_start,
	.next  = log_next,
	.stop  = log_stop,
	.show  = log_show,
};

static int log_open(struct inode *inode, struct file *file)
{
	struct reader *r;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	r = kvzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	if (seq_open(file, &log_seq_ops)) {
		kvfree(r);
		return -ENOMEM;
	}
	((struct seq_file *)file->private_data)->private = r;
	moeai_replay_init(&r->replay, NULL);
	return 0;
}

static int log_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

static const struct proc_ops log_ops = {
	.proc_open    = log_open,
	.proc_read    = seq_read,
	.proc_release = log_release,
};

/* ---- entries of others -------------------------------------------------------------- */

/* What moeai_procfs_create_entry() was given. */
struct entry {
	struct list_head list;
	struct proc_dir_entry *pde, *parent;
	int (*show)(struct seq_file *m, void *unused);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t len, loff_t *pos);
	void *data;
	char name[];
};

static DEFINE_MUTEX(entries_lock); /* guards entries */
static LIST_HEAD(entries);

static int empty_show(struct seq_file *m, void *unused)
{
	return 0;
}

static int entry_open(struct inode *inode, struct file *file)
{
	const struct entry *e = pde_data(inode);

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	return single_open(file, e->show ?: empty_show, e->data);
}

static ssize_t entry_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	const struct entry *e = pde_data(file_inode(file));

	return e->write ? e->write(file, buf, len, pos) : -EINVAL;
}

static const struct proc_ops entry_ops = {
	.proc_open    = entry_open,
	.proc_read    = seq_read,
	.proc_write   = entry_write,
	.proc_lseek   = seq_lseek,
	.proc_release = single_release,
};

struct proc_dir_entry *
moeai_procfs_create_entry(const char *name, struct proc_dir_entry *parent, umode_t mode,
			  int (*show)(struct seq_file *, void *),
			  ssize_t (*write)(struct file *, const char __user *, size_t, loff_t *),
			  void *data)
{
	struct entry *e = kmalloc(sizeof(*e) + strlen(name) + 1, GFP_KERNEL);

	if (!e)
		return NULL;
	*e = (struct entry){ .parent = parent, .show = show, .write = write, .data = data };
	strcpy(e->name, name);
	e->pde = proc_create_data(name, mode & 0777, parent ?: root, &entry_ops, e);
	if (!e->pde) {
		kfree(e);
		return NULL;
	}
	mutex_lock(&entries_lock);
	list_add(&e->list, &entries);
	mutex_unlock(&entries_lock);
	return e->pde;
}
EXPORT_SYMBOL_GPL(moeai_procfs_create_entry);

static struct entry *take_entry(const char *name, const struct proc_dir_entry *parent)
{
	struct entry *e;

	list_for_each_entry(e, &entries, list) {
		if (e->parent != parent || strcmp(e->name, name))
			continue;
		list_del(&e->list);
		return e;
	}
	return NULL;
}

void moeai_procfs_remove_entry(const char *name, struct proc_dir_entry *parent)
{
	struct entry *e;

	mutex_lock(&entries_lock);
	e = take_entry(name, parent);
	mutex_unlock(&entries_lock);
	if (!e)
		return;
	proc_remove(e->pde); /* waits for its callbacks */
	kfree(e);
}
EXPORT_SYMBOL_GPL(moeai_procfs_remove_entry);

/* ---- the tree ------------------------------------------------------------------------ */

struct proc_dir_entry *moeai_procfs_module_add(struct moeai_module *module)
{
	return proc_create_data(module->name, 0600, modules, &moeai_control_ops, module);
}

void moeai_procfs_module_remove(struct proc_dir_entry *entry)
{
	proc_remove(entry);
}

int moeai_procfs_init(void)
{
	root = proc_mkdir("moeai", NULL);
	if (!root)
		return -ENOMEM;
	modules = proc_mkdir("modules", root);
	if (modules && proc_create_single("status", 0444, root, status_show) &&
	    proc_create("log", 0400, root, &log_ops) &&
	    proc_create("control", 0600, root, &moeai_control_ops))
		return 0;
	proc_remove(root);
	return -ENOMEM;
}

void moeai_procfs_exit(void)
{
	proc_remove(root);
}
