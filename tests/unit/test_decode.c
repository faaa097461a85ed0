// SPDX-License-Identifier: LGPL-2.1-or-later
/* The small decoders: attributes, DATA, RESPONSE, STATUS, mem_monitor's events. */
#include "wire.h"
#include "reply.h"
#include "status.h"
#include "table.h"
#include "txn.h"

static void attribute_walk(void **state)
{
	struct wire w = { 0 };
	struct attr a;
	size_t pos = 0;

	wire_attr(&w, 5 | NLA_F_NESTED, "abcde", 5);
	wire_attr(&w, 6, NULL, 0);
	assert_int_equal(attr_next(w.data, w.len, &pos, &a), 1);
	assert_int_equal(a.type, 5);
	assert_int_equal(a.len, 5);
	assert_int_equal(attr_next(w.data, w.len, &pos, &a), 1);
	assert_true(a.type == 6 && a.len == 0);
	assert_int_equal(attr_next(w.data, w.len, &pos, &a), 0);
	pos = 0;
	w.data[0] = 3; /* shorter than its head: must not go round for ever */
	assert_int_equal(attr_next(w.data, w.len, &pos, &a), -EPROTO);
	pos = 0;
	assert_int_equal(attr_next(NULL, 0, &pos, &a), 0);
}

struct target {
	uint32_t number;
	char text[4];
	struct attr_run run;
};

static void attribute_rules(void **state)
{
	static const struct attr_rule rules[] = {
		ATTR_RULE(1, ATTR_U32, true, struct target, number),
		ATTR_RULE(2, ATTR_TEXT, false, struct target, text),
		ATTR_RULE(3, ATTR_RUN, false, struct target, run),
	};
	struct target t = { .text = "old" };
	struct wire w = { 0 };
	uint64_t seen;

	wire_u32(&w, 1, 7);
	wire_u32(&w, 9, 1);
	assert_int_equal(attrs_decode(wire_run(&w), rules, 3, &t, &seen), 0);
	assert_true(t.number == 7 && seen == 1);
	assert_string_equal(t.text, "old");
	wire_string(&w, 2, "longer");
	wire_attr(&w, 3, "xy", 2);
	assert_int_equal(attrs_decode(wire_run(&w), rules, 3, &t, &seen), 0);
	assert_string_equal(t.text, "lon");
	assert_true(t.run.len == 2 && seen == 7);
	wire_attr(&w, 2, "no NUL", 6);
	assert_int_equal(attrs_decode(wire_run(&w), rules, 3, &t, NULL), -EPROTO);
	w.len = 0;
	assert_int_equal(attrs_decode(wire_run(&w), rules, 3, &t, NULL), -EPROTO);
}

static void data_messages(void **state)
{
	struct data_message data;
	struct attr_run row;
	struct wire w;
	size_t nest, pos = 0;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_DATA);
	wire_string(&w, MOEAI_A_DATA_TABLE, "modules");
	assert_int_equal(data_decode(wire_end(&w), &data), -EPROTO); /* no generation */
	wire_attr(&w, MOEAI_A_DATA_PAD, NULL, 0);
	wire_u64(&w, MOEAI_A_DATA_GENERATION, 12);
	for (int i = 0; i < 2; i++) {
		nest = wire_nest(&w, MOEAI_A_DATA_ROW);
		wire_u32(&w, 1, i);
		wire_nest_end(&w, nest);
	}
	assert_int_equal(data_decode(wire_end(&w), &data), 0);
	assert_string_equal(data.table, "modules");
	assert_true(data.generation == 12);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(data_row(data.attrs, &pos, &row), 1);
		assert_int_equal(row.len, 8);
		assert_int_equal(get_u32((const char *)row.data + 4), i);
	}
	assert_int_equal(data_row(data.attrs, &pos, &row), 0);
	pos = 0;
	data.attrs.len -= 2;
	while (data_row(data.attrs, &pos, &row) > 0)
		;
	assert_int_equal(data_row(data.attrs, &pos, &row), -EPROTO);
}

static void refuse(struct wire *w, bool row, const char *field, int32_t status)
{
	size_t nest;

	wire_begin(w, WIRE_FAMILY, MOEAI_MSG_DATA);
	wire_string(w, MOEAI_A_DATA_TABLE, "test.rows");
	wire_u32(w, MOEAI_A_DATA_TXN, 1);
	nest = wire_nest(w, MOEAI_A_DATA_ERROR);
	if (row)
		wire_u64(w, MOEAI_A_ERROR_ROW, 1ULL << 40);
	if (field)
		wire_string(w, MOEAI_A_ERROR_FIELD, field);
	wire_u32(w, MOEAI_A_ERROR_STATUS, status);
	wire_string(w, MOEAI_A_ERROR_MESSAGE, "why");
	wire_nest_end(w, nest);
}

static void changes(void **state)
{
	struct change_reply r;
	struct wire w;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_DATA);
	wire_u64(&w, MOEAI_A_DATA_GENERATION, 12);
	assert_int_equal(change_decode(wire_end(&w), &r), -EPROTO); /* no table */
	wire_string(&w, MOEAI_A_DATA_TABLE, "test.rows");
	wire_u64(&w, MOEAI_A_DATA_CHANGED, 5);
	assert_int_equal(change_decode(wire_end(&w), &r), 0);
	assert_true(r.generation == 12 && r.changed == 5 && !r.refused && !r.has_row);

	refuse(&w, true, "name", -EINVAL);
	assert_int_equal(change_decode(wire_end(&w), &r), 0);
	assert_true(r.refused && r.has_row && r.row == 1ULL << 40 && r.status == -EINVAL);
	assert_string_equal(r.field, "name");
	assert_string_equal(r.message, "why");
	refuse(&w, false, NULL, -ENOSPC);
	assert_int_equal(change_decode(wire_end(&w), &r), 0);
	assert_true(r.refused && !r.has_row && !r.field);
	refuse(&w, true, NULL, 0);
	assert_int_equal(change_decode(wire_end(&w), &r), -EPROTO);
	refuse(&w, true, NULL, 1);
	assert_int_equal(change_decode(wire_end(&w), &r), -EPROTO);
	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_DATA);
	wire_string(&w, MOEAI_A_DATA_TABLE, "test.rows");
	wire_attr(&w, MOEAI_A_DATA_ERROR, NULL, 0);
	assert_int_equal(change_decode(wire_end(&w), &r), -EPROTO);
}

static const struct nlmsghdr *respond(struct wire *w, int32_t status)
{
	wire_begin(w, WIRE_FAMILY, MOEAI_MSG_RESPONSE);
	wire_u32(w, MOEAI_A_RESPONSE_ID, 3);
	wire_u32(w, MOEAI_A_RESPONSE_STATUS, status);
	return wire_end(w);
}

static void responses(void **state)
{
	struct response r;
	struct wire w;

	assert_int_equal(response_decode(respond(&w, 0), &r), 0);
	assert_true(r.id == 3 && r.status == 0 && !r.message && r.data.len == 0);
	wire_string(&w, MOEAI_A_RESPONSE_MESSAGE, "why");
	wire_attr(&w, MOEAI_A_RESPONSE_DATA, "abcd", 4);
	assert_int_equal(response_decode(wire_end(&w), &r), 0);
	assert_string_equal(r.message, "why");
	assert_int_equal(r.data.len, 4);
	assert_int_equal(response_decode(respond(&w, -ENOENT), &r), 0);
	assert_int_equal(r.status, -ENOENT);
	assert_int_equal(response_decode(respond(&w, 1), &r), -EPROTO);
	assert_int_equal(response_decode(respond(&w, INT32_MIN), &r), -EPROTO);
	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_RESPONSE);
	wire_u32(&w, MOEAI_A_RESPONSE_ID, 3);
	assert_int_equal(response_decode(wire_end(&w), &r), -EPROTO);
	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_STATUS);
	assert_int_equal(response_decode(wire_end(&w), &r), -EPROTO);
}

static void status(void **state)
{
	struct moeai_status s;
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_STATUS_STATE, MOEAI_STATE_DEGRADED);
	assert_int_equal(status_decode(wire_run(&w), &s), -EPROTO);
	wire_u64(&w, MOEAI_A_STATUS_EPOCH, 77);
	for (uint16_t id = MOEAI_A_STATUS_LOG_ATTEMPTED; id <= MOEAI_A_STATUS_LOG_CLEARED; id++)
		wire_u64(&w, id, id);
	wire_string(&w, MOEAI_A_STATUS_VERSION, "0.1.0");
	assert_int_equal(status_decode(wire_run(&w), &s), 0);
	assert_int_equal(s.state, MOEAI_STATE_DEGRADED);
	assert_true(s.epoch == 77 && s.log_held == MOEAI_A_STATUS_LOG_HELD && s.rx == 0);
	assert_string_equal(s.version, "0.1.0");
	wire_u32(&w, MOEAI_A_STATUS_RX, 1);
	assert_int_equal(status_decode(wire_run(&w), &s), -EPROTO);
}

static void names(void **state)
{
	assert_string_equal(moeai_state_name(MOEAI_STATE_OK), "ok");
	assert_string_equal(moeai_state_name(MOEAI_STATE_MAX + 1), "?");
	assert_string_equal(moeai_priority_name(MOEAI_PRIO_CRITICAL), "critical");
	assert_string_equal(moeai_priority_name(-1), "?");
	assert_int_equal(moeai_priority_parse("warning"), MOEAI_PRIO_WARNING);
	assert_int_equal(moeai_priority_parse("Warning"), -EINVAL);
	assert_string_equal(moeai_mem_level_name(MOEAI_MEM_LOW), "low");
	assert_string_equal(moeai_mem_level_name(99), "?");
	assert_string_equal(moeai_mem_cause_name(MOEAI_MEM_CAUSE_FALLING), "falling");
	assert_string_equal(moeai_mem_cause_name(__MOEAI_MEM_CAUSE_MAX), "?");
	assert_string_equal(moeai_mem_scope_name(MOEAI_MEM_SCOPE_SYSRQ), "sysrq");
	assert_string_equal(moeai_mem_scope_name(__MOEAI_MEM_SCOPE_MAX), "?");
}

static struct moeai_event event(const char *type, const struct wire *w)
{
	return (struct moeai_event){ .type_name = type, .values = { NULL, w->data, w->len } };
}

static void memory_events(void **state)
{
	struct moeai_mem_event m;
	struct moeai_event e;
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_MEM_VICTIM_PID, 321);
	e = event("mem_monitor.victim", &w);
	assert_int_equal(moeai_mem_event(&e, &m), -EPROTO); /* comm is missing */
	wire_string(&w, MOEAI_A_MEM_VICTIM_COMM, "a-name-that-is-far-too-long");
	wire_u64(&w, MOEAI_A_MEM_VICTIM_ANON, 4096);
	wire_u32(&w, MOEAI_A_MEM_VICTIM_SCOPE, 1);
	e = event("mem_monitor.victim", &w);
	assert_int_equal(moeai_mem_event(&e, &m), 0);
	assert_int_equal(m.kind, MOEAI_MEM_EVENT_VICTIM);
	assert_int_equal(m.victim.pid, 321);
	assert_string_equal(m.victim.comm, "a-name-that-is-");
	assert_true(m.victim.anon == 4096 && m.victim.cgroup);
	assert_string_equal(m.victim.gfp, ""); /* a kernel that does not say */
	assert_string_equal(m.victim.cgroup_path, "");
	assert_string_equal(m.victim.limit_path, "");
	wire_u32(&w, MOEAI_A_MEM_VICTIM_SCORE_ADJ, (uint32_t)-1000);
	wire_u32(&w, MOEAI_A_MEM_VICTIM_INVOKER_PID, 4);
	wire_string(&w, MOEAI_A_MEM_VICTIM_GFP, "GFP_KERNEL");
	wire_string(&w, MOEAI_A_MEM_VICTIM_CGROUP, "/a/b");
	wire_string(&w, MOEAI_A_MEM_VICTIM_LIMIT_CGROUP, "/a");
	wire_u64(&w, MOEAI_A_MEM_VICTIM_LIMIT, 1ULL << 40);
	e = event("mem_monitor.victim", &w);
	assert_int_equal(moeai_mem_event(&e, &m), 0);
	assert_int_equal(m.victim.score_adj, -1000);
	assert_int_equal(m.victim.invoker_pid, 4);
	assert_string_equal(m.victim.gfp, "GFP_KERNEL");
	assert_string_equal(m.victim.cgroup_path, "/a/b");
	assert_string_equal(m.victim.limit_path, "/a");
	assert_true(m.victim.limit == 1ULL << 40);
	e = event("user.message", &w);
	assert_int_equal(moeai_mem_event(&e, &m), -ENOENT);
}

static void memory_consumers(void **state)
{
	struct moeai_mem_consumer c;
	struct moeai_mem_event m;
	struct moeai_event e;
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_MEM_CONSUMER_RANK, 2);
	wire_u32(&w, MOEAI_A_MEM_CONSUMER_PID, 3);
	wire_string(&w, MOEAI_A_MEM_CONSUMER_COMM, "c");
	assert_int_equal(moeai_mem_consumer(&(struct moeai_values){ NULL, w.data, w.len }, &c),
			 -EPROTO); /* rss is missing */
	wire_u64(&w, MOEAI_A_MEM_CONSUMER_RSS, 4);
	assert_int_equal(moeai_mem_consumer(&(struct moeai_values){ NULL, w.data, w.len }, &c), 0);
	assert_true(c.rank == 2 && c.pid == 3 && c.rss == 4 && !c.period);
	wire_u64(&w, MOEAI_A_MEM_CONSUMER_STARTED, 5);
	wire_u64(&w, MOEAI_A_MEM_CONSUMER_GROWTH, (uint64_t)-6);
	wire_u64(&w, MOEAI_A_MEM_CONSUMER_PERIOD, 7);
	wire_u64(&w, MOEAI_A_MEM_CONSUMER_RATE, (uint64_t)-8);
	e = event("mem_monitor.consumer", &w);
	assert_int_equal(moeai_mem_event(&e, &m), 0);
	assert_int_equal(m.kind, MOEAI_MEM_EVENT_CONSUMER);
	assert_true(m.consumer.started == 5 && m.consumer.growth == -6);
	assert_true(m.consumer.period == 7 && m.consumer.rate == -8);
}

static void guard_events(void **state)
{
	static const uint8_t six[] = { 64, 0x20, 0x01, 0x0d, 0xb8, 0, 7 };
	uint8_t bad[3] = { 24, 10, 0 }, prefix[17] = { 0 };
	struct moeai_guard_event g;
	struct moeai_guard_rule r;
	struct moeai_event e;
	struct wire w = { 0 };

	memcpy(prefix, six, sizeof(six));
	wire_attr(&w, MOEAI_A_GUARD_OFFENCE_SOURCE, prefix, sizeof(prefix));
	e = event("net_guard.scan", &w);
	assert_int_equal(moeai_guard_event(&e, &g), -EPROTO); /* kind is missing */
	wire_u32(&w, MOEAI_A_GUARD_OFFENCE_KIND, MOEAI_GUARD_HOST_SCAN);
	wire_u32(&w, MOEAI_A_GUARD_OFFENCE_DISTINCT, 40);
	e = event("net_guard.scan", &w);
	assert_int_equal(moeai_guard_event(&e, &g), 0);
	assert_int_equal(g.kind, MOEAI_GUARD_EVENT_SCAN);
	assert_int_equal(g.offence, MOEAI_GUARD_HOST_SCAN);
	assert_string_equal(g.source, "2001:db8:7::/64");
	assert_int_equal(g.distinct, 40);
	assert_string_equal(g.prefix, "");
	w = (struct wire){ 0 };
	wire_u32(&w, MOEAI_A_GUARD_OFFENCE_KIND, MOEAI_GUARD_SYN_FLOOD);
	wire_u64(&w, MOEAI_A_GUARD_OFFENCE_UNTOLD, 136);
	e = event("net_guard.flood", &w);
	assert_int_equal(moeai_guard_event(&e, &g), 0);
	assert_int_equal(g.rules, 136);
	assert_string_equal(g.source, "");
	e = event("net_guard.other", &w);
	assert_int_equal(moeai_guard_event(&e, &g), -ENOENT);

	w = (struct wire){ 0 };
	wire_u32(&w, MOEAI_A_GUARD_RULE_ACTION, MOEAI_GUARD_ALLOW);
	wire_attr(&w, MOEAI_A_GUARD_RULE_PREFIX, (uint8_t[]){ 24, 192, 0, 2, 0 }, 5);
	assert_int_equal(moeai_guard_rule(&(struct moeai_values){ NULL, w.data, w.len }, &r), 0);
	assert_string_equal(r.prefix, "192.0.2.0/24");
	w = (struct wire){ 0 };
	wire_u32(&w, MOEAI_A_GUARD_RULE_ACTION, MOEAI_GUARD_ALLOW);
	wire_attr(&w, MOEAI_A_GUARD_RULE_PREFIX, bad, sizeof(bad));
	assert_int_equal(moeai_guard_rule(&(struct moeai_values){ NULL, w.data, w.len }, &r),
			 -EPROTO);
}

/* All that an event of a file must have. */
static struct wire file_event(void)
{
	struct wire w = { 0 };

	wire_u32(&w, MOEAI_A_FS_FILE_PID, 42);
	wire_string(&w, MOEAI_A_FS_FILE_COMM, "sh");
	wire_u32(&w, MOEAI_A_FS_FILE_UID, 1000);
	wire_u32(&w, MOEAI_A_FS_FILE_DEVICE, 0x801);
	return w;
}

static void watch_events(void **state)
{
	struct wire w = file_event();
	struct moeai_watch_event f;
	struct moeai_event e = event("fs_logger.create", &w);

	assert_int_equal(moeai_watch_event(&e, &f), -EPROTO); /* the watch is missing */
	wire_string(&w, MOEAI_A_FS_FILE_WATCH, "/home/x");
	e = event("fs_logger.create", &w);
	assert_int_equal(moeai_watch_event(&e, &f), 0);
	assert_true(f.kind == MOEAI_WATCH_EVENT_FILE && f.op == MOEAI_FS_CREATE);
	assert_true(f.pid == 42 && f.uid == 1000 && f.device == 0x801 && f.count == 1);
	assert_string_equal(f.comm, "sh");
	/* What is absent is nothing, and never NULL. */
	assert_true(f.login_uid == MOEAI_WATCH_NOBODY && f.below == MOEAI_WATCH_OUTSIDE);
	assert_true(!*f.path && !*f.old_path && !*f.exe && !f.dir && !f.kthread);
	wire_attr(&w, MOEAI_A_FS_FILE_DIR, "\1", 1);
	wire_u64(&w, MOEAI_A_FS_FILE_COUNT, 7);
	e = event("fs_logger.open", &w);
	assert_int_equal(moeai_watch_event(&e, &f), 0);
	assert_true(f.op == MOEAI_FS_OPEN && f.dir && f.count == 7);
	wire_attr(&w, MOEAI_A_FS_FILE_PATH, "no NUL", 6);
	e = event("fs_logger.open", &w);
	assert_int_equal(moeai_watch_event(&e, &f), -EPROTO);

	w = (struct wire){ 0 };
	wire_string(&w, MOEAI_A_FS_CHANGED_WATCH, "/home/x");
	wire_u32(&w, MOEAI_A_FS_CHANGED_CHANGE, MOEAI_FS_WATCH_MOVED);
	wire_string(&w, MOEAI_A_FS_CHANGED_INSIDE, "/y");
	e = event("fs_logger.watch", &w);
	assert_int_equal(moeai_watch_event(&e, &f), 0);
	assert_true(f.kind == MOEAI_WATCH_EVENT_WATCH && f.change == MOEAI_FS_WATCH_MOVED);
	assert_string_equal(f.path, "/y");
	assert_int_equal(f.uid, MOEAI_WATCH_NOBODY);
	e = event("fs_logger.other", &w);
	assert_int_equal(moeai_watch_event(&e, &f), -ENOENT);
}

static void watch_rows(void **state)
{
	struct wire w = { 0 };
	struct moeai_watch row;
	const struct moeai_values none = { NULL, NULL, 0 };

	assert_int_equal(moeai_watch_row(&none, &row), -EPROTO);
	wire_string(&w, MOEAI_A_FS_WATCH_PATH, "/srv");
	wire_attr(&w, MOEAI_A_FS_WATCH_RECURSIVE, "\1", 1);
	wire_u64(&w, MOEAI_A_FS_WATCH_LEFT_OUT, 9);
	assert_int_equal(moeai_watch_row(&(struct moeai_values){ NULL, w.data, w.len }, &row), 0);
	assert_string_equal(row.path, "/srv");
	assert_string_equal(row.exclude, "");
	assert_true(row.recursive && !row.exclude_self && row.left_out == 9);
	wire_attr(&w, MOEAI_A_FS_WATCH_EXCLUDE_SELF, "\1\1", 2);
	assert_int_equal(moeai_watch_row(&(struct moeai_values){ NULL, w.data, w.len }, &row),
			 -EPROTO);
}

/* What a path is called where the watch was added. */
static void watch_paths(void **state)
{
	enum { OUT = MOEAI_WATCH_OUTSIDE };
	static const struct {
		const char *watch, *path, *old_path;
		uint32_t below, old_below;
		const char *is, *was;
	} cases[] = {
		{ "/srv/a", "/srv/a/x", "", 6, OUT, "/srv/a/x", "" },
		{ "/srv/a", "/srv/a", "", 6, OUT, "/srv/a", "" },
		/* mounted at /home; at the very folder */
		{ "/home/u", "/u/x", "/u/y", 2, 2, "/home/u/x", "/home/u/y" },
		{ "/home", "/u/x", "", 0, OUT, "/home/u/x", "" },
		{ "/", "/x", "/y", 0, 0, "/x", "/y" },
		{ "/", "/", "", 0, OUT, "/", "" },
		{ "/home", "/", "", 0, OUT, "/home", "" },
		{ "/", "", "", OUT, OUT, "", "" },
		/* out, and in */
		{ "/home/u", "/v/x", "/u/x", OUT, 2, "/home/v/x", "/home/u/x" },
		{ "/home/u", "/u/x", "/v/x", 2, OUT, "/home/u/x", "/home/v/x" },
		{ "/", "/v", "/u", OUT, 0, "/v", "/u" },
		/* itself */
		{ "/home/u", "/v", "/u", 2, 2, "/home/v", "/home/u" },
		/* a link to it, or it has moved: where it is mounted is not known */
		{ "/link", "/u/x", "/v/x", 2, OUT, "/link/x", "/v/x" },
		/* nonsense */
		{ "/a", "/u/x", "", 5, OUT, "/u/x", "" },
		{ "/a", "/u/x", "/u", OUT, 200, "/u/x", "/u" },
		{ "", "/u/x", "/u", OUT, 2, "/u/x", "/" },
	};
	char text[32], cut[5];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct moeai_watch_event e = {
			.watch = cases[i].watch, .path = cases[i].path, .below = cases[i].below,
			.old_path = cases[i].old_path, .old_below = cases[i].old_below,
		};

		assert_int_equal(moeai_watch_path(&e, false, text, sizeof(text)),
				 strlen(cases[i].is));
		assert_string_equal(text, cases[i].is);
		assert_int_equal(moeai_watch_path(&e, false, cut, sizeof(cut)),
				 strlen(cases[i].is));
		assert_int_equal(strncmp(cut, cases[i].is, 4), 0);
		moeai_watch_path(&e, true, text, sizeof(text));
		assert_string_equal(text, cases[i].was);
	}
	assert_string_equal(moeai_watch_op_name(MOEAI_FS_CLOSE_WRITE), "close_write");
	assert_string_equal(moeai_watch_op_name(__MOEAI_FS_OP_MAX), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attribute_walk), cmocka_unit_test(attribute_rules),
		cmocka_unit_test(data_messages),  cmocka_unit_test(changes),
		cmocka_unit_test(responses),	  cmocka_unit_test(status),
		cmocka_unit_test(names),	  cmocka_unit_test(memory_events), cmocka_unit_test(memory_consumers),
		cmocka_unit_test(guard_events),	  cmocka_unit_test(watch_events),
		cmocka_unit_test(watch_rows),	  cmocka_unit_test(watch_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
