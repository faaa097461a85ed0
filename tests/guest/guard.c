// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
#include "guard.h"
#include "param.h"

struct moeai *guard;
static struct moeai_monitor *monitor;
static uint64_t first; /* seq of the test's first event */

int guard_setup(void **state)
{
	if (sh("modprobe moeai_net_guard") || moeai_open(&guard))
		return -1;
	net_up();
	return 0;
}

int guard_teardown(void **state)
{
	net_down();
	moeai_close(guard);
	return sh("modprobe -r moeai_net_guard");
}

void moectl(const char *fmt, ...)
{
	char line[900];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (sh("moectl %s >/dev/null", line))
		fail_msg("moectl %s", line);
}

static const char *const types[] = { "net_guard.*" };

int guard_begin(void **state)
{
	const struct moeai_monitor_options options = { .types = types, .n_types = 1 };

	first = next_seq(guard);
	return sh("moectl table net_guard.rules confirm >/dev/null 2>&1;"
		  "moectl table net_guard.rules flush >/dev/null &&"
		  "moectl set net_guard.mode=off net_guard.all_namespaces=0"
		  " net_guard.interval=10s net_guard.auto_rules=4096"
		  " net_guard.syn_rate=200 net_guard.syn_burst=400 net_guard.udp_rate=20000"
		  " net_guard.icmp_rate=200 net_guard.icmp_burst=400 net_guard.udp_burst=40000"
		  " net_guard.scan_ports=40 net_guard.scan_hosts=30 net_guard.scan_forwarded=0 net_guard.block_time=10m"
		  " >/dev/null") ||
	       moeai_monitor_open(&monitor, &options);
}

int guard_end(void **state)
{
	moeai_monitor_close(monitor);
	monitor = NULL;
	return 0;
}

/* ---- rules ------------------------------------------------------------------------- */

/* A prefix that is an address, as one. */
static void shorten(char *text)
{
	char *slash = strchr(text, '/');

	if (slash && !strcmp(slash, strchr(text, ':') ? "/128" : "/32"))
		*slash = 0;
}

static uint64_t number(const struct moeai_values *row, uint16_t id)
{
	struct moeai_value v;

	return moeai_values_get_id(row, id, &v) ? 0 : v.u64;
}

static void text(const struct moeai_values *row, uint16_t id, char *to, size_t size)
{
	struct moeai_value v;

	*to = 0;
	if (!moeai_values_get_id(row, id, &v))
		moeai_value_text(&v, to, size);
}

static void read_rule(const struct moeai_values *row, struct rule *r)
{
	r->hits = number(row, MOEAI_A_GUARD_RULE_HITS);
	r->bytes = number(row, MOEAI_A_GUARD_RULE_BYTES);
	r->expires = number(row, MOEAI_A_GUARD_RULE_EXPIRES);
	r->last = number(row, MOEAI_A_GUARD_RULE_LAST);
	r->action = number(row, MOEAI_A_GUARD_RULE_ACTION);
	r->source = number(row, MOEAI_A_GUARD_RULE_SOURCE);
	r->uid = number(row, MOEAI_A_GUARD_RULE_UID);
	text(row, MOEAI_A_GUARD_RULE_COMM, r->comm, sizeof(r->comm));
	text(row, MOEAI_A_GUARD_RULE_REASON, r->reason, sizeof(r->reason));
}

/* @prefix NULL: none is looked for. */
static bool walk(const char *prefix, struct rule *r, size_t *n)
{
	struct moeai_values row;
	struct moeai_table *t;
	bool found = false;
	char key[64];
	int rc;

	*n = 0;
	assert_int_equal(moeai_table_open(guard, "net_guard.rules", &t), 0);
	while ((rc = moeai_table_next(t, &row)) > 0) {
		++*n;
		text(&row, MOEAI_A_GUARD_RULE_PREFIX, key, sizeof(key));
		shorten(key);
		if (!prefix || strcmp(key, prefix) != 0)
			continue;
		found = true;
		read_rule(&row, r);
	}
	assert_int_equal(rc, 0);
	moeai_table_close(t);
	return found;
}

bool rule_find(const char *prefix, struct rule *r)
{
	size_t n;

	return walk(prefix, r, &n);
}

struct rule rule(const char *prefix)
{
	struct rule r = {};

	if (!rule_find(prefix, &r))
		fail_msg("no rule %s", prefix);
	return r;
}

struct rule await_rule(const char *prefix)
{
	struct rule r = {};

	for (int i = 0; i < 200 && !rule_find(prefix, &r); i++)
		usleep(50000);
	if (!r.hits && !*r.comm)
		fail_msg("no rule %s of a detector", prefix);
	assert_int_equal(r.source, MOEAI_GUARD_AUTO);
	return r;
}

size_t rules(void)
{
	size_t n;

	walk(NULL, NULL, &n);
	return n;
}

uint64_t guard_number(const char *name)
{
	char full[64];

	snprintf(full, sizeof(full), "net_guard.%s", name);
	return param_number(guard, full);
}

/* ---- packets ------------------------------------------------------------------------ */

uint64_t passed(const struct frame *f, size_t n)
{
	counts_zero();
	frames_send(f, n);
	return counts_wait(n).passed;
}

static struct frame frame(const char *source, uint8_t proto, uint16_t port)
{
	struct frame f;

	frame_make(&f, source, strchr(source, ':') ? HERE6 : HERE4, proto, 1000, port, TCP_SYN, 32);
	return f;
}

struct frame udp(const char *source)
{
	return frame(source, IPPROTO_UDP, 9);
}

struct frame syn(const char *source, uint16_t port)
{
	return frame(source, IPPROTO_TCP, port);
}

/* ---- events ---------------------------------------------------------------------------- */

struct moeai_event event_await(const char *type)
{
	struct moeai_item item;
	int rc;

	for (;;) {
		rc = moeai_monitor_next(monitor, &item, PATIENCE);
		if (rc)
			fail_msg("no event net_guard.%s: %s", type, moeai_strerror(rc));
		if (item.kind == MOEAI_EVENT &&
		    !strcmp(item.event.type_name + strlen("net_guard."), type))
			return item.event;
	}
}

struct moeai_event event_about(const char *type, const char *prefix)
{
	struct moeai_event e;

	do
		e = event_await(type);
	while (strcmp(event_text(&e, "prefix"), prefix) != 0);
	return e;
}

uint64_t event_number(const struct moeai_event *e, const char *field)
{
	struct moeai_value v;

	return moeai_values_get(&e->values, field, &v) ? 0 : v.u64;
}

const char *event_text(const struct moeai_event *e, const char *field)
{
	static char buf[256];
	struct moeai_value v;

	*buf = 0;
	if (!moeai_values_get(&e->values, field, &v))
		moeai_value_text(&v, buf, sizeof(buf));
	shorten(buf);
	return buf;
}

size_t events_sum(const char *type, const char *prefix, const char *field, uint64_t *sum)
{
	const struct moeai_monitor_options options = { .types = types, .n_types = 1,
						       .since = first, .history = true };
	struct moeai_monitor *m;
	struct moeai_item item;
	size_t n = 0;

	*sum = 0;
	assert_int_equal(moeai_monitor_open(&m, &options), 0);
	while (!moeai_monitor_next(m, &item, PATIENCE)) {
		if (item.kind != MOEAI_EVENT ||
		    strcmp(item.event.type_name + strlen("net_guard."), type) != 0 ||
		    strcmp(event_text(&item.event, "prefix"), prefix) != 0)
			continue;
		n++;
		*sum += event_number(&item.event, field);
	}
	moeai_monitor_close(m);
	return n;
}
