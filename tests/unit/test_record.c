// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire.h"
#include "record.h"

enum { HEAD = NLMSG_HDRLEN + GENL_HDRLEN };

/* The layout that the log writes. */
static void put_head(struct wire *w, uint64_t seq)
{
	static const char source[12] = "mem_monitor"; /* DATA at 8n */

	wire_begin(w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(w, MOEAI_A_EVENT_SEQ, seq);
	wire_attr(w, MOEAI_A_EVENT_PAD, NULL, 0);
	wire_u64(w, MOEAI_A_EVENT_TIME, 1700000000000000000);
	wire_u32(w, MOEAI_A_EVENT_TYPE, 0x10001);
	wire_u32(w, MOEAI_A_EVENT_PRIORITY, MOEAI_PRIO_WARNING);
	wire_attr(w, MOEAI_A_EVENT_SOURCE, source, sizeof(source));
}

static void put_data(struct wire *w)
{
	size_t nest = wire_nest(w, MOEAI_A_EVENT_DATA);

	wire_u32(w, 1, 7);
	wire_u64(w, 2, 8);
	wire_nest_end(w, nest);
}

static const struct nlmsghdr *good(struct wire *w)
{
	put_head(w, 42);
	put_data(w);
	if (w->len % 8)
		wire_attr(w, MOEAI_A_EVENT_PAD, NULL, 0);
	return wire_end(w);
}

static void check_good(const struct record *r)
{
	assert_int_equal(r->kind, RECORD_EVENT);
	assert_true(r->seq == 42);
	assert_true(r->time == 1700000000000000000);
	assert_int_equal(r->type, 0x10001);
	assert_int_equal(r->priority, MOEAI_PRIO_WARNING);
	assert_string_equal(r->source, "mem_monitor");
	assert_int_equal(r->data.len, 20);
	assert_int_equal(get_u32((const char *)r->data.data + 4), 7);
	assert_true(get_u64((const char *)r->data.data + 12) == 8);
}

static void log_layout(void **state)
{
	struct record r;
	struct wire w;

	assert_int_equal(record_parse(good(&w), &r), 0);
	check_good(&r);
	assert_int_equal(((const char *)r.data.data - w.data) % 8, NLA_HDRLEN);
}

/* Every other order and selection of PADs is as good. */
static void other_layouts(void **state)
{
	struct record r;
	struct wire w;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	put_data(&w);
	wire_string(&w, MOEAI_A_EVENT_SOURCE, "mem_monitor");
	wire_u32(&w, MOEAI_A_EVENT_PRIORITY, MOEAI_PRIO_WARNING);
	wire_u64(&w, MOEAI_A_EVENT_TIME, 1700000000000000000);
	wire_u64(&w, MOEAI_A_EVENT_SEQ, 42);
	wire_u32(&w, MOEAI_A_EVENT_TYPE, 0x10001);
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	check_good(&r);
}

static void unknown_attributes(void **state)
{
	struct record r;
	struct wire w;

	good(&w);
	wire_string(&w, MOEAI_A_EVENT_MAX + 1, "from a newer kernel");
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	check_good(&r);
}

/* The last one counts, whichever decoder reads it. */
static void repeated(void **state)
{
	struct record r;
	struct wire w;

	good(&w);
	wire_u64(&w, MOEAI_A_EVENT_SEQ, 43);
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	assert_true(r.seq == 43);
}

static void no_data(void **state)
{
	struct record r;
	struct wire w;

	put_head(&w, 1);
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	assert_int_equal(r.data.len, 0);
	put_head(&w, 1);
	wire_nest_end(&w, wire_nest(&w, MOEAI_A_EVENT_DATA));
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	assert_int_equal(r.data.len, 0);
}

/* Cut anywhere, a record is refused, or whole but for what may be missing. */
static void truncated(void **state)
{
	struct nlmsghdr *msg;
	struct record r;
	struct wire w;
	size_t len;
	int rc;

	len = good(&w)->nlmsg_len;
	for (size_t cut = HEAD; cut < len; cut++) {
		msg = wire_cut(&w, cut);
		rc = record_parse(msg, &r);
		if (!rc && r.kind == RECORD_EVENT) {
			assert_true(r.seq == 42);
			assert_string_equal(r.source, "mem_monitor");
		} else {
			assert_true(rc == -EPROTO || cut == HEAD);
		}
		free(msg);
	}
}

/* Each byte of a record, wrong in many ways: refused or consistent, never a crash. */
static void corrupted(void **state)
{
	static const uint8_t wrong[] = { 0x00, 0x01, 0x03, 0x05, 0x7f, 0x80, 0xff };
	struct nlmsghdr *msg;
	struct record r;
	struct wire w;
	size_t len = good(&w)->nlmsg_len;

	for (size_t at = HEAD; at < len; at++) {
		for (size_t i = 0; i < sizeof(wrong); i++) {
			msg = wire_cut(&w, len);
			((uint8_t *)msg)[at] = wrong[i];
			if (!record_parse(msg, &r) && r.kind == RECORD_EVENT) {
				assert_true(r.seq && r.seq != UINT64_MAX);
				assert_true(strlen(r.source) < len);
				assert_true(r.data.len < len);
			}
			free(msg);
		}
	}
}

static void wrong_length(uint16_t type, const void *data, size_t len)
{
	struct record r;
	struct wire w;

	good(&w);
	wire_attr(&w, type, data, len);
	assert_int_equal(record_parse(wire_end(&w), &r), -EPROTO);
}

static void wrong_lengths(void **state)
{
	static const char bytes[16] = "no NUL in sight!";

	wrong_length(MOEAI_A_EVENT_SEQ, bytes, 4);
	wrong_length(MOEAI_A_EVENT_SEQ, bytes, 16);
	wrong_length(MOEAI_A_EVENT_TIME, bytes, 0);
	wrong_length(MOEAI_A_EVENT_TYPE, bytes, 3);
	wrong_length(MOEAI_A_EVENT_TYPE, bytes, 8);
	wrong_length(MOEAI_A_EVENT_PRIORITY, bytes, 1);
	wrong_length(MOEAI_A_EVENT_SOURCE, bytes, 16);
	wrong_length(MOEAI_A_EVENT_SOURCE, bytes, 0);
}

static void impossible_seqs(void **state)
{
	struct record r;
	struct wire w;

	put_head(&w, 0);
	assert_int_equal(record_parse(wire_end(&w), &r), -EPROTO);
	put_head(&w, UINT64_MAX);
	put_data(&w);
	assert_int_equal(record_parse(wire_end(&w), &r), -EPROTO);
}

static int parse_notice(uint64_t from, uint64_t to, struct record *r)
{
	struct wire w;
	size_t nest;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(&w, MOEAI_A_EVENT_EPOCH, 99);
	nest = wire_nest(&w, MOEAI_A_EVENT_LOST);
	wire_u64(&w, MOEAI_A_LOST_FROM, from);
	wire_u64(&w, MOEAI_A_LOST_TO, to);
	wire_u32(&w, MOEAI_A_LOST_REASON, MOEAI_LOST_CLEARED);
	wire_nest_end(&w, nest);
	return record_parse(wire_end(&w), r);
}

static void notices(void **state)
{
	struct record r;
	struct wire w;

	assert_int_equal(parse_notice(5, 9, &r), 0);
	assert_int_equal(r.kind, RECORD_LOST);
	assert_true(r.epoch == 99 && r.lost.from == 5 && r.lost.to == 9);
	assert_int_equal(r.lost.reason, MOEAI_LOST_CLEARED);
	assert_int_equal(parse_notice(5, 5, &r), 0);
	assert_int_equal(parse_notice(9, 5, &r), -EPROTO);
	assert_int_equal(parse_notice(0, 5, &r), -EPROTO);
	assert_int_equal(parse_notice(5, UINT64_MAX, &r), -EPROTO);

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT); /* an empty one */
	wire_u64(&w, MOEAI_A_EVENT_EPOCH, 99);
	wire_nest_end(&w, wire_nest(&w, MOEAI_A_EVENT_LOST));
	assert_int_equal(record_parse(wire_end(&w), &r), -EPROTO);
}

static int parse_announcement(uint64_t epoch, uint64_t first, uint64_t next, struct record *r)
{
	struct wire w;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(&w, MOEAI_A_EVENT_EPOCH, epoch);
	wire_u64(&w, MOEAI_A_EVENT_FIRST, first);
	wire_u64(&w, MOEAI_A_EVENT_NEXT, next);
	return record_parse(wire_end(&w), r);
}

static void announcements(void **state)
{
	struct record r;
	struct wire w;

	assert_int_equal(parse_announcement(99, 3, 8, &r), 0);
	assert_int_equal(r.kind, RECORD_ANNOUNCEMENT);
	assert_true(r.epoch == 99 && r.first == 3 && r.next == 8);
	assert_int_equal(parse_announcement(99, 8, 8, &r), 0);
	assert_int_equal(parse_announcement(99, 9, 8, &r), -EPROTO);
	assert_int_equal(parse_announcement(99, 0, 8, &r), -EPROTO);
	assert_int_equal(parse_announcement(0, 3, 8, &r), -EPROTO);

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	wire_u64(&w, MOEAI_A_EVENT_NEXT, 8);
	assert_int_equal(record_parse(wire_end(&w), &r), -EPROTO);
}

/* Nothing of what is known: to be skipped. */
static void another_form(void **state)
{
	struct record r;
	struct wire w;

	wire_begin(&w, WIRE_FAMILY, MOEAI_MSG_EVENT);
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	assert_int_equal(r.kind, RECORD_OTHER);
	wire_u64(&w, MOEAI_A_EVENT_MAX + 7, 1);
	assert_int_equal(record_parse(wire_end(&w), &r), 0);
	assert_int_equal(r.kind, RECORD_OTHER);
}

/* In place, where all but the room may be anything at any time. */
static void in_place(void **state)
{
	const struct nlmsghdr *msg;
	struct record r = { 0 }, parsed;
	struct wire w;
	char *exact;
	size_t len;

	msg = good(&w);
	assert_true(record_in_place(msg, msg->nlmsg_len + 100, &r));
	assert_int_equal(record_parse(msg, &parsed), 0);
	assert_true(r.seq == parsed.seq && r.time == parsed.time && r.type == parsed.type &&
		    r.priority == parsed.priority && r.len == msg->nlmsg_len);
	assert_ptr_equal(r.data.data, parsed.data.data);
	assert_int_equal(r.data.len, parsed.data.len);

	srand(2);
	len = msg->nlmsg_len;
	for (int round = 0; round < 100000; round++) {
		size_t room = (size_t)rand() % (len + 1);

		exact = malloc(room ? room : 1);
		memcpy(exact, msg, room);
		for (int i = rand() % 3; i > 0 && room; i--)
			exact[(size_t)rand() % room] = (char)rand();
		if (record_in_place((const void *)exact, room, &r)) {
			assert_true(r.len >= NLMSG_HDRLEN && r.len <= room);
			assert_true((const char *)r.data.data + r.data.len <= exact + r.len);
			assert_true((const char *)r.data.data > exact);
		}
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_layout),	      cmocka_unit_test(other_layouts),
		cmocka_unit_test(unknown_attributes), cmocka_unit_test(repeated),
		cmocka_unit_test(no_data),	      cmocka_unit_test(truncated),
		cmocka_unit_test(corrupted),	      cmocka_unit_test(wrong_lengths),
		cmocka_unit_test(impossible_seqs),    cmocka_unit_test(notices),
		cmocka_unit_test(announcements),      cmocka_unit_test(another_form),
		cmocka_unit_test(in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
