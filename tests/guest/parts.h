/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of any shape, written as tables, and how the kernel must refuse them. */
#ifndef TESTS_PARTS_H
#define TESTS_PARTS_H

#include "wire.h"

/* ---- messages as tables -------------------------------------------------- */

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

#define TEXT	    NEST(MOEAI_A_EVENT_DATA), STR(MOEAI_A_MESSAGE_TEXT, "text"), CLOSE
#define PING	    STR(MOEAI_A_COMMAND_NAME, "core.ping")
#define TABLE	    STR(MOEAI_A_DATA_TABLE, "commands")
#define FILTER(...) NEST(MOEAI_A_EVENT_FILTER), __VA_ARGS__, CLOSE
#define ARGS(...)   NEST(MOEAI_A_COMMAND_ARGS), __VA_ARGS__, CLOSE

/* Returns the offset of the part at fault, -1 if none is. */
int write_parts(struct msg *m, const struct part *p);

/* ---- how they are refused ------------------------------------------------ */

struct refusal {
	const char *what;
	int error;
	const char *text; /* a part of it; NULL: none, what genl itself refuses */
	struct part parts[12];
};

/* Is it refused so? Returns 0, or prints what it is instead and returns 1. */
int verdict_is(const struct refusal *r, const struct verdict *v, int fault);

/* Send each of @n; fails the test if one is not refused as its row has it. */
void refused(struct wire *w, uint8_t cmd, uint16_t flags, const struct refusal *r, size_t n);

#define REFUSED(w, cmd, flags, table) \
	refused(w, cmd, flags, table, sizeof(table) / sizeof(table[0]))

#define UNKNOWN	   "Unknown attribute type"
#define UNSUP	   "Unsupported attribute"
#define OUT	   "integer out of range"
#define LENGTH	   "invalid attribute length"
#define LEFTOVER   "bytes leftover"
#define NOT_NESTED "NLA_F_NESTED not expected"
#define NO_NESTED  "NLA_F_NESTED is missing"
#define POLICY	   "Attribute failed policy validation"
#define KERNELS	   "set by the kernel alone"

/* ---- without effect ------------------------------------------------------ */

/* What the core says of itself before a test's messages, and whether that still holds. */
void effects_begin(struct wire *w);
void assert_no_effect(struct wire *w);

#endif
