// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <net/genetlink.h>
#include "call.h"
#include "command.h"
#include "control.h"
#include "module.h"
#include "param.h"
#include "parse.h"
#include "specification.h"
#include "text.h"
#include "ticket.h"

#define LINE_MAX_LEN 4096
#define ANSWER_MAX   (128 << 10) /* 8 KiB of attributes, escaped, and names */

/* One open file. */
struct moeai_control {
	struct moeai_module *module; /* NULL: the file is control itself */
	struct mutex lock;	     /* one read or write at a time; guards what follows */
	char *answer;		     /* what can be read, from off to len */
	size_t len;
	size_t off;
	bool called; /* a response has come or will come */
	spinlock_t response_lock;
	struct sk_buff *response; /* under response_lock */
	wait_queue_head_t wait;
};

void moeai_control_answer(struct moeai_control *c, struct sk_buff *response)
{
	spin_lock_bh(&c->response_lock);
	swap(c->response, response);
	spin_unlock_bh(&c->response_lock);
	kfree_skb(response);
	wake_up(&c->wait);
}

static struct sk_buff *take_response(struct moeai_control *c)
{
	struct sk_buff *skb;

	spin_lock_bh(&c->response_lock);
	skb = c->response;
	c->response = NULL;
	spin_unlock_bh(&c->response_lock);
	return skb;
}

/* ---- the answer as text ----------------------------------------------------------- */

static int begin_answer(struct moeai_control *c, struct moeai_text *t)
{
	lockdep_assert_held(&c->lock);
	if (!c->answer)
		c->answer = kvmalloc(ANSWER_MAX, GFP_KERNEL_ACCOUNT);
	c->len = 0;
	c->off = 0;
	*t = (struct moeai_text){ .buf = c->answer, .size = ANSWER_MAX };
	return c->answer ? 0 : -ENOMEM;
}

static int status_answer(struct moeai_control *c, int status, const char *text)
{
	struct moeai_text t;

	if (begin_answer(c, &t))
		return -ENOMEM;
	moeai_text_printf(&t, "status %d%s", status, text && *text ? " " : "");
	if (text)
		moeai_text_escape(&t, text, strlen(text));
	moeai_text_printf(&t, "\n");
	c->len = moeai_text_end(&t);
	return status;
}

static void put_data(struct moeai_text *t, u32 id, const struct nlattr *data)
{
	struct moeai_command_entry *e = moeai_command_get(id);

	if (!e)
		return; /* its module went meanwhile, and the schema with it */
	moeai_text_attrs(t, &moeai_command_of(e)->reply, nla_data(data), nla_len(data), "\n", "=");
	moeai_command_put(e);
}

/* Write down a response, which it takes; returns its status. */
static int response_answer(struct moeai_control *c, struct sk_buff *skb)
{
	struct nlattr *tb[MOEAI_A_RESPONSE_MAX + 1], *message;
	struct moeai_text t;
	int status;

	if (begin_answer(c, &t)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	nlmsg_parse_deprecated((struct nlmsghdr *)skb->data, GENL_HDRLEN, tb, MOEAI_A_RESPONSE_MAX,
			       NULL, NULL);
	status = nla_get_s32(tb[MOEAI_A_RESPONSE_STATUS]);
	message = tb[MOEAI_A_RESPONSE_MESSAGE];
	moeai_text_printf(&t, "status %d%s", status, message ? " " : "");
	if (message)
		moeai_text_escape(&t, nla_data(message), nla_len(message) - 1);
	if (tb[MOEAI_A_RESPONSE_DATA])
		put_data(&t, nla_get_u32(tb[MOEAI_A_RESPONSE_ID]), tb[MOEAI_A_RESPONSE_DATA]);
	moeai_text_printf(&t, "\n");
	c->len = moeai_text_end(&t);
	kfree_skb(skb);
	return status;
}

static int module_answer(struct moeai_control *c)
{
	struct moeai_module_priv *m = c->module->priv;
	struct moeai_text t;
	unsigned int i;

	if (begin_answer(c, &t))
		return -ENOMEM;
	mutex_lock(&moeai_modules_lock);
	moeai_text_printf(&t, "state: %s\n", moeai_module_states[m->state]);
	for (i = 0; i < m->module->n_params; i++) {
		const struct moeai_param *p = &m->module->params[i];

		moeai_text_printf(&t, "%s.%s: ", p->flags & MOEAI_PARAM_STAT ? "stat" : "param",
				  p->field.name);
		moeai_param_text(m, i, &t);
		moeai_text_printf(&t, "\n");
	}
	mutex_unlock(&moeai_modules_lock);
	c->len = moeai_text_end(&t);
	return 0;
}

/* ---- the call ----------------------------------------------------------------------- */

static struct moeai_command_entry *find(struct moeai_control *c, const char *name)
{
	char full[MOEAI_FULL_NAME_LEN];

	if (!c->module)
		return moeai_command_get_name(name);
	if (snprintf(full, sizeof(full), "%s.%s", c->module->name, name) >= sizeof(full))
		return NULL;
	return moeai_command_get_name(full);
}

static int run(struct moeai_control *c, struct moeai_command_entry *e, void *args, int len)
{
	struct netlink_ext_ack extack = {};
	struct moeai_origin origin;
	struct sk_buff *skb;
	int ret;

	moeai_origin_init(&origin, MOEAI_VIA_PROCFS);
	origin.control = c;
	c->called = true;
	ret = moeai_call_run(e, &origin, args, len, &extack);
	if (ret) {
		c->called = false;
		return status_answer(c, ret, extack._msg);
	}
	skb = take_response(c);
	if (!skb)
		return 0; /* comes later: the reader waits for it */
	c->called = false;
	return response_answer(c, skb);
}

static int parse_and_run(struct moeai_control *c, struct moeai_command_entry *e, char *rest,
			 void *args, char *error, size_t size)
{
	const struct moeai_command *command = moeai_command_of(e);
	int len = 0, ret = 0;
	char *word;

	if (command->flags & MOEAI_COMMAND_TEXT)
		ret = moeai_text_argument(rest, args, &len, MOEAI_ARGS_LEN);
	while (!ret && !(command->flags & MOEAI_COMMAND_TEXT)) {
		word = moeai_parse_word(&rest);
		if (IS_ERR(word))
			return status_answer(c, -EINVAL, "a quote is not closed");
		if (!word)
			break;
		ret = moeai_parse_argument(&command->args, word, args, &len, MOEAI_ARGS_LEN, error,
					   size);
	}
	return ret ? status_answer(c, ret, error) : run(c, e, args, len);
}

static int call_line(struct moeai_control *c, char *line)
{
	char error[128] = "", *rest = line, *name = moeai_parse_word(&rest);
	struct moeai_command_entry *e;
	void *args;
	int ret;

	if (IS_ERR_OR_NULL(name))
		return status_answer(c, -EINVAL, "no command: write name key=value …");
	e = find(c, name);
	if (!e)
		return status_answer(c, -ENOENT, "no such command");
	args = kvmalloc(MOEAI_ARGS_LEN, GFP_KERNEL_ACCOUNT);
	ret = args ? parse_and_run(c, e, rest, args, error, sizeof(error)) : -ENOMEM;
	kvfree(args);
	moeai_command_put(e);
	return ret;
}

/* ---- the file ------------------------------------------------------------------------- */

static int control_open(struct inode *inode, struct file *file)
{
	struct moeai_control *c;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);
	if (!c)
		return -ENOMEM;
	c->module = pde_data(inode);
	mutex_init(&c->lock);
	spin_lock_init(&c->response_lock);
	init_waitqueue_head(&c->wait);
	file->private_data = c;
	return stream_open(inode, file); /* a reader who waits does not keep writers out */
}

static int control_release(struct inode *inode, struct file *file)
{
	struct moeai_control *c = file->private_data;

	moeai_tickets_forget(c); /* no answer comes any more */
	kfree_skb(c->response);
	kvfree(c->answer);
	kfree(c);
	return 0;
}

/* One line; a NUL or a second line in it is refused. Returns it or ERR_PTR. */
static char *copy_line(const char __user *buf, size_t len)
{
	char *line = memdup_user_nul(buf, len), *end;

	if (IS_ERR(line))
		return line;
	end = strchrnul(line, '\n');
	if (end - line + (*end == '\n') == len) {
		*end = 0;
		return line;
	}
	kfree(line);
	return ERR_PTR(-EINVAL);
}

static ssize_t control_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct moeai_control *c = file->private_data;
	char *line;
	int ret;

	if (len > LINE_MAX_LEN)
		return -E2BIG;
	line = copy_line(buf, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	if (mutex_lock_interruptible(&c->lock)) {
		kfree(line);
		return -ERESTARTSYS;
	}
	ret = -EBUSY;
	if (!c->called) {
		c->len = 0;
		ret = call_line(c, line);
	}
	mutex_unlock(&c->lock);
	kfree(line);
	return ret ?: len;
}

/* A call's answer is on its way. */
static bool awaited(struct moeai_control *c)
{
	return READ_ONCE(c->called) && !READ_ONCE(c->response);
}

/* Lock when there is an answer, or none to wait for; nobody is kept waiting by us. */
static int lock_answered(struct moeai_control *c, bool block)
{
	do {
		if (awaited(c) && !block)
			return -EAGAIN;
		if (wait_event_interruptible(c->wait, !awaited(c)) ||
		    mutex_lock_interruptible(&c->lock))
			return -ERESTARTSYS;
		if (!awaited(c))
			return 0;
		mutex_unlock(&c->lock); /* another call, just now */
	} while (true);
}

/* Make sure that there is something to read. */
static int make_answer(struct moeai_control *c)
{
	lockdep_assert_held(&c->lock);
	if (c->called) {
		c->called = false;
		response_answer(c, take_response(c));
	} else if (!c->len && c->module) {
		return module_answer(c);
	}
	return 0;
}

/* The file has no position; the answer has one. */
static ssize_t control_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct moeai_control *c = file->private_data;
	ssize_t ret;

	ret = lock_answered(c, !(file->f_flags & O_NONBLOCK));
	if (ret)
		return ret;
	ret = make_answer(c);
	if (!ret) {
		ret = min(len, c->len - c->off);
		if (copy_to_user(buf, c->answer + c->off, ret))
			ret = -EFAULT;
		else
			c->off += ret;
	}
	mutex_unlock(&c->lock);
	return ret;
}

/*
 * No poll: a file that is open at unload is released by procfs while a sleeping
 * poller still refers to its wait queue.
 */
const struct proc_ops moeai_control_ops = {
	.proc_open    = control_open,
	.proc_read    = control_read,
	.proc_write   = control_write,
	.proc_release = control_release,
};
