// SPDX-License-Identifier: GPL-2.0
/* EVENT do: what is published, by whom the kernel says it was, and how often. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "ask.h"
#include "events.h"
#include "user.h"

static struct wire w, group;

static int publish_bytes(struct wire *s, const void *text, size_t len, int priority)
{
	struct verdict v;
	struct msg m;
	size_t nest;

	msg_begin(&m, MOEAI_MSG_EVENT, 0);
	if (priority >= 0)
		msg_u32(&m, MOEAI_A_EVENT_PRIORITY, priority);
	nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
	msg_put(&m, MOEAI_A_MESSAGE_TEXT, text, len);
	msg_nest_end(&m, nest);
	return wire_ask(s, &m, &v);
}

static int publish(const char *text, int priority)
{
	return publish_bytes(&w, text, strlen(text) + 1, priority);
}

/* The next event that the group gets must be user.message. */
static void heard(struct event *e)
{
	const struct nlmsghdr *nlh = wire_next(&group, WIRE_WAIT);

	assert_non_null(nlh);
	event_read(nlh, e);
	assert_int_equal(e->type, MOEAI_EV_MESSAGE);
	assert_string_equal(e->source, "user");
}

static void assert_from(const struct event *e, uint32_t pid, uint32_t uid, const char *comm)
{
	assert_int_equal(attr_u32(attr_in(e->data, MOEAI_A_MESSAGE_PID)), pid);
	assert_int_equal(attr_u32(attr_in(e->data, MOEAI_A_MESSAGE_UID)), uid);
	assert_string_equal(attr_data(attr_in(e->data, MOEAI_A_MESSAGE_COMM)), comm);
}

static const char *text_of(const struct event *e)
{
	const struct nlattr *a = attr_in(e->data, MOEAI_A_MESSAGE_TEXT);

	assert_int_equal(attr_len(a), strlen(attr_data(a)) + 1);
	return attr_data(a);
}

/* ---- what is published ---------------------------------------------------------- */

static void test_event(void **state)
{
	uint64_t seq = status_number(&w, MOEAI_A_STATUS_LOG_NEXT);
	struct event e;

	assert_int_equal(publish("hello", -1), 0);
	heard(&e);
	assert_int_equal(e.seq, seq);
	assert_int_equal(e.priority, MOEAI_PRIO_INFO);
	assert_string_equal(text_of(&e), "hello");
	assert_from(&e, getpid(), 0, "test_publish");
	assert_int_equal(e.nlh->nlmsg_seq, 0);
	assert_int_equal(e.nlh->nlmsg_pid, 0);
	assert_int_equal(e.nlh->nlmsg_flags, 0);
}

static void test_priorities(void **state)
{
	struct event e;
	int p;

	for (p = MOEAI_PRIO_DEBUG; p <= MOEAI_PRIO_WARNING; p++) {
		assert_int_equal(publish("p", p), 0);
		heard(&e);
		assert_int_equal(e.priority, p);
	}
	assert_int_equal(publish("p", MOEAI_PRIO_CRITICAL), -ERANGE);
	assert_int_equal(publish("p", __MOEAI_PRIO_MAX), -ERANGE);
	assert_null(wire_next(&group, 50));
}

static void test_lengths(void **state)
{
	static char text[MOEAI_MESSAGE_LEN + 2];
	struct event e;
	size_t len;

	for (len = 1; len <= MOEAI_MESSAGE_LEN; len = len < 40 || len >= 4080 ? len + 1 : 4080) {
		memset(text, 'a' + len % 26, len);
		text[len] = 0;
		assert_int_equal(publish(text, -1), 0);
		heard(&e);
		assert_string_equal(text_of(&e), text);
	}
	memset(text, 'x', MOEAI_MESSAGE_LEN + 1);
	assert_int_equal(publish(text, -1), -ERANGE);
	assert_int_equal(publish("", -1), -ERANGE);
	assert_null(wire_next(&group, 50));
}

static void test_all_bytes(void **state)
{
	char text[256];
	struct event e;
	int i;

	for (i = 0; i < 255; i++)
		text[i] = i + 1;
	text[255] = 0;
	assert_int_equal(publish(text, -1), 0);
	heard(&e);
	assert_string_equal(text_of(&e), text);
	assert_int_equal(publish_bytes(&w, text, 255, -1), -EINVAL); /* no NUL */
	text[100] = 0;
	assert_int_equal(publish_bytes(&w, text, 256, -1), -EINVAL); /* two */
	assert_null(wire_next(&group, 50));
}

/* ---- who published it: what the kernel knows -------------------------------------- */

static int publish_as_other(void *comm)
{
	static struct wire s;

	if (wire_try_open(&s))
		return -1;
	prctl(PR_SET_NAME, comm);
	return publish_bytes(&s, "mine", 5, -1) ?: getpid();
}

static void test_sender(void **state)
{
	struct event e;
	int pid;

	pid = as_uid(1234, publish_as_other, "a \"b\"\n\\");
	assert_true(pid > 0);
	heard(&e);
	assert_from(&e, pid, 1234, "a \"b\"\n\\");
	pid = as(NET_ADMIN, publish_as_other, "x");
	assert_true(pid > 0);
	heard(&e);
	assert_from(&e, pid, 65534, "x");
}

/* ---- how often --------------------------------------------------------------------- */

static int publish_burst(void *arg)
{
	static struct wire s;
	int i, ret, refused = 0;

	if (wire_try_open(&s))
		return -1;
	for (i = 0; i < *(int *)arg; i++) {
		ret = publish_bytes(&s, "burst", 6, -1);
		if (ret && ret != -EBUSY)
			return -2;
		refused += !!ret;
	}
	return refused;
}

static void set_rate(int rate)
{
	assert_int_equal(control("param.set name=core.publish_rate value=%d", rate), 0);
}

/* Twenty at once are allowed in any second, and the rest are refused and counted. */
static void test_rate(void **state)
{
	uint64_t before = log_counter(&w, "refused_rate");
	int n = 200, one = 1, refused;
	time_t begin = time(NULL);

	set_rate(20);
	refused = as_uid(2001, publish_burst, &n);
	/* The bucket was full, and is filled again while it takes a slow machine that long. */
	assert_in_range(refused, n - 20 * (2 + (time(NULL) - begin)), n - 20);
	assert_int_equal(log_counter(&w, "refused_rate"), before + refused);
	/* That is this uid's bucket and nobody else's; it fills again, at the rate. */
	set_rate(1);
	assert_int_equal(as_uid(2001, publish_burst, &one), 1);
	assert_int_equal(as_uid(2002, publish_burst, &one), 0);
	usleep(1100000);
	assert_int_equal(as_uid(2001, publish_burst, &one), 0);
	log_balanced(&w);
	set_rate(0);
	n = 3000;
	assert_int_equal(as_uid(2001, publish_burst, &n), 0);
	set_rate(1000);
}

/* A refusal says what to do about it. */
static int refusal_text(void *arg)
{
	static struct wire s;
	struct verdict v;
	struct msg m;
	size_t nest;
	int i;

	if (wire_try_open(&s))
		return -1;
	for (i = 0; i < 3; i++) {
		msg_begin(&m, MOEAI_MSG_EVENT, 0);
		nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
		msg_str(&m, MOEAI_A_MESSAGE_TEXT, "x");
		msg_nest_end(&m, nest);
		wire_ask(&s, &m, &v);
	}
	return v.error == -EBUSY &&
	       !strcmp(v.text, "too many messages a second: see core.publish_rate");
}

static void test_rate_text(void **state)
{
	set_rate(1);
	assert_int_equal(as_uid(2003, refusal_text, NULL), 1);
	set_rate(1000);
}

/* More users than the kernel remembers at once: each is still allowed its share. */
static void test_many_users(void **state)
{
	int two = 2;
	uint32_t uid;

	set_rate(1);
	for (uid = 3000; uid < 3100; uid++)
		assert_int_equal(as_uid(uid, publish_burst, &two), 1);
	set_rate(1000);
}

static int begin(void **state)
{
	wire_open(&w);
	sh("rmmod moeai_mem_monitor 2>/dev/null");
	return 0;
}

/* Each test hears its own events only. */
static int join(void **state)
{
	wire_open(&group);
	wire_rcvbuf(&group, 1 << 22);
	return wire_join(&group, MOEAI_GROUP_EVENTS);
}

static int leave(void **state)
{
	wire_close(&group);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, join, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_event),  TEST(test_priorities), TEST(test_lengths), TEST(test_all_bytes),
		TEST(test_sender), TEST(test_rate),	  TEST(test_rate_text),
		TEST(test_many_users),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
