// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls that are sent together, and what calls cost: sends, and memory of the library. */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <moeai/moeai.h>
#include "reader.h"

static struct moeai *h;

/* ---- what the library asks of libc ---------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned int allocations, sends, failing_sends;

/* These take the place of libc's, in its own calls and in the library's. */
void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	allocations++;
	return __libc_realloc(old, size);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	if (failing_sends) {
		failing_sends--;
		errno = ENOBUFS;
		return -1;
	}
	sends++;
	return syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

/* ---- calls, each of which knows how it must end ------------------------------------ */

struct expected {
	const char *text; /* of the answer; NULL: none */
	int status;
	const char *error; /* a part of it */
	int answered;
};

static int answers;

static void check_answer(void *arg, int status, const char *error,
			 const struct moeai_values *values)
{
	struct expected *e = arg;
	struct moeai_value v;

	if (status != e->status || (status && !strstr(error, e->error)))
		fail_msg("%d \"%s\" instead of %d \"%s\"", status, error, e->status, e->error);
	if (e->text) {
		assert_int_equal(moeai_values_get(values, "text", &v), 0);
		assert_string_equal(v.data, e->text);
	}
	e->answered++;
	answers++;
}

static void queue_ping(struct expected *e, const char *delay)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("text", e->text ? e->text : "x"),
					  MOEAI_TEXT("delay", delay) };

	if (moeai_call_queue(h, "core.ping", args, delay ? 2 : 1, check_answer, e))
		fail_msg("%s", moeai_error(h));
}

/* Refused by the kernel, which points at the second. */
static void queue_twice(struct expected *e)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("text", "a"), MOEAI_TEXT("text", "b") };

	*e = (struct expected){ NULL, -EINVAL, "core.ping: text: given twice", 0 };
	assert_int_equal(moeai_call_queue(h, "core.ping", args, 2, check_answer, e), 0);
}

static void await(int n)
{
	while (answers < n)
		if (moeai_dispatch(h, PATIENCE) < 0)
			fail_msg("%d of %d: %s", answers, n, moeai_error(h));
	assert_int_equal(answers, n);
	assert_int_equal(moeai_dispatch(h, 0), -ETIMEDOUT);
}

static void each_once(const struct expected *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(e[i].answered, 1);
}

/* ---- sent together ---------------------------------------------------------------- */

/* A hundred calls, some refused for this or that: each has its own answer. */
static void hundred(void **state)
{
	enum { N = 100 };
	static struct expected e[N];
	static char texts[N][8];

	assert_int_equal(moeai_mem_get(h, &(struct moeai_mem){ 0 }), 0); /* is known */
	assert_int_equal(system("rmmod moeai_mem_monitor"), 0);
	memset(e, 0, sizeof(e));
	answers = 0;
	sends = 0;
	for (int i = 0; i < N; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%d", i);
		if (i % 10 == 3) {
			queue_twice(&e[i]);
		} else if (i % 10 == 7) {
			e[i] = (struct expected){ NULL, -EINVAL, "module.start: ", 0 };
			assert_int_equal(moeai_call_queue(h, "module.start", NULL, 0, check_answer,
							  &e[i]), 0);
		} else if (i % 10 == 9) {
			e[i] = (struct expected){ NULL, -ENOENT, "no such command", 0 };
			assert_int_equal(moeai_call_queue(h, "mem_monitor.sample", NULL, 0,
							  check_answer, &e[i]), 0);
		} else {
			e[i].text = texts[i];
			queue_ping(&e[i], i % 10 == 5 ? "20ms" : NULL);
		}
	}
	assert_int_equal(moeai_flush(h), 0);
	assert_true(sends <= 2); /* 4 KB */
	await(N);
	each_once(e, N);
	assert_int_equal(system("modprobe moeai_mem_monitor"), 0);
}

/* What the library refuses itself is not queued. */
static void refused_here(void **state)
{
	const struct moeai_arg unknown[] = { MOEAI_TEXT("colour", "red") };
	struct expected e = { 0 };

	answers = 0;
	sends = 0;
	assert_int_equal(moeai_call_queue(h, "core.ping", unknown, 1, check_answer, &e), -EINVAL);
	assert_int_equal(moeai_call_queue(h, "core.ping", unknown, MOEAI_ARGS_MAX + 1,
					  check_answer, &e), -E2BIG);
	assert_int_equal(moeai_flush(h), 0);
	assert_int_equal(sends, 0);
	await(0);
}

/* More than goes into one datagram, by the smallest send buffer; one that is more alone. */
static void split(void **state)
{
	enum { N = 1000 };
	static struct expected e[N];
	static char text[1001];
	struct moeai_arg args[5];
	int smallest = 0;

	assert_int_equal(setsockopt(moeai_fd(h), SOL_SOCKET, SO_SNDBUF, &smallest,
				    sizeof(smallest)), 0);
	memset(text, 'x', sizeof(text) - 1);
	memset(e, 0, sizeof(e));
	answers = 0;
	for (int i = 0; i < N; i++) {
		e[i].text = i % 100 ? "short" : text;
		queue_ping(&e[i], NULL);
	}
	await(N);
	each_once(e, N);

	smallest = 1 << 20;
	assert_int_equal(setsockopt(moeai_fd(h), SOL_SOCKET, SO_SNDBUF, &smallest,
				    sizeof(smallest)), 0);
	answers = 0;
	e[0] = (struct expected){ .text = "before" };
	e[1] = (struct expected){ NULL, -EINVAL, "text: given twice", 0 };
	e[2] = (struct expected){ .text = "after" };
	for (int i = 0; i < 5; i++)
		args[i] = (struct moeai_arg)MOEAI_TEXT("text", text);
	queue_ping(&e[0], NULL);
	assert_int_equal(moeai_call_queue(h, "core.ping", args, 5, check_answer, &e[1]), 0);
	queue_ping(&e[2], NULL);
	await(3);
	each_once(e, 3);
}

/* Whatever else is asked goes behind what is queued, and is not held up by it. */
static void interleaved(void **state)
{
	struct expected e[] = { { .text = "0" }, { .text = "1" }, { .text = "2" }, { .text = "3" } };
	struct moeai_status status;

	answers = 0;
	queue_ping(&e[0], NULL);
	assert_int_equal(answers, 0);
	assert_int_equal(moeai_call(h, "core.ping", NULL, 0, PATIENCE, NULL), 0);
	assert_int_equal(e[0].answered, 1);
	queue_ping(&e[1], NULL);
	queue_twice(&e[2]);
	assert_int_equal(moeai_status_get(h, &status), 0);
	assert_true(e[1].answered && e[2].answered);
	queue_ping(&e[3], "50ms");
	assert_int_equal(moeai_call_begin(h, "core.ping", NULL, 0, check_answer,
					  &(struct expected){ 0 }), 0);
	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, "between"), 0);
	await(5);
	each_once(e, 4);
}

/* The kernel has no memory for it just now: nothing is lost, nothing is done twice. */
static void send_fails(void **state)
{
	struct expected e[] = { { .text = "0" }, { .text = "1" } };

	answers = 0;
	queue_ping(&e[0], NULL);
	failing_sends = 4;
	assert_int_equal(moeai_flush(h), -ENOMEM);
	assert_int_equal(moeai_dispatch(h, 0), -ENOMEM);
	assert_int_equal(moeai_call(h, "core.ping", NULL, 0, PATIENCE, NULL), -ENOMEM);
	assert_int_equal(moeai_call_begin(h, "core.ping", NULL, 0, check_answer, NULL), -ENOMEM);
	queue_ping(&e[1], NULL);
	await(2);
	each_once(e, 2);
}

/* ---- overrun ----------------------------------------------------------------------- */

struct overrun {
	int answered, lost, later;
};

static void count_later(void *arg, int status, const char *error,
			const struct moeai_values *values)
{
	struct overrun *o = arg;

	assert_int_equal(status, 0);
	o->later++;
}

/* The first answer queues one more, which is not among the lost: it is not sent yet. */
static void count(void *arg, int status, const char *error, const struct moeai_values *values)
{
	struct overrun *o = arg;

	if (!o->answered && !o->lost)
		assert_int_equal(moeai_call_queue(h, "core.ping", NULL, 0, count_later, o), 0);
	assert_true(!status || status == -ENOBUFS);
	o->answered += !status;
	o->lost += !!status;
}

static int receive_buffer(void)
{
	int size;
	socklen_t len = sizeof(size);

	assert_int_equal(getsockopt(moeai_fd(h), SOL_SOCKET, SO_RCVBUF, &size, &len), 0);
	return size;
}

/* Nobody takes the answers out: every call is told, and there is more room afterwards. */
static void overrun(void **state)
{
	enum { N = 10000 };
	int before = receive_buffer();
	struct overrun o = { 0 };

	for (int i = 0; i < N; i++)
		assert_int_equal(moeai_call_queue(h, "core.ping", NULL, 0, count, &o), 0);
	while (o.answered + o.lost < N)
		assert_true(moeai_dispatch(h, PATIENCE) > 0);
	assert_true(o.answered > 0 && o.lost > 0);
	assert_int_equal(o.later, 0);
	assert_true(moeai_dispatch(h, PATIENCE) > 0);
	assert_true(o.answered + o.lost == N && o.later == 1);
	assert_int_equal(receive_buffer(), 2 * before);
	print_message("%d queued at once: %d answered\n", N, o.answered);

	/* What is begun afterwards is none of it, in whichever call it was noticed. */
	o = (struct overrun){ .answered = 1 };
	for (int i = 0; i < N; i++)
		assert_int_equal(moeai_call_begin(h, "core.ping", NULL, 0, count, &o), 0);
	assert_int_equal(moeai_call(h, "core.ping", NULL, 0, PATIENCE, NULL), -ENOBUFS);
	assert_int_equal(o.answered + o.lost, N + 1);
	assert_int_equal(moeai_call_begin(h, "core.ping", NULL, 0, count_later, &o), 0);
	assert_int_equal(moeai_dispatch(h, PATIENCE), 1);
	assert_int_equal(receive_buffer(), 4 * before);
}

/* ---- the module goes ---------------------------------------------------------------- */

static void unload(void)
{
	assert_int_equal(system("rmmod moeai_mem_monitor && rmmod moeai"), 0);
}

static void load(void)
{
	assert_int_equal(system("modprobe moeai && modprobe moeai_mem_monitor"), 0);
}

/* Some are under way, some are queued; and it may be back before they are sent. */
static void module_gone(void **state)
{
	struct expected e[12];

	for (int back = 0; back < 2; back++) {
		answers = 0;
		for (int i = 0; i < 4; i++) {
			e[i] = (struct expected){ NULL, -ECANCELED, "core.ping: ", 0 };
			queue_ping(&e[i], "1m");
		}
		assert_int_equal(moeai_flush(h), 0);
		for (int i = 4; i < 8; i++) {
			e[i] = (struct expected){ NULL, -ENODEV, "modprobe moeai", 0 };
			queue_ping(&e[i], NULL);
		}
		unload();
		if (back)
			load();
		await(8);
		if (!back) {
			assert_int_equal(moeai_call_queue(h, "core.ping", NULL, 0, check_answer,
							  NULL), -ENODEV);
			load();
		}
		for (int i = 8; i < 12; i++) {
			e[i] = (struct expected){ .text = "again" };
			queue_ping(&e[i], NULL);
		}
		await(12);
		each_once(e, 12);
	}
}

/* ---- memory -------------------------------------------------------------------------- */

static void trip(const char *text)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("text", text) };
	struct moeai_reply *reply, *other;
	struct moeai_values values;
	struct moeai_value v;

	assert_int_equal(moeai_call(h, "core.ping", args, 1, PATIENCE, &reply), 0);
	assert_int_equal(moeai_call(h, "core.ping", NULL, 0, PATIENCE, &other), 0);
	values = moeai_reply_values(other);
	assert_int_equal(moeai_values_get(&values, "text", &v), -ENOENT);
	values = moeai_reply_values(reply);
	assert_int_equal(moeai_values_get(&values, "text", &v), 0);
	assert_string_equal(v.data, text);
	moeai_reply_free(reply);
	moeai_reply_free(other);
	assert_int_equal(moeai_call(h, "module.start", NULL, 0, PATIENCE, NULL), -EINVAL);
}

static void no_memory_by_trip(void **state)
{
	static char text[1001];
	unsigned int before;

	memset(text, 'x', sizeof(text) - 1);
	before = allocations;
	for (int i = 0; i < 4; i++) /* until each of two replies has once been long */
		trip(i % 2 ? text : "short");
	assert_true(allocations > before); /* they are counted */
	before = allocations;
	for (int i = 0; i < 1000; i++)
		trip(i % 3 ? "short" : text);
	assert_int_equal(allocations, before);
}

static void many(struct expected *e, int n)
{
	answers = 0;
	for (int i = 0; i < n; i++) {
		e[i] = (struct expected){ .text = "many" };
		if (i % 2)
			queue_ping(&e[i], i % 10 ? NULL : "1ms");
		else
			assert_int_equal(moeai_call_begin(h, "core.ping",
							  &(struct moeai_arg)MOEAI_TEXT("text", "many"),
							  1, check_answer, &e[i]), 0);
	}
	await(n);
}

static void no_memory_in_flight(void **state)
{
	static struct expected e[200];
	unsigned int before;

	many(e, 200);
	before = allocations;
	for (int i = 0; i < 10; i++)
		many(e, 200);
	assert_int_equal(allocations, before);
}

/* A reply may be freed when its handle is closed already. */
static void reply_outlives(void **state)
{
	struct moeai_reply *reply, *other;
	struct moeai *own;

	assert_int_equal(moeai_open(&own), 0);
	assert_int_equal(moeai_call(own, "core.ping", NULL, 0, PATIENCE, &reply), 0);
	assert_int_equal(moeai_call(own, "core.ping", NULL, 0, PATIENCE, &other), 0);
	moeai_reply_free(other);
	moeai_close(own);
	assert_true(moeai_reply_values(reply).len > 0);
	moeai_reply_free(reply);
	moeai_reply_free(NULL);
}

static int open_handle(void **state)
{
	return moeai_open(&h);
}

static int close_handle(void **state)
{
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hundred),	       cmocka_unit_test(refused_here),
		cmocka_unit_test(split),	       cmocka_unit_test(interleaved),
		cmocka_unit_test(send_fails),	       cmocka_unit_test(module_gone),
		cmocka_unit_test(no_memory_by_trip),   cmocka_unit_test(no_memory_in_flight),
		cmocka_unit_test(reply_outlives),      cmocka_unit_test(overrun),
	};

	return cmocka_run_group_tests(tests, open_handle, close_handle);
}
