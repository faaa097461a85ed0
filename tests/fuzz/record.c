// SPDX-License-Identifier: GPL-2.0
/*
 * record FOLDER: seeds of real bytes, from the kernel that is running.
 *
 *	FOLDER/session/NAME	what fuzz_session was told in that session
 *	FOLDER/decode/…		of the messages in these, one of each shape
 */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include "fuzz.h"
#include "session.h"
#include "transport.h"

static FILE *create(const char *folder, const char *target, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
	file = fopen(path, "w+b");
	promise(file);
	return file;
}

/* Who sent it, what it is, and which attributes it has, in which order. */
static void shape_of(const struct nlmsghdr *msg, char name[64])
{
	struct attr_run run = { 0 };
	unsigned int sum = 0;
	struct attr a;
	size_t pos = 0;
	int cmd = 0;

	if (msg->nlmsg_type >= NLMSG_MIN_TYPE) {
		cmd = message_command(msg);
		run = message_attrs(msg);
	}
	while (attr_next(run.data, run.len, &pos, &a) > 0 && pos < 200)
		sum = sum * 31 + a.type;
	snprintf(name, 64, "%s-%d-%04x", msg->nlmsg_type < NLMSG_MIN_TYPE ? "control" :
		 msg->nlmsg_type == GENL_ID_CTRL ? "nlctrl" : "moeai", cmd, sum & 0xffff);
}

static void keep_messages(const char *folder, const void *data, size_t len)
{
	const struct nlmsghdr *msg;
	char name[64];
	size_t pos = 0;
	FILE *file;

	while (message_next(data, len, &pos, &msg) > 0) {
		if (msg->nlmsg_len > 2048)
			continue; /* a page of a table: session has it */
		shape_of(msg, name);
		file = create(folder, "decode", name);
		promise(fwrite(msg, msg->nlmsg_len, 1, file) == 1);
		fclose(file);
	}
}

static void keep_datagrams(const char *folder, FILE *file)
{
	static char data[1 << 16];
	int low, high;
	size_t len;

	fseek(file, 1, SEEK_SET);
	while ((low = getc(file)) != EOF && (high = getc(file)) != EOF) {
		len = low | high << 8;
		if (len >= KERNEL_SIGNAL)
			continue;
		promise(fread(data, 1, len, file) == len);
		keep_messages(folder, data, len);
	}
}

int main(int argc, char **argv)
{
	FILE *file;

	promise(argc == 2);
	for (int i = 0; sessions[i].name; i++) {
		if (!sessions[i].recorded)
			continue;
		file = create(argv[1], "session", sessions[i].name);
		putc(i, file);
		kernel_record(file);
		sessions[i].run();
		fflush(file);
		keep_datagrams(argv[1], file);
		fclose(file);
	}
	return 0;
}
