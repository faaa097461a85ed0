// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of an odd shape as a whole: long, deep, cut short, with wrong heads, of
 * random bytes. What only looks odd is taken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ask.h"
#include "parts.h"

static struct wire w;

/* ---- what looks odd and is right ----------------------------------------- */

static const struct {
	const char *what;
	uint8_t cmd;
	uint16_t flags;
	struct part parts[12];
} right[] = {
	{ "last argument without padding", MOEAI_MSG_COMMAND, 0,
	  { PING, NEST(MOEAI_A_COMMAND_ARGS), BARE(MOEAI_A_PING_TEXT, "a"), CLOSE } },
	{ "empty ARGS", MOEAI_MSG_COMMAND, 0, { PING, NEST(MOEAI_A_COMMAND_ARGS), CLOSE } },
	{ "NAME twice: the last counts", MOEAI_MSG_COMMAND, 0,
	  { STR(MOEAI_A_COMMAND_NAME, "core.pong"), PING } },
	{ "empty FILTER", MOEAI_MSG_EVENT, NLM_F_DUMP, { NEST(MOEAI_A_EVENT_FILTER), CLOSE } },
	{ "SINCE twice", MOEAI_MSG_EVENT, NLM_F_DUMP,
	  { FILTER(U64(MOEAI_A_FILTER_SINCE, 1), U64(MOEAI_A_FILTER_SINCE, 2)) } },
	{ "32 types", MOEAI_MSG_EVENT, NLM_F_DUMP,
	  { NEST(MOEAI_A_EVENT_FILTER), TIMES(MOEAI_FILTER_TYPES), U32(MOEAI_A_FILTER_TYPE, 1),
	    CLOSE } },
	{ "TABLE twice: the last counts", MOEAI_MSG_DATA, NLM_F_DUMP,
	  { STR(MOEAI_A_DATA_TABLE, "rows"), TABLE } },
	{ "ECHO", MOEAI_MSG_STATUS, NLM_F_ECHO, {} },
};

static void test_right(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		struct verdict v;
		struct msg m;

		msg_begin(&m, right[i].cmd, right[i].flags);
		write_parts(&m, right[i].parts);
		if (wire_ask(&w, &m, &v))
			fail_msg("%s: %d \"%s\"", right[i].what, v.error, v.text);
	}
}

/* ---- the texts that no table can hold ------------------------------------ */

static char *text_of(size_t len)
{
	static char s[1 << 14];

	memset(s, 'a', len);
	s[len] = 0;
	return s;
}

static void refused_text(uint8_t cmd, uint16_t nest_type, uint16_t type, size_t len, int error,
			 const char *words)
{
	struct refusal r = { "a long text", error, words };
	struct verdict v;
	struct msg m;
	size_t nest, at;

	msg_begin(&m, cmd, 0);
	if (cmd == MOEAI_MSG_COMMAND)
		msg_str(&m, MOEAI_A_COMMAND_NAME, "core.ping");
	nest = msg_nest(&m, nest_type);
	at = msg_str(&m, type, text_of(len));
	msg_nest_end(&m, nest);
	wire_ask(&w, &m, &v);
	assert_int_equal(verdict_is(&r, &v, at), 0);
}

static void test_long(void **state)
{
	refused_text(MOEAI_MSG_EVENT, MOEAI_A_EVENT_DATA, MOEAI_A_MESSAGE_TEXT,
		     MOEAI_MESSAGE_LEN + 1, -ERANGE, "text: too long");
	refused_text(MOEAI_MSG_COMMAND, MOEAI_A_COMMAND_ARGS, MOEAI_A_PING_TEXT, 1025, -ERANGE,
		     "text: too long");
	refused_text(MOEAI_MSG_COMMAND, MOEAI_A_COMMAND_ARGS, MOEAI_A_PING_TEXT, MOEAI_ARGS_LEN,
		     -EMSGSIZE, "too many bytes of arguments");
}

/* Nests in nests, far deeper than the kernel's stack could bear. */
static void test_deep(void **state)
{
	static const struct {
		uint8_t cmd;
		uint16_t flags, type;
		const char *words;
	} cases[] = {
		{ MOEAI_MSG_EVENT, 0, MOEAI_A_EVENT_DATA, "no such field" },
		{ MOEAI_MSG_EVENT, NLM_F_DUMP, MOEAI_A_EVENT_FILTER, UNKNOWN },
		{ MOEAI_MSG_COMMAND, 0, MOEAI_A_COMMAND_ARGS, "no such field" },
	};
	size_t i, depth, nests[2000];

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct refusal r = { "deep nests", -EINVAL, cases[i].words };
		struct verdict v;
		struct msg m;

		msg_begin(&m, cases[i].cmd, cases[i].flags);
		if (cases[i].cmd == MOEAI_MSG_COMMAND)
			msg_str(&m, MOEAI_A_COMMAND_NAME, "core.ping");
		for (depth = 0; depth < 2000; depth++)
			nests[depth] = msg_nest(&m, depth ? MOEAI_A_EVENT_DATA : cases[i].type);
		while (depth--)
			msg_nest_end(&m, nests[depth]);
		wire_ask(&w, &m, &v);
		assert_int_equal(verdict_is(&r, &v, nests[1]), 0);
	}
}

/* ---- heads --------------------------------------------------------------- */

static const struct {
	const char *what;
	uint8_t cmd;
	uint16_t flags;
	uint16_t reserved;
	int error;
	const char *text;
} heads[] = {
	{ "cmd 0", MOEAI_MSG_UNSPEC, 0, 0, -EOPNOTSUPP, NULL },
	{ "RESPONSE from user space", MOEAI_MSG_RESPONSE, 0, 0, -EOPNOTSUPP, NULL },
	{ "unknown cmd", __MOEAI_MSG_MAX, 0, 0, -EOPNOTSUPP, NULL },
	{ "greatest cmd", UINT8_MAX, 0, 0, -EOPNOTSUPP, NULL },
	{ "dump of COMMAND", MOEAI_MSG_COMMAND, NLM_F_DUMP, 0, -EOPNOTSUPP, NULL },
	{ "dump of STATUS", MOEAI_MSG_STATUS, NLM_F_DUMP, 0, -EOPNOTSUPP, NULL },
	{ "reserved of EVENT", MOEAI_MSG_EVENT, 0, 1, -EINVAL, "reserved field is not 0" },
	{ "reserved of COMMAND", MOEAI_MSG_COMMAND, 0, 0x8000, -EINVAL, "reserved field is not 0" },
	{ "reserved of STATUS", MOEAI_MSG_STATUS, 0, 1, -EINVAL, "reserved field is not 0" },
	{ "reserved of DATA", MOEAI_MSG_DATA, NLM_F_DUMP, 1, -EINVAL, "reserved field is not 0" },
	{ "flag EXCL", MOEAI_MSG_STATUS, NLM_F_EXCL, 0, -EINVAL, "reserved bits set" },
	{ "flag CREATE", MOEAI_MSG_COMMAND, NLM_F_CREATE, 0, -EINVAL, "reserved bits set" },
	{ "flag ATOMIC", MOEAI_MSG_EVENT, NLM_F_DUMP | NLM_F_ATOMIC, 0, -EINVAL,
	  "reserved bits set" },
	{ "flag ROOT alone", MOEAI_MSG_EVENT, NLM_F_ROOT, 0, -EINVAL, "reserved bits set" },
	{ "unknown flag", MOEAI_MSG_STATUS, 0x8000, 0, -EINVAL, "reserved bits set" },
};

static void test_heads(void **state)
{
	size_t i, wrong = 0;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct refusal r = { heads[i].what, heads[i].error, heads[i].text };
		struct verdict v;
		struct msg m;

		msg_begin(&m, heads[i].cmd, heads[i].flags);
		msg_genl(&m)->reserved = heads[i].reserved;
		wire_ask(&w, &m, &v);
		wrong += verdict_is(&r, &v, -1);
	}
	assert_int_equal(wrong, 0);
}

/* Cut a good message short at every byte: never accepted, but for a cut that is none. */
static void test_truncated(void **state)
{
	struct nlmsghdr *nlh;
	struct verdict v;
	struct msg m;
	size_t nest, len, whole;

	msg_begin(&m, MOEAI_MSG_EVENT, NLM_F_ACK);
	nest = msg_nest(&m, MOEAI_A_EVENT_DATA);
	msg_str(&m, MOEAI_A_MESSAGE_TEXT, "whole");
	msg_nest_end(&m, nest);
	whole = m.len;
	for (len = NLMSG_HDRLEN; len < whole - 2; len++) {
		nlh = msg_head(&m);
		nlh->nlmsg_len = len;
		nlh->nlmsg_type = w.family;
		nlh->nlmsg_seq = ++w.seq;
		assert_int_equal(wire_send_raw(&w, m.b, len), 0);
		assert_true(wire_verdict(&w, wire_next(&w, WIRE_WAIT), &v));
		if (v.error != -EINVAL)
			fail_msg("cut at %zu of %zu: %d", len, whole, v.error);
	}
}

static void test_shape_no_effect(void **state)
{
	assert_no_effect(&w);
}

/* ---- random mutations ---------------------------------------------------- */

#define MUTATIONS 20000

static const struct {
	uint8_t cmd;
	uint16_t flags;
	struct part parts[12];
} good[] = {
	{ MOEAI_MSG_EVENT, 0, { U32(MOEAI_A_EVENT_PRIORITY, 1), TEXT } },
	{ MOEAI_MSG_EVENT, NLM_F_DUMP,
	  { FILTER(U64(MOEAI_A_FILTER_SINCE, 1), U32(MOEAI_A_FILTER_TYPE, 1),
		   U32(MOEAI_A_FILTER_TYPE, 2), U32(MOEAI_A_FILTER_MIN_PRIORITY, 1),
		   STR(MOEAI_A_FILTER_SOURCE, "core")) } },
	{ MOEAI_MSG_COMMAND, 0,
	  { PING, ARGS(STR(MOEAI_A_PING_TEXT, "text"), U64(MOEAI_A_PING_DELAY, 1)) } },
	{ MOEAI_MSG_COMMAND, 0,
	  { U32(MOEAI_A_COMMAND_ID, MOEAI_CMD_PARAM_SET),
	    ARGS(STR(MOEAI_A_PARAM_SET_NAME, "core.flush_us"),
		 STR(MOEAI_A_PARAM_SET_VALUE, "1000")) } },
	{ MOEAI_MSG_STATUS, 0, {} },
	{ MOEAI_MSG_DATA, NLM_F_DUMP, { TABLE } },
};

static void good_message(struct msg *m, unsigned int kind)
{
	kind %= sizeof(good) / sizeof(good[0]);
	msg_begin(m, good[kind].cmd, good[kind].flags);
	write_parts(m, good[kind].parts);
}

static void mutate(struct msg *m)
{
	size_t head = NLMSG_HDRLEN + GENL_HDRLEN, n = 1 + rand() % 3, at;

	while (n--) {
		/* The genl head now and then, attributes mostly. */
		at = rand() % 8 || m->len == head ? NLMSG_HDRLEN : head;
		at += rand() % (m->len - at);
		m->b[at] = rand() % 2 ? m->b[at] ^ (1 << rand() % 8) : rand();
	}
	if (rand() % 8 == 0)
		m->len = NLMSG_HDRLEN + rand() % (m->len - NLMSG_HDRLEN + 1);
}

static void drain(struct wire *s)
{
	while (wire_next(s, 0))
		;
	assert_true(errno == EAGAIN || errno == ENOBUFS);
}

static void test_mutations(void **state)
{
	struct wire s;
	struct msg m;
	int i;

	srand(1);
	wire_open(&s);
	for (i = 0; i < MUTATIONS; i++) {
		good_message(&m, rand());
		mutate(&m);
		wire_send(&s, &m);
		drain(&s);
	}
	wire_close(&s);
	status_number(&w, MOEAI_A_STATUS_STATE);
	log_balanced(&w);
}

static int begin(void **state)
{
	/* What it emits has nothing to do with what is tested. */
	sh("rmmod moeai_mem_monitor 2>/dev/null");
	wire_open(&w);
	effects_begin(&w);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right), cmocka_unit_test(test_long),
		cmocka_unit_test(test_deep), cmocka_unit_test(test_heads),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_shape_no_effect),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
