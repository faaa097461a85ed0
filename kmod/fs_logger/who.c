// SPDX-License-Identifier: GPL-2.0
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/moeai_compat.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "place.h"
#include "who.h"

void fs_who_get(struct fs_who *who)
{
	kuid_t login = audit_get_loginuid(current);

	who->pid = task_tgid_nr(current);
	who->tid = task_pid_nr(current);
	rcu_read_lock();
	who->ppid = task_tgid_nr(rcu_dereference(current->real_parent));
	rcu_read_unlock();
	/* As in the initial user namespace, which changes no number; -1 is no login. */
	who->uid = __kuid_val(current_uid());
	who->login_uid = __kuid_val(login);
	who->started = current->group_leader->start_boottime;
	who->exec_id = current->self_exec_id;
	who->kthread = !!(current->flags & PF_KTHREAD);
	memcpy(who->comm, current->comm, sizeof(who->comm)); /* torn at worst, without its lock */
	who->comm[sizeof(who->comm) - 1] = '\0';
}

static void look_up(struct fs_exe *exe, char *buf)
{
	struct file *file = current->mm ? moeai_exe_file(current->mm) : NULL;
	struct fs_place place = {};
	struct fs_text path;

	exe->len = 0;
	if (!file)
		return;
	place.dentry = file->f_path.dentry;
	if (fs_place_path(&place, buf, &path) && path.len <= sizeof(exe->path)) {
		memcpy(exe->path, path.s, path.len);
		exe->len = path.len;
	}
	fput(file);
}

static struct fs_text exe_of(const struct fs_who *who, struct fs_exe *exes, char *buf)
{
	struct fs_exe *exe = &exes[who->pid % FS_EXES];

	if (who->kthread)
		return (struct fs_text){};
	if (exe->pid != who->pid || exe->started != who->started ||
	    exe->exec_id != who->exec_id) {
		if (!current->mm)
			return (struct fs_text){}; /* it is about to end */
		exe->pid = who->pid;
		exe->started = who->started;
		exe->exec_id = who->exec_id;
		look_up(exe, buf);
	}
	return (struct fs_text){ exe->path, exe->len };
}

static bool same(const struct fs_who *a, const struct fs_who *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;
	u64 differ = 0;
	int i;

	static_assert(sizeof(*a) == 56 && __alignof__(*a) == 8);
	for (i = 0; i < 7; i++)
		differ |= x[i] ^ y[i];
	return !differ;
}

const struct fs_thread *fs_who_thread(struct fs_known *known, char *buf)
{
	struct fs_thread *t;
	struct fs_who who;

	fs_who_get(&who);
	t = &known->threads[who.tid % FS_THREADS];
	if (!same(&t->who, &who)) {
		t->who = who;
		t->len = fs_event_put_who(t->attrs, &who, exe_of(&who, known->exes, buf));
	}
	return t;
}
