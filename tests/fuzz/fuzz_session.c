// SPDX-License-Identifier: GPL-2.0
/*
 * The whole library against a kernel that says anything: see kernel.h. The
 * first byte chooses what the program does; the rest is what it is told.
 */
#include <errno.h>
#include "fuzz.h"
#include "session.h"

static void read_values(const struct moeai_values *values)
{
	struct moeai_value v;
	size_t pos = 0;
	char text[64];
	int rc;

	while ((rc = moeai_values_next(values, &pos, &v)) > 0)
		promise(moeai_value_text(&v, text, sizeof(text)) >= 0);
	promise(!rc || rc == -EPROTO);
}

/* ---- calls ------------------------------------------------------------------ */

static void answered(void *arg, int status, const char *error, const struct moeai_values *values)
{
	int *n = arg;

	promise(status <= 0 && !error == !status);
	read_values(values);
	--*n;
}

static void call(struct moeai *h, const char *name, const struct moeai_arg *args, size_t n)
{
	struct moeai_reply *reply = NULL;
	struct moeai_values values;

	if (moeai_call(h, name, args, n, 1000, &reply)) {
		promise(!reply);
		return;
	}
	values = moeai_reply_values(reply);
	read_values(&values);
	moeai_reply_free(reply);
}

static void calls(struct moeai *h)
{
	const struct moeai_arg ping[] = { MOEAI_TEXT("text", "hello"),
					  MOEAI_TEXT("delay", "10ms") };
	struct moeai_status status;
	struct moeai_mem mem;
	int pending = 0;

	if (!moeai_status_get(h, &status))
		promise(memchr(status.version, 0, sizeof(status.version)));
	call(h, "core.ping", ping, 1);
	for (int i = 0; i < 3; i++)
		pending += !(i % 2 ? moeai_call_queue : moeai_call_begin)(h, "core.ping", ping, 2,
									  answered, &pending);
	if (!moeai_mem_get(h, &mem))
		promise(memchr(mem.comm, 0, sizeof(mem.comm)));
	while (pending && moeai_dispatch(h, 1000) > 0)
		;
	promise(pending >= 0);
	if (moeai_param_set(h, "mem_monitor.low", "nonsense"))
		promise(*moeai_error(h));
	moeai_publish(h, MOEAI_PRIO_INFO, "fuzz");
	moeai_module_stop(h, "nobody");
}

/* ---- tables ----------------------------------------------------------------- */

static void read_table(struct moeai *h, const char *name)
{
	struct moeai_values row;
	struct moeai_table *t;

	if (moeai_table_open(h, name, &t))
		return;
	promise(moeai_table_schema(t));
	while (moeai_table_next(t, &row) > 0)
		read_values(&row);
	moeai_table_close(t);
}

static void tables(struct moeai *h)
{
	static const char *const names[] = { "modules", "params", "commands", "event_types",
					     "log", "nothing" };
	const struct moeai_schema *schema;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		read_table(h, names[i]);
	if (!moeai_schema_get(h, MOEAI_SCHEMA_EVENT, "mem_monitor.level", &schema))
		promise(schema->n_fields <= UINT16_MAX);
}

static void handle(void)
{
	struct moeai *h;

	if (moeai_open(&h))
		return;
	calls(h);
	tables(h);
	moeai_close(h);
}

/* ---- events ----------------------------------------------------------------- */

/* Until there are no more, or max. The account must balance after each. */
static void follow(struct moeai_monitor *m, size_t max)
{
	struct moeai_mem_event mem;
	struct moeai_ledger l;
	struct moeai_item item;

	while (max-- && !moeai_monitor_next(m, &item, 1000)) {
		if (item.kind == MOEAI_EVENT) {
			promise(item.event.type_name && item.event.source);
			read_values(&item.event.values);
			moeai_mem_event(&item.event, &mem);
		}
		if (item.kind == MOEAI_LOST)
			promise(item.lost.from && item.lost.from <= item.lost.to);
		moeai_monitor_ledger(m, &l);
		promise(l.to - l.from + 1 == l.returned + l.filtered + l.lost + l.pending);
	}
}

static void monitor(const struct moeai_monitor_options *options, const char *shell, size_t max)
{
	struct moeai_monitor *m;

	if (moeai_monitor_open(&m, options))
		return;
	kernel_do(shell);
	follow(m, max);
	moeai_monitor_close(m);
}

static void history(void)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_OLDEST,
						       .history = true };

	monitor(&options, "true", SIZE_MAX);
}

static void live(void)
{
	static const char *const types[] = { "core.*", "user.message" };
	const struct moeai_monitor_options options = {
		.since = MOEAI_SINCE_OLDEST, .types = types, .n_types = 2,
		.min_priority = MOEAI_PRIO_INFO,
	};

	monitor(&options, "for i in 1 2 3; do moectl publish again; done", 64);
}

static void reload(void)
{
	const struct moeai_monitor_options options = { .since = MOEAI_SINCE_NOW };

	monitor(&options, "moectl publish before; rmmod moeai_mem_monitor moeai; modprobe moeai;"
		" moectl publish after", 64);
}

/* -------------------------------------------------------------------------------- */

/* A catalog is large: what is told of a live monitor is fit for a history too. */
const struct session sessions[] = {
	{ "handle", true, handle },
	{ "live", true, live },
	{ "reload", true, reload },
	{ "history", false, history },
	{ 0 },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t n = sizeof(sessions) / sizeof(*sessions) - 1; /* without the end */

	if (!size)
		return 0;
	kernel_play(data + 1, size - 1);
	sessions[*data % n].run();
	promise(size < 3 || kernel_left() < size - 1); /* or the wrong calls are wrapped */
	return 0;
}
