// SPDX-License-Identifier: GPL-2.0
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/moeai_compat.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include "place.h"
#include "who.h"

void fs_who_ids(struct fs_who *who)
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
	who->kthread = current->flags & PF_KTHREAD;
	memcpy(who->comm, current->comm, sizeof(who->comm)); /* torn at worst, without its lock */
	who->comm[sizeof(who->comm) - 1] = '\0';
	who->exe = (struct fs_text){};
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

void fs_who_get(struct fs_who *who, struct fs_exe *exes, char *buf)
{
	struct fs_exe *exe;

	fs_who_ids(who);
	if (who->kthread)
		return;
	exe = &exes[who->pid % FS_EXES];
	if (exe->pid != who->pid || exe->started != who->started ||
	    exe->exec_id != current->self_exec_id) {
		if (!current->mm)
			return; /* it is about to end */
		exe->pid = who->pid;
		exe->started = who->started;
		exe->exec_id = current->self_exec_id;
		look_up(exe, buf);
	}
	who->exe = (struct fs_text){ exe->path, exe->len };
}
