// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include "test.h"

#define TEXT_LEN 128

/* ---- handlers that are registered ------------------------------------------------ */

static char last_text[TEXT_LEN]; /* what the text handler or the entry was given last */

static int text_handler(const char *args, void *data)
{
	strscpy(last_text, args, sizeof(last_text));
	if (!strcmp(args, "sleep"))
		msleep(1000);
	return strcmp(args, "fail") ? (long)data : -EIO;
}

/* An attribute as an answer: type 1, the byte 'x'. */
static const u8 good_answer[8] = { 5, 0, 1, 0, 'x' };
static const u8 bad_answer[3] = { 9, 9, 9 };

static struct {
	u32 pid, seq, id;
} pending;

static void answer_pending(struct work_struct *work)
{
	moeai_netlink_send_response(pending.pid, pending.seq, pending.id, -ETIME, NULL, 0);
}

static DECLARE_DELAYED_WORK(later, answer_pending);

static int send(const struct moeai_nl_command *c, u32 pid, u32 id, const void *data, u32 len)
{
	return moeai_netlink_send_response(pid, c->hdr.seq, id, 0, data, len);
}

/* Each call of the API must return what the header says: else -EPROTO is the answer. */
static int strange_answers(const struct moeai_nl_command *c)
{
	u32 pid = c->hdr.pid, id = c->command_id;

	if (send(c, pid, id, bad_answer, sizeof(bad_answer)) != -EINVAL ||
	    send(c, pid, id, NULL, MOEAI_ARGS_LEN + 1) != -EMSGSIZE ||
	    send(c, pid + 1, id, NULL, 0) != -ENOENT || send(c, pid, id + 1, NULL, 0) != -ENOENT ||
	    moeai_netlink_send_response(pid, 0, id, 0, NULL, 0) != -ENOENT ||
	    send(c, pid, id, good_answer, sizeof(good_answer)) != 0 ||
	    send(c, pid, id, good_answer, sizeof(good_answer)) != -ENOENT)
		return -EPROTO;
	return 0;
}

static int binary_handler(const struct moeai_nl_command *c, void *data)
{
	if (c->hdr.msg_type != MOEAI_MSG_COMMAND || c->hdr.flags || data != last_text)
		return -EPROTO;
	switch (c->args_len ? c->args[0] : 0) {
	case 's':
		return strange_answers(c);
	case 'e':
		return -EIO;
	case 'l':
		pending.pid = c->hdr.pid;
		pending.seq = c->hdr.seq;
		pending.id = c->command_id;
		schedule_delayed_work(&later, msecs_to_jiffies(50));
		return -EINPROGRESS;
	case 'n': /* never */
		return -EINPROGRESS;
	}
	return 0;
}

static int entry_show(struct seq_file *m, void *unused)
{
	if (m->private != last_text)
		return -EPROTO;
	seq_printf(m, "%s\n", last_text);
	return 0;
}

static ssize_t entry_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	if (len >= sizeof(last_text) || ((struct seq_file *)file->private_data)->private != last_text)
		return -EINVAL;
	if (copy_from_user(last_text, buf, len))
		return -EFAULT;
	last_text[len] = 0;
	return len;
}

/* ---- test.spec ---------------------------------------------------------------------- */

enum { SPEC_DO = 1, SPEC_NAME, SPEC_ID };

static const char *const do_labels[] = { "text_register", "text_unregister", "binary_register",
					 "binary_unregister", "create_entry", "remove_entry",
					 "text_no_handler", "binary_no_handler", NULL };

static const struct moeai_field spec_fields[] = {
	[SPEC_DO]   = { "do", NULL, MOEAI_TYPE_ENUM, .flags = MOEAI_F_REQUIRED,
			.labels = do_labels },
	[SPEC_NAME] = { "name", NULL, MOEAI_TYPE_STRING, .max = TEXT_LEN - 1 },
	[SPEC_ID]   = { "id", NULL, MOEAI_TYPE_U32 },
};

const struct moeai_schema test_spec_args = MOEAI_SCHEMA(spec_fields);

static char entry_name[TEXT_LEN];

static int create_entry(const char *name)
{
	if (*entry_name)
		return -EEXIST;
	strscpy(entry_name, name, sizeof(entry_name));
	if (moeai_procfs_create_entry(entry_name, NULL, 0600, entry_show, entry_write, last_text))
		return 0;
	*entry_name = 0;
	return -ENOMEM;
}

static int remove_entry(const char *name)
{
	moeai_procfs_remove_entry(name, NULL);
	if (!strcmp(name, entry_name))
		*entry_name = 0;
	return 0;
}

int test_spec(struct moeai_call *call)
{
	const char *name = moeai_arg_str(call, SPEC_NAME) ?: "";
	u32 id = moeai_arg_u32(call, SPEC_ID, 0);

	switch (moeai_arg_u32(call, SPEC_DO, 0)) {
	case 0:
		return test_result(call, moeai_procfs_register_cmd_handler(name, text_handler,
									   NULL));
	case 1:
		return test_result(call, moeai_procfs_unregister_cmd_handler(name));
	case 2:
		return test_result(call, moeai_netlink_register_command(id, binary_handler,
									last_text));
	case 3:
		cancel_delayed_work_sync(&later);
		return test_result(call, moeai_netlink_unregister_command(id));
	case 4:
		return test_result(call, create_entry(name));
	case 5:
		return test_result(call, remove_entry(name));
	case 6:
		return test_result(call, moeai_procfs_register_cmd_handler(name, NULL, NULL));
	}
	return test_result(call, moeai_netlink_register_command(id, NULL, NULL));
}

/* ---- test.send_event, test.send_status -------------------------------------------------- */

enum { SEND_TYPE = 1, SEND_PRIORITY, SEND_DATA };

static const struct moeai_field send_fields[] = {
	[SEND_TYPE]	= { "type", "an event type's id", MOEAI_TYPE_U32 },
	[SEND_PRIORITY] = { "priority", NULL, MOEAI_TYPE_U32 },
	[SEND_DATA]	= { "data", "attributes", MOEAI_TYPE_BINARY },
};

const struct moeai_schema test_send_args = MOEAI_SCHEMA(send_fields);

int test_send_event(struct moeai_call *call)
{
	const struct nlattr *data = call->args[SEND_DATA];
	u32 len = data ? nla_len(data) : 0;
	moeai_event_t *e = kzalloc(struct_size(e, data, len + 1), GFP_KERNEL);
	int ret;

	if (!e)
		return -ENOMEM;
	e->event_type = moeai_arg_u32(call, SEND_TYPE, 0);
	e->event_priority = moeai_arg_u32(call, SEND_PRIORITY, MOEAI_PRIO_INFO);
	strscpy(e->source, "forged", sizeof(e->source));
	e->timestamp = 1;
	e->data_len = len;
	if (len)
		memcpy(e->data, nla_data(data), len);
	ret = moeai_netlink_send_event(e);
	kfree(e);
	return test_result(call, ret);
}

int test_send_status(struct moeai_call *call)
{
	return test_result(call, moeai_netlink_send_status());
}

void test_spec_exit(void)
{
	cancel_delayed_work_sync(&later);
	if (*entry_name)
		moeai_procfs_remove_entry(entry_name, NULL);
}
