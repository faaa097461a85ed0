/* SPDX-License-Identifier: GPL-2.0 */
/* A field a line, for the tables of events, commands and columns. */
#ifndef GUARD_FIELD_H
#define GUARD_FIELD_H

#define NUMBER_FIELD(n, t, u, h) { .name = n, .type = t, .unit = MOEAI_UNIT_##u, .help = h }
#define U32_FIELD(n, u, h)	 NUMBER_FIELD(n, MOEAI_TYPE_U32, u, h)
#define U64_FIELD(n, u, h)	 NUMBER_FIELD(n, MOEAI_TYPE_U64, u, h)
#define STRING_FIELD(n, h)	 { .name = n, .type = MOEAI_TYPE_STRING, .help = h }
#define PREFIX_FIELD(n, h)	 { .name = n, .type = MOEAI_TYPE_PREFIX, .help = h }
#define ENUM_FIELD(n, l, h)	 { .name = n, .type = MOEAI_TYPE_ENUM, .labels = l, .help = h }

extern const char *const guard_action_names[];
extern const char *const guard_source_names[];
extern const char *const guard_kind_names[];

#endif /* GUARD_FIELD_H */
