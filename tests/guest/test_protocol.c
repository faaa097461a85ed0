// SPDX-License-Identifier: GPL-2.0
/*
 * Every attribute of the protocol, malformed in every way: refused with the right
 * errno, in words, pointing at the attribute at fault, and without effect.
 */
#include <errno.h>
#include <stdlib.h>
#include "ask.h"
#include "parts.h"

static struct wire w;

/* ---- EVENT do ------------------------------------------------------------ */

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
	REFUSED(&w, MOEAI_MSG_EVENT, 0, publish);
}

/* ---- EVENT dump ---------------------------------------------------------- */

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
	REFUSED(&w, MOEAI_MSG_EVENT, NLM_F_DUMP, replay);
}

/* ---- COMMAND ------------------------------------------------------------- */

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
	REFUSED(&w, MOEAI_MSG_COMMAND, 0, command);
}

/* ---- DATA dump, STATUS --------------------------------------------------- */

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
	REFUSED(&w, MOEAI_MSG_DATA, NLM_F_DUMP, data);
}

static const struct refusal status[] = {
	/* It failed policy validation, or is of an unknown type, as the kernel has it. */
	{ "attribute 1", -EINVAL, "ttribute", { FAULT, U32(1, 1) } },
	{ "unknown attribute", -EINVAL, UNKNOWN, { FAULT, U32(2, 1) } },
	{ "bytes that are no attribute", -EINVAL, LEFTOVER, { RAW("ab") } },
};

static void test_status(void **state)
{
	REFUSED(&w, MOEAI_MSG_STATUS, 0, status);
}

/* ---- the frame ----------------------------------------------------------- */

static void test_no_effect(void **state)
{
	assert_no_effect(&w);
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
		cmocka_unit_test(test_publish), cmocka_unit_test(test_replay),
		cmocka_unit_test(test_command), cmocka_unit_test(test_data),
		cmocka_unit_test(test_status), cmocka_unit_test(test_no_effect),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
