/* SPDX-License-Identifier: GPL-2.0 */
/* A field a line, for the tables of events and commands. */
#ifndef MEM_FIELD_H
#define MEM_FIELD_H

#define NUMBER_FIELD(n, t, u, h) { .name = n, .type = t, .unit = MOEAI_UNIT_##u, .help = h }
#define U32_FIELD(n, u, h)	 NUMBER_FIELD(n, MOEAI_TYPE_U32, u, h)
#define U64_FIELD(n, u, h)	 NUMBER_FIELD(n, MOEAI_TYPE_U64, u, h)
#define S64_FIELD(n, u, h)	 NUMBER_FIELD(n, MOEAI_TYPE_S64, u, h)
#define MARKED_FIELD(n, t, m, h) { .name = n, .type = t, .flags = m, .help = h }
#define PID_FIELD(n, h)		 MARKED_FIELD(n, MOEAI_TYPE_U32, MOEAI_F_PID, h)
#define UID_FIELD(n, h)		 MARKED_FIELD(n, MOEAI_TYPE_U32, MOEAI_F_UID, h)
#define COMM_FIELD(n, h)	 MARKED_FIELD(n, MOEAI_TYPE_STRING, MOEAI_F_COMM, h)
#define STARTED_FIELD(n, h)                                                            \
	{ .name = n, .type = MOEAI_TYPE_U64, .unit = MOEAI_UNIT_NS, .flags = MOEAI_F_STARTED, .help = h }
#define STRING_FIELD(n, h)	 { .name = n, .type = MOEAI_TYPE_STRING, .help = h }
#define ENUM_FIELD(n, l, h)	 { .name = n, .type = MOEAI_TYPE_ENUM, .labels = l, .help = h }
#define FLAGS_FIELD(n, l, h)	 { .name = n, .type = MOEAI_TYPE_FLAGS, .labels = l, .help = h }

#define AVAILABLE_HELP "memory to be had without swapping"
#define CAUSE_HELP     "what the level comes from"
#define FREE_HELP      "memory that nothing is in"
#define STARTED_HELP   "after boot: with pid, it names one process alone"
#define STALLS_HELP    "allocations that had to reclaim memory first"

#endif /* MEM_FIELD_H */
