// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls through the library: by schema, refused, many at once, too late. */
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <moeai/moeai.h>
#include "reader.h"

static struct moeai *h;

static int call(const char *command, const struct moeai_arg *args, size_t n)
{
	return moeai_call(h, command, args, n, PATIENCE, NULL);
}

static void check_refused(int rc, int code, const char *text)
{
	assert_int_equal(rc, code);
	if (!strstr(moeai_error(h), text))
		fail_msg("\"%s\" does not say \"%s\"", moeai_error(h), text);
}

static void by_schema(void **state)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("text", "a \"b\"\n"),
					  MOEAI_TEXT("delay", "50ms") };
	struct moeai_reply *reply;
	struct moeai_values values;
	struct moeai_value v;

	assert_int_equal(moeai_call(h, "core.ping", args, 2, PATIENCE, &reply), 0);
	values = moeai_reply_values(reply);
	assert_string_equal(values.schema->owner, "core.ping");
	assert_int_equal(moeai_values_get(&values, "text", &v), 0);
	assert_string_equal(v.data, "a \"b\"\n");
	assert_int_equal(moeai_values_get(&values, "time", &v), 0);
	assert_true(v.u64 > 1700000000000000000);
	assert_int_equal(v.field->unit, MOEAI_UNIT_TIME);
	moeai_reply_free(reply);
	assert_int_equal(call("core.ping", NULL, 0), 0);
}

/* What the library knows better than to ask the kernel. */
static void refused_here(void **state)
{
	const struct moeai_arg unknown[] = { MOEAI_TEXT("colour", "red") };
	const struct moeai_arg word[] = { MOEAI_TEXT("delay", "soon") };
	const struct moeai_arg range[] = { MOEAI_TEXT("delay", "2h") };
	const struct moeai_arg number[] = { MOEAI_NUMBER("delay", -1) };
	struct moeai_arg many[MOEAI_ARGS_MAX + 1];

	check_refused(call("core.pong", NULL, 0), -ENOENT, "core.pong: no such command");
	check_refused(call("core.ping", unknown, 1), -EINVAL, "only text, delay");
	check_refused(call("core.ping", word, 1), -EINVAL, "delay: 'soon' is not a number");
	check_refused(call("core.ping", range, 1), -ERANGE, "delay: 2h is out of range");
	check_refused(call("core.ping", number, 1), -ERANGE, "delay: -1 ");
	for (size_t i = 0; i <= MOEAI_ARGS_MAX; i++)
		many[i] = (struct moeai_arg)MOEAI_TEXT("text", "x");
	check_refused(call("core.ping", many, MOEAI_ARGS_MAX + 1), -E2BIG, "more than 64");
}

/* What the kernel refuses, in its words, with the argument's name. */
static void refused_there(void **state)
{
	const struct moeai_arg twice[] = { MOEAI_TEXT("text", "a"), MOEAI_TEXT("text", "b") };

	check_refused(call("core.ping", twice, 2), -EINVAL, "core.ping: text: given twice");
	check_refused(call("module.start", NULL, 0), -EINVAL, "name");
	check_refused(call("param.set", NULL, 0), -EINVAL, "name");
}

/* The command ran, and failed: its own errno and message. */
static void failed(void **state)
{
	check_refused(moeai_module_start(h, "nobody"), -ENOENT, "no such module");
	check_refused(moeai_module_stop(h, "nobody"), -ENOENT, "no such module");
	check_refused(moeai_param_set(h, "core.nothing", "1"), -ENOENT, "param.set: ");
	check_refused(moeai_param_set(h, "core.flush_us", "x"), -EINVAL, "flush_us");
}

static void typed_calls(void **state)
{
	struct moeai_mem mem;

	assert_int_equal(moeai_module_stop(h, "mem_monitor"), 0);
	assert_int_equal(moeai_module_start(h, "mem_monitor"), 0);
	assert_int_equal(moeai_param_set(h, "core.flush_us", "1000"), 0);
	assert_int_equal(moeai_mem_get(h, &mem), 0);
	assert_true(mem.total > mem.available && mem.available > 0);
	assert_true(mem.permille == mem.available * 1000 / mem.total);
}

/* ---- many at once ------------------------------------------------------------- */

struct answers {
	int n, failed;
	char order[64];
};

static void count(void *arg, int status, const char *error, const struct moeai_values *values)
{
	struct answers *a = arg;
	struct moeai_value v;

	assert_non_null(values);
	assert_true(!error == !status);
	a->failed += !!status;
	if (!moeai_values_get(values, "text", &v) && (size_t)a->n < sizeof(a->order) - 1)
		a->order[a->n] = *(const char *)v.data;
	a->n++;
}

static void begin(const char *text, const char *delay, struct answers *a)
{
	const struct moeai_arg args[] = { MOEAI_TEXT("text", text), MOEAI_TEXT("delay", delay) };

	if (moeai_call_begin(h, "core.ping", args, 2, count, a))
		fail_msg("%s", moeai_error(h));
}

static void await(const struct answers *a, int n)
{
	while (a->n < n)
		assert_true(moeai_dispatch(h, PATIENCE) > 0);
}

/* Answers come in the order in which they are due, to the right callers. */
static void out_of_order(void **state)
{
	struct answers a = { 0 };
	struct pollfd p = { .fd = moeai_fd(h), .events = POLLIN };

	begin("3", "600ms", &a);
	begin("1", "0", &a);
	begin("2", "300ms", &a);
	assert_int_equal(poll(&p, 1, PATIENCE), 1);
	await(&a, 3);
	assert_string_equal(a.order, "123");
	assert_int_equal(moeai_dispatch(h, 0), -ETIMEDOUT);
}

/* Others answered while one is waited for, and refusals among them. */
static void mixed(void **state)
{
	struct answers a = { 0 };
	struct moeai_status status;

	begin("a", "0", &a);
	assert_int_equal(moeai_call_begin(h, "module.start", NULL, 0, count, &a), 0);
	begin("c", "100ms", &a);
	assert_int_equal(call("core.ping", NULL, 0), 0);
	assert_int_equal(moeai_status_get(h, &status), 0);
	await(&a, 3);
	assert_int_equal(a.failed, 1);
}

static void hundreds(void **state)
{
	struct answers a = { 0 };

	for (int i = 0; i < 300; i++)
		begin("x", i % 3 ? "0" : "20ms", &a);
	await(&a, 300);
	/* All answered; some refused if the kernel found them too many. */
	print_message("300 calls at once: %d refused\n", a.failed);
}

struct again {
	int left;
	bool done;
};

/* The next one is begun from the answer to the last one. */
static void next_one(void *arg, int status, const char *error, const struct moeai_values *values)
{
	struct again *again = arg;

	assert_int_equal(status, 0);
	again->done = !again->left--;
	if (!again->done)
		assert_int_equal(moeai_call_begin(h, "core.ping", NULL, 0, next_one, again), 0);
}

static void from_an_answer(void **state)
{
	struct again again = { .left = 10 };

	assert_int_equal(moeai_call_begin(h, "core.ping", NULL, 0, next_one, &again), 0);
	while (!again.done)
		assert_true(moeai_dispatch(h, PATIENCE) > 0);
}

/* ---- too late ----------------------------------------------------------------- */

static void late_answer(void **state)
{
	const struct moeai_arg slow[] = { MOEAI_TEXT("text", "late"),
					  MOEAI_TEXT("delay", "300ms") };
	const struct moeai_arg slower[] = { MOEAI_TEXT("text", "right"),
					    MOEAI_TEXT("delay", "800ms") };
	struct moeai_reply *reply;
	struct moeai_values values;
	struct moeai_value v;

	check_refused(moeai_call(h, "core.ping", slow, 2, 50, NULL), -ETIMEDOUT,
		      "it may still run");
	assert_int_equal(moeai_call(h, "core.ping", slower, 2, PATIENCE, &reply), 0);
	values = moeai_reply_values(reply);
	assert_int_equal(moeai_values_get(&values, "text", &v), 0);
	assert_string_equal(v.data, "right");
	moeai_reply_free(reply);
	check_refused(moeai_call(h, "core.ping", slow, 2, 0, NULL), -ETIMEDOUT, "no answer");
	nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
	assert_int_equal(moeai_dispatch(h, 0), -ETIMEDOUT); /* nobody's answer is no work */
}

/* Its callers are never heard of again, and the kernel forgets them. */
static void closed_meanwhile(void **state)
{
	struct answers a = { 0 };
	struct moeai *old = h;

	begin("x", "200ms", &a);
	moeai_close(old);
	assert_int_equal(moeai_open(&h), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 400000000 }, NULL);
	assert_int_equal(moeai_dispatch(h, 0), -ETIMEDOUT);
	assert_int_equal(a.n, 0);
}

/* ---- without privilege -------------------------------------------------------- */

static int as_nobody(void)
{
	struct moeai_status status;
	struct answers a = { 0 };
	struct moeai *own;

	if (setgid(65534) || setuid(65534) || moeai_open(&own))
		return 1;
	if (moeai_status_get(own, &status))
		return 2;
	if (moeai_call(own, "core.ping", NULL, 0, PATIENCE, NULL) != -EPERM ||
	    !strstr(moeai_error(own), "CAP_NET_ADMIN"))
		return 3;
	if (moeai_call_begin(own, "core.ping", NULL, 0, count, &a) ||
	    moeai_dispatch(own, PATIENCE) != 1 || a.failed != 1)
		return 4;
	if (moeai_publish(own, MOEAI_PRIO_INFO, "x") != -EPERM ||
	    !strstr(moeai_error(own), "CAP_NET_ADMIN"))
		return 5;
	moeai_close(own);
	return 0;
}

static void not_permitted(void **state)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(as_nobody());
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void bad_publish(void **state)
{
	static char text[MOEAI_MESSAGE_LEN + 2];

	check_refused(moeai_publish(h, MOEAI_PRIO_CRITICAL, "x"), -ERANGE, "publish: ");
	check_refused(moeai_publish(h, MOEAI_PRIO_INFO, ""), -ERANGE, "text");
	memset(text, 'x', sizeof(text) - 1);
	check_refused(moeai_publish(h, MOEAI_PRIO_INFO, text), -ERANGE, "text");
	text[MOEAI_MESSAGE_LEN] = 0;
	assert_int_equal(moeai_publish(h, MOEAI_PRIO_INFO, text), 0);
}

static int open_handle(void **state)
{
	h = open_unlimited();
	return 0;
}

static int close_handle(void **state)
{
	moeai_close(h);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_schema),	    cmocka_unit_test(refused_here),
		cmocka_unit_test(refused_there),    cmocka_unit_test(failed),
		cmocka_unit_test(typed_calls),	    cmocka_unit_test(out_of_order),
		cmocka_unit_test(mixed),	    cmocka_unit_test(hundreds),
		cmocka_unit_test(from_an_answer),   cmocka_unit_test(late_answer),
		cmocka_unit_test(closed_meanwhile), cmocka_unit_test(not_permitted),
		cmocka_unit_test(bad_publish),
	};

	return cmocka_run_group_tests(tests, open_handle, close_handle);
}
