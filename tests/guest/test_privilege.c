// SPDX-License-Identifier: GPL-2.0
/* Who may do what: the table of the protocol's header, row by row, for everybody. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "ask.h"
#include "user.h"

/*
 * Each deed is done by a child and returns 0 or -errno. The numbers of family
 * and groups are the parent's, who can see the family: so that what is asked
 * for in another network namespace is right but for the place.
 */
static struct wire w;

static void open_there(struct wire *s)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	*s = (struct wire){ .family = w.family };
	memcpy(s->groups, w.groups, sizeof(s->groups));
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (bind(s->fd, (struct sockaddr *)&any, sizeof(any)))
		_exit(122);
}

/* 0 or the error of what is answered first, of the dump's end for a dump. */
static int ask_there(struct msg *m)
{
	static struct wire s;
	const struct nlmsghdr *nlh;
	struct verdict v = {};
	int ret;

	open_there(&s);
	msg_head(m)->nlmsg_flags |= NLM_F_ACK;
	ret = wire_send(&s, m);
	while (!ret && (nlh = wire_next(&s, WIRE_WAIT)))
		if (wire_verdict(&s, nlh, &v))
			break;
	close(s.fd);
	return ret ?: nlh ? v.error : -ETIME;
}

/* ---- deeds over netlink ----------------------------------------------------------- */

static int find_family(void *arg)
{
	static struct wire s;

	return wire_try_open(&s);
}

static int get_status(void *arg)
{
	struct msg m;

	msg_begin(&m, MOEAI_MSG_STATUS, 0);
	return ask_there(&m);
}

static int join_there(enum moeai_netlink_groups group)
{
	static struct wire s;

	open_there(&s);
	return wire_join(&s, group);
}

static int join_status(void *arg)
{
	return join_there(MOEAI_GROUP_STATUS);
}

static int join_events(void *arg)
{
	return join_there(MOEAI_GROUP_EVENTS);
}

/* A group by bind()'s mask: only groups up to 32 can be had so. */
static int bind_events(void *arg)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
				    .nl_groups = 1U << (w.groups[MOEAI_GROUP_EVENTS] - 1) };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	return bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
}

static int replay(void *arg)
{
	struct msg m;

	msg_begin(&m, MOEAI_MSG_EVENT, NLM_F_DUMP);
	return ask_there(&m);
}

static int call(void *arg)
{
	struct msg m;

	msg_begin(&m, MOEAI_MSG_COMMAND, 0);
	msg_str(&m, MOEAI_A_COMMAND_NAME, "core.ping");
	return ask_there(&m);
}

static int publish(void *arg)
{
	struct msg m;
	size_t nest;

	msg_begin(&m, MOEAI_MSG_EVENT, 0);
	nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
	msg_str(&m, MOEAI_A_MESSAGE_TEXT, "hello");
	msg_nest_end(&m, nest);
	return ask_there(&m);
}

static int table(void *arg)
{
	struct msg m;

	msg_begin(&m, MOEAI_MSG_DATA, NLM_F_DUMP);
	msg_str(&m, MOEAI_A_DATA_TABLE, arg);
	return ask_there(&m);
}

/* There is no table of that name, which is told to those alone who could change it. */
static int change(void *arg)
{
	struct msg m;
	int ret;

	msg_begin(&m, MOEAI_MSG_DATA, 0);
	msg_str(&m, MOEAI_A_DATA_TABLE, "nothing.here");
	msg_u32(&m, MOEAI_A_DATA_ACTION, MOEAI_ACTION_FLUSH);
	ret = ask_there(&m);
	return ret == -ENOENT && find_family(NULL) == 0 ? 0 : ret;
}

/* ---- deeds in procfs ---------------------------------------------------------------- */

static int read_file(void *path)
{
	int fd = open(path, O_RDONLY), ret = 0;
	char c;

	if (fd < 0)
		return -errno;
	if (read(fd, &c, 1) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int write_ping(void *path)
{
	return put_line(path, "core.ping\n", 10);
}

static int write_list(void *path)
{
	return put_line(path, "ping\n", 5);
}

/* ---- the table -------------------------------------------------------------------------- */

#define YES 0
#define NO  -EPERM
#define OFF -EACCES /* by the file's mode, before anybody else is asked */
#define NIL -ENOENT

static const struct {
	const char *what;
	int (*fn)(void *arg);
	const char *arg;
	int expected[N_WHO];
} deeds[] = {
	/*					 root bare nobody net  sys  userns +net other */
	{ "find the family", find_family, NULL,	 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "STATUS", get_status, NULL,		 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	/* In another network namespace the groups can be joined, and are silent. */
	{ "group status", join_status, NULL,	 { YES, YES, YES, YES, YES, YES, YES, YES } },
	{ "group events", join_events, NULL,	 { YES, NO, NO, NO, YES, NO, YES, YES } },
	{ "group events, bind", bind_events, NULL, { YES, NO, NO, NO, YES, NO, YES, YES } },
	{ "replay", replay, NULL,		 { YES, NO, NO, NO, YES, NO, NIL, NIL } },
	{ "COMMAND", call, NULL,		 { YES, NO, NO, YES, NO, NO, NIL, NIL } },
	{ "publish", publish, NULL,		 { YES, NO, NO, YES, NO, NO, NIL, NIL } },
	{ "table modules", table, "modules",	 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "table commands", table, "commands",	 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "table event_types", table, "event_types",
						 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "table fields", table, "fields",	 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "table params", table, "params",	 { YES, NO, NO, NO, YES, NO, NIL, NIL } },
	{ "table log", table, "log",		 { YES, NO, NO, NO, YES, NO, NIL, NIL } },
	{ "table tables", table, "tables",	 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "table shmem", table, "shmem",	 { YES, YES, YES, YES, YES, YES, NIL, NIL } },
	{ "table subscribers", table, "subscribers", { YES, NO, NO, NO, YES, NO, NIL, NIL } },
	{ "DATA do", change, NULL,		 { YES, NO, NO, YES, NO, NO, NIL, NIL } },
	{ "read status", read_file, "/proc/moeai/status",
						 { YES, YES, YES, YES, YES, YES, YES, YES } },
	{ "read log", read_file, "/proc/moeai/log",
						 { YES, NO, OFF, OFF, OFF, OFF, OFF, YES } },
	{ "read control", read_file, "/proc/moeai/control",
						 { YES, NO, OFF, OFF, OFF, OFF, OFF, YES } },
	{ "write control", write_ping, "/proc/moeai/control",
						 { YES, NO, OFF, OFF, OFF, OFF, OFF, YES } },
	{ "read a module", read_file, "/proc/moeai/modules/core",
						 { YES, NO, OFF, OFF, OFF, OFF, OFF, YES } },
	{ "write a module", write_list, "/proc/moeai/modules/core",
						 { YES, NO, OFF, OFF, OFF, OFF, OFF, YES } },
};

static void test_table(void **state)
{
	size_t i, wrong = 0;
	int who, ret;

	for (i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		for (who = 0; who < N_WHO; who++) {
			ret = as(who, deeds[i].fn, (void *)deeds[i].arg);
			if (ret == deeds[i].expected[who])
				continue;
			print_error("%s, %s: %d instead of %d\n", who_names[who], deeds[i].what,
				    ret, deeds[i].expected[who]);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

/* Groups joined by number in another network namespace. */
static int hear(void *arg)
{
	static struct wire s;

	open_there(&s);
	if (wire_join(&s, MOEAI_GROUP_STATUS))
		return -1;
	return !!wire_next(&s, 300);
}

static int hear_events(void *arg)
{
	static struct wire s;

	open_there(&s);
	if (wire_join(&s, MOEAI_GROUP_EVENTS))
		return -1;
	if (put_line(CONTROL, "log.clear", 9)) /* which is an event */
		return -2;
	return !!wire_next(&s, 300);
}

static void test_silent_groups(void **state)
{
	assert_int_equal(control("param.set name=core.status_ms value=20"), 0);
	usleep(1100000);
	assert_int_equal(as(ROOT, hear, NULL), 1);
	assert_int_equal(as(OTHER_NET, hear, NULL), 0);
	assert_int_equal(as(USERNS_NET_ROOT, hear, NULL), 0);
	assert_int_equal(control("param.set name=core.status_ms value=1000"), 0);
	assert_int_equal(as(ROOT, hear_events, NULL), 1);
	assert_int_equal(as(OTHER_NET, hear_events, NULL), 0);
}

/* Without the file's mode in the way, capabilities still are. */
static void test_files_of_all(void **state)
{
	static const struct {
		const char *path;
		int (*fn)(void *arg);
		enum who allowed;
	} files[] = {
		{ "/proc/moeai/log", read_file, SYS_ADMIN },
		{ "/proc/moeai/control", write_ping, NET_ADMIN },
		{ "/proc/moeai/modules/core", write_list, NET_ADMIN },
	};
	size_t i;
	int who;

	for (i = 0; i < 3; i++) {
		assert_int_equal(sh("chmod 666 %s", files[i].path), 0);
		for (who = BARE_ROOT; who <= USERNS_NET_ROOT; who++)
			assert_int_equal(as(who, files[i].fn, (void *)files[i].path),
					 who == (int)files[i].allowed ? 0 : -EPERM);
		assert_int_equal(sh("chmod 600 %s", files[i].path), 0);
	}
}

/* ---- a socket that changes hands ---------------------------------------------------------- */

/* What the socket that somebody else opened can do for the one who has it now. */
static int ask_through(struct wire *s, uint8_t cmd, uint16_t flags)
{
	struct verdict v;
	struct msg m;
	size_t nest;

	msg_begin(&m, cmd, flags);
	if (cmd == MOEAI_MSG_COMMAND)
		msg_str(&m, MOEAI_A_COMMAND_NAME, "core.ping");
	if (cmd == MOEAI_MSG_EVENT && !flags) {
		nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
		msg_str(&m, MOEAI_A_MESSAGE_TEXT, "hello");
		msg_nest_end(&m, nest);
	}
	return wire_ask(s, &m, &v);
}

static int three_deeds(void *arg)
{
	struct wire *s = arg;

	if (ask_through(s, MOEAI_MSG_STATUS, 0))
		return 1;
	if (ask_through(s, MOEAI_MSG_COMMAND, 0) != -EPERM)
		return 2;
	if (ask_through(s, MOEAI_MSG_EVENT, 0) != -EPERM)
		return 3;
	if (ask_through(s, MOEAI_MSG_EVENT, NLM_F_DUMP) != -EPERM)
		return 4;
	return 0;
}

/* Opened by root, used by another: what he may not, the socket may not for him. */
static void test_dropped(void **state)
{
	struct wire s;
	int who;

	for (who = BARE_ROOT; who <= USERNS_ROOT; who++) {
		if (who == NET_ADMIN || who == SYS_ADMIN)
			continue;
		wire_open(&s);
		assert_int_equal(as(who, three_deeds, &s), 0);
		wire_close(&s);
	}
}

/* Opened by nobody, used by root: as little (a program of root's may be made to write to it). */
static void test_handed_up(void **state)
{
	struct wire s;

	assert_int_equal(seteuid(65534), 0);
	wire_open(&s);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(three_deeds(&s), 0);
	wire_close(&s);
}

/* Files: what counts is who opened them. */
static int write_fd(void *arg)
{
	return write(*(int *)arg, "core.ping", 9) == 9 ? 0 : -errno;
}

static void test_open_file(void **state)
{
	int fd = open(CONTROL, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(as(NOBODY, write_fd, &fd), 0);
	close(fd);
}

/* Every refusal that is ours says why. */
static int refusal_has_text(void *arg)
{
	static const struct {
		uint8_t cmd;
		uint16_t flags;
		const char *text;
	} refusals[] = {
		{ MOEAI_MSG_EVENT, 0, "publishing needs CAP_NET_ADMIN" },
		{ MOEAI_MSG_EVENT, NLM_F_DUMP, "reading events needs CAP_SYS_ADMIN" },
		{ MOEAI_MSG_DATA, NLM_F_DUMP, "this table needs CAP_SYS_ADMIN" },
	};
	struct wire s;
	size_t i;

	wire_open(&s);
	for (i = 0; i < 3; i++) {
		struct verdict v;
		struct msg m;

		msg_begin(&m, refusals[i].cmd, refusals[i].flags);
		if (refusals[i].cmd == MOEAI_MSG_DATA)
			msg_str(&m, MOEAI_A_DATA_TABLE, "params");
		if (wire_ask(&s, &m, &v) != -EPERM || strcmp(v.text, refusals[i].text))
			return i + 1;
	}
	return 0;
}

static void test_texts(void **state)
{
	assert_int_equal(as(NOBODY, refusal_has_text, NULL), 0);
}

/* ---- nobody's dumps are bounded -------------------------------------------------------------- */

/* Begin a dump and look at its first message without taking it, which would go on with it. */
static int begin_dump(struct wire *s)
{
	int least = 1;
	struct msg m;

	open_there(s);
	setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
	msg_begin(&m, MOEAI_MSG_DATA, NLM_F_DUMP);
	msg_str(&m, MOEAI_A_DATA_TABLE, "fields");
	wire_send(s, &m);
	if (recv(s->fd, s->b, sizeof(s->b), MSG_PEEK | MSG_DONTWAIT) < (ssize_t)NLMSG_HDRLEN)
		return -errno;
	return ((struct nlmsghdr *)s->b)->nlmsg_type == w.family ? 0 : -EBUSY;
}

static int many_dumps(void *arg)
{
	enum { MAX = 80 };
	static struct wire s[MAX];
	int begun = 0;

	while (begun < MAX && !begin_dump(&s[begun]))
		begun++;
	return begun; /* the sockets go with the process */
}

static void test_dumps(void **state)
{
	assert_int_equal(as(NOBODY, many_dumps, NULL), 16);
	assert_int_equal(as(ROOT, many_dumps, NULL), 80); /* who may act is not bounded */
	assert_int_equal(as(NOBODY, many_dumps, NULL), 16);
}

static int begin(void **state)
{
	wire_open(&w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	  cmocka_unit_test(test_silent_groups),
		cmocka_unit_test(test_files_of_all),
		cmocka_unit_test(test_dropped),	  cmocka_unit_test(test_handed_up),
		cmocka_unit_test(test_open_file), cmocka_unit_test(test_texts),
		cmocka_unit_test(test_dumps),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
