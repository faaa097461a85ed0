// SPDX-License-Identifier: GPL-2.0
/*
 * Every message of the protocol, malformed in every way: refused with the right
 * errno, in words, pointing at the attribute at fault, and without effect.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "ask.h"

/* ---- messages as tables ---------------------------------------------------- */

enum kind { P_END, P_ATTR, P_LIE, P_RAW, P_BARE, P_NEST, P_CLOSE, P_FAULT, P_OURS, P_TIMES };

/* One step in writing a message's attributes. */
struct part {
	enum kind kind;
	uint16_t type;
	const void *data;
	size_t len; /* of data; NULL data: as many zeros; TIMES: how often the next one */
	size_t lie; /* what nla_len says instead */
};

#define A(t, p, n)     { P_ATTR, t, p, n }
#define U32(t, v)      A(t, &(const uint32_t){ v }, 4)
#define U64(t, v)      A(t, &(const uint64_t){ v }, 8)
#define STR(t, s)      A(t, s, sizeof(s))
#define ZEROS(t, n)    A(t, NULL, n)
#define LIE(t, n, say) { P_LIE, t, NULL, n, say }
#define RAW(s)	       { P_RAW, 0, s, sizeof(s) - 1 }
#define BARE(t, s)     { P_BARE, t, s, sizeof(s) } /* without padding */
#define NEST(t)	       { P_NEST, (t) | NLA_F_NESTED }
#define FLAT(t)	       { P_NEST, t }
#define CLOSE	       { P_CLOSE }
#define FAULT	       { P_FAULT } /* what comes next is at fault */
#define OURS	       { P_OURS } /* … as we say when a dump starts: see dumps_point() */
#define TIMES(n)       { P_TIMES, 0, NULL, n }

#define TEXT  NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "text"), CLOSE
#define PING  STR(MOEAI_A_COMMAND_NAME, "core.ping")
#define TABLE STR(MOEAI_A_DATA_TABLE, "commands")

static const uint8_t zeros[1 << 16];

static void write_attr(struct msg *m, const struct part *p, size_t *nests, size_t *depth)
{
	size_t at;

	if (p->kind == P_RAW) {
		msg_raw(m, p->data, p->len);
	} else if (p->kind == P_CLOSE) {
		msg_nest_end(m, nests[--*depth]);
	} else {
		at = msg_put(m, p->type, p->data ?: zeros, p->len);
		if (p->kind == P_NEST)
			nests[(*depth)++] = at;
		if (p->kind == P_BARE)
			m->len = at + NLA_HDRLEN + p->len;
		if (p->kind == P_LIE)
			((struct nlattr *)(m->b + at))->nla_len = p->lie;
	}
}

/* Does genl hand a dump's start the means to point at an attribute? On 6.1 it does not. */
static bool dumps_point(void)
{
	struct utsname u;

	uname(&u);
	return strncmp(u.release, "6.1.", 4);
}

/* Returns the offset of the part at fault, -1 if none is. */
static int write_parts(struct msg *m, const struct part *p)
{
	size_t nests[64], depth = 0, times = 1;
	int fault = -1;

	for (; p->kind != P_END; p++) {
		if (p->kind == P_FAULT || p->kind == P_OURS) {
			if (p->kind == P_FAULT || dumps_point())
				fault = m->len;
		} else if (p->kind == P_TIMES) {
			times = p->len;
		} else {
			while (times--)
				write_attr(m, p, nests, &depth);
			times = 1;
		}
	}
	return fault;
}

struct refusal {
	const char *what;
	int error;
	const char *text; /* a part of it; NULL: none, what genl itself refuses */
	struct part parts[12];
};

static struct wire w;

static int verdict_is(const struct refusal *r, const struct verdict *v, int fault)
{
	if (v->error == r->error && !!v->text[0] == !!r->text &&
	    (!r->text || strstr(v->text, r->text)) && v->offset == fault)
		return 0;
	print_error("%s: %d \"%s\" at %d instead of %d \"%s\" at %d\n", r->what, v->error, v->text,
		    v->offset, r->error, r->text ?: "", fault);
	return 1;
}

static void refused(uint8_t cmd, uint16_t flags, const struct refusal *r, size_t n)
{
	size_t i, wrong = 0;

	for (i = 0; i < n; i++) {
		struct verdict v;
		struct msg m;
		int fault;

		msg_begin(&m, cmd, flags);
		fault = write_parts(&m, r[i].parts);
		wire_ask(&w, &m, &v);
		wrong += verdict_is(&r[i], &v, fault);
	}
	assert_int_equal(wrong, 0);
}

#define REFUSED(cmd, flags, table) refused(cmd, flags, table, sizeof(table) / sizeof(table[0]))

#define UNKNOWN	   "Unknown attribute type"
#define UNSUP	   "Unsupported attribute"
#define OUT	   "integer out of range"
#define LENGTH	   "invalid attribute length"
#define LEFTOVER   "bytes leftover"
#define NOT_NESTED "NLA_F_NESTED not expected"
#define NO_NESTED  "NLA_F_NESTED is missing"
#define POLICY	   "Attribute failed policy validation"
#define KERNELS	   "set by the kernel alone"

/* ---- EVENT do --------------------------------------------------------------- */

static const struct refusal publish[] = {
	{ "no DATA", -EINVAL, "text: missing", {} },
	{ "empty DATA", -EINVAL, "text: missing", { NEST(MOEAI_A_EVENT_DATA), CLOSE } },
	{ "DATA of two bytes", -ERANGE, POLICY,
	  { FAULT, ZEROS(MOEAI_A_EVENT_DATA | NLA_F_NESTED, 2) } },
	{ "DATA without NLA_F_NESTED", -EINVAL, NO_NESTED,
	  { FAULT, FLAT(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "text"), CLOSE } },
	{ "empty text", -ERANGE, "text: too short",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, STR(MOEAI_A_MESSAGE_TEXT, ""), CLOSE } },
	{ "text of no bytes", -EINVAL, "text: not a string",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, ZEROS(MOEAI_A_MESSAGE_TEXT, 0), CLOSE } },
	{ "text without NUL", -EINVAL, "text: not a string",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, A(MOEAI_A_MESSAGE_TEXT, "text", 4), CLOSE } },
	{ "text with two NULs", -EINVAL, "text: not a string",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, A(MOEAI_A_MESSAGE_TEXT, "te\0t", 5), CLOSE } },
	{ "text twice", -EINVAL, "text: given twice",
	  { NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "a"), FAULT,
	    STR(MOEAI_A_MESSAGE_TEXT, "b"), CLOSE } },
	{ "text as a nest", -EINVAL, "no such field",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, NEST(MOEAI_A_MESSAGE_TEXT), CLOSE, CLOSE } },
	{ "forged pid", -EINVAL, "no such field",
	  { NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "a"), FAULT,
	    U32(MOEAI_A_MESSAGE_PID, 1), CLOSE } },
	{ "forged uid", -EINVAL, "no such field",
	  { NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "a"), FAULT,
	    U32(MOEAI_A_MESSAGE_UID, 1), CLOSE } },
	{ "forged comm", -EINVAL, "no such field",
	  { NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "a"), FAULT,
	    STR(MOEAI_A_MESSAGE_COMM, "init"), CLOSE } },
	{ "field 0", -EINVAL, "no such field",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, U32(0, 1), CLOSE } },
	{ "unknown field", -EINVAL, "no such field",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, U32(0x3fff, 1), CLOSE } },
	{ "bytes behind the text", -EINVAL, "bytes that are no attribute",
	  { NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "a"), FAULT, RAW("abc"), CLOSE } },
	{ "text longer than DATA", -EINVAL, "bytes that are no attribute",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, LIE(MOEAI_A_MESSAGE_TEXT, 4, 200), CLOSE } },
	{ "text shorter than its head", -EINVAL, "bytes that are no attribute",
	  { NEST(MOEAI_A_EVENT_DATA), FAULT, LIE(MOEAI_A_MESSAGE_TEXT, 4, 3), CLOSE } },
	{ "DATA longer than the message", -EINVAL, LEFTOVER,
	  { LIE(MOEAI_A_EVENT_DATA | NLA_F_NESTED, 4, 400) } },
	{ "DATA shorter than its head", -EINVAL, LEFTOVER,
	  { LIE(MOEAI_A_EVENT_DATA | NLA_F_NESTED, 4, 2) } },
	{ "half a head", -EINVAL, LEFTOVER, { TEXT, RAW("ab") } },
	{ "priority critical", -ERANGE, OUT, { TEXT, FAULT, U32(MOEAI_A_EVENT_PRIORITY, 4) } },
	{ "priority out of range", -ERANGE, OUT,
	  { TEXT, FAULT, U32(MOEAI_A_EVENT_PRIORITY, UINT32_MAX) } },
	{ "priority of 1 byte", -EINVAL, LENGTH, { TEXT, FAULT, ZEROS(MOEAI_A_EVENT_PRIORITY, 1) } },
	{ "priority of 8 bytes", -EINVAL, LENGTH,
	  { TEXT, FAULT, ZEROS(MOEAI_A_EVENT_PRIORITY, 8) } },
	{ "priority of no bytes", -EINVAL, LENGTH,
	  { TEXT, FAULT, ZEROS(MOEAI_A_EVENT_PRIORITY, 0) } },
	{ "priority as a nest", -EINVAL, NOT_NESTED,
	  { TEXT, FAULT, U32(MOEAI_A_EVENT_PRIORITY | NLA_F_NESTED, 1) } },
	{ "good, then bad priority", -ERANGE, OUT,
	  { TEXT, U32(MOEAI_A_EVENT_PRIORITY, 1), FAULT, U32(MOEAI_A_EVENT_PRIORITY, 9) } },
	{ "FILTER in a do", -EINVAL, "FILTER goes with a dump",
	  { TEXT, FAULT, NEST(MOEAI_A_EVENT_FILTER), CLOSE } },
	{ "forged SEQ", -EINVAL, KERNELS, { TEXT, FAULT, U64(MOEAI_A_EVENT_SEQ, 1) } },
	{ "forged TIME", -EINVAL, KERNELS, { TEXT, FAULT, U64(MOEAI_A_EVENT_TIME, 1) } },
	{ "forged TYPE", -EINVAL, KERNELS, { TEXT, FAULT, U32(MOEAI_A_EVENT_TYPE, 1) } },
	{ "forged SOURCE", -EINVAL, KERNELS, { TEXT, FAULT, STR(MOEAI_A_EVENT_SOURCE, "core") } },
	{ "forged EPOCH", -EINVAL, KERNELS, { TEXT, FAULT, U64(MOEAI_A_EVENT_EPOCH, 1) } },
	{ "forged FIRST", -EINVAL, KERNELS, { TEXT, FAULT, U64(MOEAI_A_EVENT_FIRST, 1) } },
	{ "forged NEXT", -EINVAL, KERNELS, { TEXT, FAULT, U64(MOEAI_A_EVENT_NEXT, 1) } },
	{ "forged LOST", -EINVAL, KERNELS, { TEXT, FAULT, FLAT(MOEAI_A_EVENT_LOST), CLOSE } },
	{ "forged LOST, a nest", -EINVAL, NOT_NESTED,
	  { TEXT, FAULT, NEST(MOEAI_A_EVENT_LOST), CLOSE } },
	{ "PAD", -EINVAL, UNSUP, { TEXT, FAULT, ZEROS(MOEAI_A_EVENT_PAD, 0) } },
	{ "attribute 0", -EINVAL, UNKNOWN, { TEXT, FAULT, U32(0, 1) } },
	{ "unknown attribute", -EINVAL, UNKNOWN, { TEXT, FAULT, U32(MOEAI_A_EVENT_MAX + 1, 1) } },
	{ "greatest attribute", -EINVAL, UNKNOWN, { TEXT, FAULT, U32(0x3fff, 1) } },
};

static void test_publish(void **state)
{
	REFUSED(MOEAI_MSG_EVENT, 0, publish);
}

/* ---- EVENT dump --------------------------------------------------------------- */

#define FILTER(...) NEST(MOEAI_A_EVENT_FILTER), __VA_ARGS__, CLOSE

/* What the end of a dump says bears no offset. */
static const struct refusal replay[] = {
	{ "PRIORITY in a dump", -EINVAL, "a replay takes FILTER only",
	  { OURS, U32(MOEAI_A_EVENT_PRIORITY, 1) } },
	{ "DATA in a dump", -EINVAL, "a replay takes FILTER only", { OURS, TEXT } },
	{ "SEQ in a dump", -EINVAL, KERNELS, { FAULT, U64(MOEAI_A_EVENT_SEQ, 1) } },
	{ "EPOCH beside FILTER", -EINVAL, KERNELS, { FAULT, U64(MOEAI_A_EVENT_EPOCH, 1) } },
	{ "unknown attribute", -EINVAL, UNKNOWN, { FAULT, U32(MOEAI_A_EVENT_MAX + 1, 1) } },
	{ "half a head", -EINVAL, LEFTOVER, { RAW("ab") } },
	{ "FILTER without NLA_F_NESTED", -EINVAL, NO_NESTED,
	  { FAULT, FLAT(MOEAI_A_EVENT_FILTER), U64(MOEAI_A_FILTER_SINCE, 1), CLOSE } },
	{ "FILTER of two bytes", -ERANGE, POLICY,
	  { FAULT, ZEROS(MOEAI_A_EVENT_FILTER | NLA_F_NESTED, 2) } },
	{ "FILTER longer than the message", -EINVAL, LEFTOVER,
	  { LIE(MOEAI_A_EVENT_FILTER | NLA_F_NESTED, 4, 40) } },
	{ "SINCE of 4 bytes", -EINVAL, LENGTH, { FILTER(FAULT, U32(MOEAI_A_FILTER_SINCE, 1)) } },
	{ "SINCE as a nest", -EINVAL, NOT_NESTED,
	  { FILTER(FAULT, U64(MOEAI_A_FILTER_SINCE | NLA_F_NESTED, 1)) } },
	{ "EPOCH of 4 bytes", -EINVAL, LENGTH, { FILTER(FAULT, U32(MOEAI_A_FILTER_EPOCH, 1)) } },
	{ "EPOCH of no bytes", -EINVAL, LENGTH, { FILTER(FAULT, ZEROS(MOEAI_A_FILTER_EPOCH, 0)) } },
	{ "TYPE of 8 bytes", -EINVAL, LENGTH, { FILTER(FAULT, U64(MOEAI_A_FILTER_TYPE, 1)) } },
	{ "second TYPE of 1 byte", -EINVAL, LENGTH,
	  { FILTER(U32(MOEAI_A_FILTER_TYPE, 1), FAULT, ZEROS(MOEAI_A_FILTER_TYPE, 1)) } },
	{ "MIN_PRIORITY out of range", -ERANGE, OUT,
	  { FILTER(FAULT, U32(MOEAI_A_FILTER_MIN_PRIORITY, MOEAI_PRIO_MAX + 1)) } },
	{ "MIN_PRIORITY of 2 bytes", -EINVAL, LENGTH,
	  { FILTER(FAULT, ZEROS(MOEAI_A_FILTER_MIN_PRIORITY, 2)) } },
	{ "SOURCE of 32 characters", -EINVAL, POLICY,
	  { FILTER(FAULT, STR(MOEAI_A_FILTER_SOURCE, "a1234567890123456789012345678901")) } },
	{ "SOURCE without NUL", -EINVAL, POLICY,
	  { FILTER(FAULT, A(MOEAI_A_FILTER_SOURCE, "core", 4)) } },
	{ "SOURCE of no bytes", -EINVAL, POLICY,
	  { FILTER(FAULT, ZEROS(MOEAI_A_FILTER_SOURCE, 0)) } },
	{ "field 0", -EINVAL, UNKNOWN, { FILTER(FAULT, U32(0, 1)) } },
	{ "unknown field", -EINVAL, UNKNOWN, { FILTER(FAULT, U32(MOEAI_A_FILTER_MAX + 1, 1)) } },
	{ "bytes behind", -EINVAL, LEFTOVER, { FILTER(U64(MOEAI_A_FILTER_SINCE, 1), RAW("abc")) } },
	{ "SINCE longer than FILTER", -EINVAL, LEFTOVER,
	  { FILTER(LIE(MOEAI_A_FILTER_SINCE, 8, 40)) } },
	{ "SINCE shorter than its head", -EINVAL, LEFTOVER,
	  { FILTER(LIE(MOEAI_A_FILTER_SINCE, 8, 1)) } },
	{ "FILTER in FILTER", -EINVAL, UNKNOWN,
	  { FILTER(FAULT, NEST(MOEAI_A_EVENT_FILTER), CLOSE) } },
	{ "33 types", -E2BIG, "too many types",
	  { NEST(MOEAI_A_EVENT_FILTER), TIMES(MOEAI_FILTER_TYPES), U32(MOEAI_A_FILTER_TYPE, 1),
	    OURS, U32(MOEAI_A_FILTER_TYPE, 1), CLOSE } },
};

static void test_replay(void **state)
{
	REFUSED(MOEAI_MSG_EVENT, NLM_F_DUMP, replay);
}

/* ---- COMMAND ------------------------------------------------------------------- */

#define ARGS(...) NEST(MOEAI_A_COMMAND_ARGS), __VA_ARGS__, CLOSE

static const struct refusal command[] = {
	{ "neither ID nor NAME", -EINVAL, "exactly one of ID and NAME", {} },
	{ "both ID and NAME", -EINVAL, "exactly one of ID and NAME",
	  { PING, U32(MOEAI_A_COMMAND_ID, MOEAI_CMD_PING) } },
	{ "ID 0", -ERANGE, OUT, { FAULT, U32(MOEAI_A_COMMAND_ID, 0) } },
	{ "unknown ID", -ENOENT, "no such command", { FAULT, U32(MOEAI_A_COMMAND_ID, 0xfff) } },
	{ "greatest ID", -ENOENT, "no such command",
	  { FAULT, U32(MOEAI_A_COMMAND_ID, UINT32_MAX) } },
	{ "ID of 8 bytes", -EINVAL, LENGTH, { FAULT, U64(MOEAI_A_COMMAND_ID, 1) } },
	{ "ID of 2 bytes", -EINVAL, LENGTH, { FAULT, ZEROS(MOEAI_A_COMMAND_ID, 2) } },
	{ "ID as a nest", -EINVAL, NOT_NESTED,
	  { FAULT, U32(MOEAI_A_COMMAND_ID | NLA_F_NESTED, MOEAI_CMD_PING) } },
	{ "unknown NAME", -ENOENT, "no such command",
	  { FAULT, STR(MOEAI_A_COMMAND_NAME, "core.pong") } },
	{ "empty NAME", -ENOENT, "no such command", { FAULT, STR(MOEAI_A_COMMAND_NAME, "") } },
	{ "NAME without NUL", -EINVAL, POLICY, { FAULT, A(MOEAI_A_COMMAND_NAME, "core.ping", 9) } },
	{ "NAME of no bytes", -EINVAL, POLICY, { FAULT, ZEROS(MOEAI_A_COMMAND_NAME, 0) } },
	{ "NAME of 64 characters", -EINVAL, POLICY,
	  { FAULT, STR(MOEAI_A_COMMAND_NAME,
		       "core.ping123456789012345678901234567890123456789012345678901234x") } },
	{ "NAME as a nest", -EINVAL, NOT_NESTED,
	  { FAULT, STR(MOEAI_A_COMMAND_NAME | NLA_F_NESTED, "core.ping") } },
	{ "unknown attribute", -EINVAL, UNKNOWN,
	  { PING, FAULT, U32(MOEAI_A_COMMAND_MAX + 1, 1) } },
	{ "attribute 0", -EINVAL, UNKNOWN, { PING, FAULT, U32(0, 1) } },
	{ "half a head", -EINVAL, LEFTOVER, { PING, RAW("abc") } },
	{ "NAME longer than the message", -EINVAL, LEFTOVER,
	  { LIE(MOEAI_A_COMMAND_NAME, 10, 100) } },
	{ "ARGS without NLA_F_NESTED", -EINVAL, NO_NESTED,
	  { PING, FAULT, FLAT(MOEAI_A_COMMAND_ARGS), STR(MOEAI_A_PING_TEXT, "a"), CLOSE } },
	{ "ARGS of three bytes", -ERANGE, POLICY,
	  { PING, FAULT, ZEROS(MOEAI_A_COMMAND_ARGS | NLA_F_NESTED, 3) } },
	{ "unknown argument", -EINVAL, "no such field",
	  { PING, ARGS(FAULT, U32(__MOEAI_A_PING_MAX, 1)) } },
	{ "argument of the reply only", -EINVAL, "no such field",
	  { PING, ARGS(FAULT, U64(MOEAI_A_PING_TIME, 1)) } },
	{ "argument twice", -EINVAL, "text: given twice",
	  { PING, ARGS(STR(MOEAI_A_PING_TEXT, "a"), FAULT, STR(MOEAI_A_PING_TEXT, "a")) } },
	{ "65 arguments", -EINVAL, "text: given twice",
	  { PING, NEST(MOEAI_A_COMMAND_ARGS), STR(MOEAI_A_PING_TEXT, "a"), FAULT,
	    STR(MOEAI_A_PING_TEXT, "a"), TIMES(MOEAI_ARGS_MAX - 1), STR(MOEAI_A_PING_TEXT, "a"),
	    CLOSE } },
	{ "argument as a nest", -EINVAL, "no such field",
	  { PING, ARGS(FAULT, NEST(MOEAI_A_PING_TEXT), CLOSE) } },
	{ "delay out of range", -ERANGE, "delay: out of range 0 to 60000000000",
	  { PING, ARGS(FAULT, U64(MOEAI_A_PING_DELAY, 60000000001)) } },
	{ "delay above S64_MAX", -ERANGE, "delay: out of range 0 to 60000000000",
	  { PING, ARGS(FAULT, U64(MOEAI_A_PING_DELAY, UINT64_MAX)) } },
	{ "delay of 4 bytes", -EINVAL, "delay: wrong length",
	  { PING, ARGS(FAULT, U32(MOEAI_A_PING_DELAY, 1)) } },
	{ "delay of no bytes", -EINVAL, "delay: wrong length",
	  { PING, ARGS(FAULT, ZEROS(MOEAI_A_PING_DELAY, 0)) } },
	{ "text without NUL", -EINVAL, "text: not a string",
	  { PING, ARGS(FAULT, A(MOEAI_A_PING_TEXT, "abcd", 4)) } },
	{ "text with a NUL inside", -EINVAL, "text: not a string",
	  { PING, ARGS(FAULT, A(MOEAI_A_PING_TEXT, "a\0b", 4)) } },
	{ "bytes behind an argument", -EINVAL, "bytes that are no attribute",
	  { PING, ARGS(STR(MOEAI_A_PING_TEXT, "a"), FAULT, RAW("xyz")) } },
	{ "argument longer than ARGS", -EINVAL, "bytes that are no attribute",
	  { PING, ARGS(FAULT, LIE(MOEAI_A_PING_TEXT, 4, 100)) } },
	{ "missing arguments", -EINVAL, "name: missing",
	  { STR(MOEAI_A_COMMAND_NAME, "param.set") } },
	{ "one missing argument", -EINVAL, "value: missing",
	  { STR(MOEAI_A_COMMAND_NAME, "param.set"), ARGS(STR(MOEAI_A_PARAM_SET_NAME, "x.y")) } },
	{ "arguments of a command that takes none", -EINVAL, "no such field",
	  { STR(MOEAI_A_COMMAND_NAME, "log.clear"), ARGS(FAULT, U32(1, 1)) } },
};

static void test_command(void **state)
{
	REFUSED(MOEAI_MSG_COMMAND, 0, command);
}

/* ---- DATA dump, STATUS ------------------------------------------------------------ */

static const struct refusal data[] = {
	{ "no TABLE", -EINVAL, "TABLE is missing", {} },
	{ "unknown TABLE", -ENOENT, "no such table", { OURS, STR(MOEAI_A_DATA_TABLE, "rows") } },
	{ "empty TABLE", -ENOENT, "no such table", { OURS, STR(MOEAI_A_DATA_TABLE, "") } },
	{ "TABLE without NUL", -EINVAL, POLICY, { FAULT, A(MOEAI_A_DATA_TABLE, "fields", 6) } },
	{ "TABLE of no bytes", -EINVAL, POLICY, { FAULT, ZEROS(MOEAI_A_DATA_TABLE, 0) } },
	{ "TABLE of 64 characters", -EINVAL, POLICY,
	  { FAULT, STR(MOEAI_A_DATA_TABLE,
		       "commands12345678901234567890123456789012345678901234567890123456") } },
	{ "TABLE as a nest", -EINVAL, NOT_NESTED,
	  { FAULT, STR(MOEAI_A_DATA_TABLE | NLA_F_NESTED, "fields") } },
	{ "GENERATION", -EINVAL, KERNELS, { TABLE, FAULT, U64(MOEAI_A_DATA_GENERATION, 1) } },
	{ "ROW", -EINVAL, "a dump takes TABLE only",
	  { TABLE, OURS, NEST(MOEAI_A_DATA_ROW), CLOSE } },
	{ "ROW without NLA_F_NESTED", -EINVAL, NO_NESTED,
	  { TABLE, FAULT, FLAT(MOEAI_A_DATA_ROW), CLOSE } },
	{ "ACTION", -EINVAL, "a dump takes TABLE only",
	  { TABLE, OURS, U32(MOEAI_A_DATA_ACTION, MOEAI_ACTION_ADD) } },
	{ "PAD", -EINVAL, UNSUP, { TABLE, FAULT, ZEROS(MOEAI_A_DATA_PAD, 0) } },
	{ "unknown attribute", -EINVAL, UNKNOWN, { TABLE, FAULT, U32(__MOEAI_A_DATA_MAX, 1) } },
	{ "half a head", -EINVAL, LEFTOVER, { TABLE, RAW("ab") } },
	{ "TABLE longer than the message", -EINVAL, LEFTOVER,
	  { LIE(MOEAI_A_DATA_TABLE, 8, 100) } },
};

static void test_data(void **state)
{
	REFUSED(MOEAI_MSG_DATA, NLM_F_DUMP, data);
}

static const struct refusal status[] = {
	/* It failed policy validation, or is of an unknown type, as the kernel has it. */
	{ "attribute 1", -EINVAL, "ttribute", { FAULT, U32(1, 1) } },
	{ "unknown attribute", -EINVAL, UNKNOWN, { FAULT, U32(2, 1) } },
	{ "bytes that are no attribute", -EINVAL, LEFTOVER, { RAW("ab") } },
};

static void test_status(void **state)
{
	REFUSED(MOEAI_MSG_STATUS, 0, status);
}

/* ---- what looks odd and is right ------------------------------------------- */

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

/* ---- the texts that no table can hold ------------------------------------------------ */

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

/* ---- heads ---------------------------------------------------------------------------- */

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

/* ---- nothing of all this has an effect --------------------------------------------------- */

static char *snapshot(void)
{
	return strdup(slurp("/proc/moeai/modules/core"));
}

static uint64_t seq_before;
static char *core_before;

static int begin(void **state)
{
	/* What it emits has nothing to do with what is tested. */
	sh("rmmod moeai_mem_monitor 2>/dev/null");
	wire_open(&w);
	seq_before = status_number(&w, MOEAI_A_STATUS_LOG_NEXT);
	core_before = snapshot();
	return 0;
}

static void test_no_effect(void **state)
{
	char *after = snapshot();

	assert_int_equal(status_number(&w, MOEAI_A_STATUS_LOG_NEXT), seq_before);
	assert_string_equal(after, core_before);
	assert_int_equal(log_counter(&w, "unanswered"), 0);
	log_balanced(&w);
	free(after);
}

/* ---- random mutations ----------------------------------------------------------------------- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_publish),	  cmocka_unit_test(test_replay),
		cmocka_unit_test(test_command),	  cmocka_unit_test(test_data),
		cmocka_unit_test(test_status),	  cmocka_unit_test(test_right),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_deep),	  cmocka_unit_test(test_heads),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_no_effect),
		cmocka_unit_test(test_mutations),
	};

	cmocka_set_test_filter(getenv("MOEAI_TEST_FILTER"));
	return cmocka_run_group_tests(tests, begin, NULL);
}
