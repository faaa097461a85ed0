/* SPDX-License-Identifier: GPL-2.0 */
/* A field a line, for the tables of events, parameters and columns. */
#ifndef FS_FIELD_H
#define FS_FIELD_H

#define NUMBER_FIELD(n, t, u, h) { .name = n, .type = t, .unit = MOEAI_UNIT_##u, .help = h }
#define BOOL_FIELD(n, h)	 { .name = n, .type = MOEAI_TYPE_BOOL, .help = h }
#define U32_FIELD(n, h)		 NUMBER_FIELD(n, MOEAI_TYPE_U32, NONE, h)
#define U64_FIELD(n, u, h)	 NUMBER_FIELD(n, MOEAI_TYPE_U64, u, h)
#define STRING_FIELD(n, h)	 { .name = n, .type = MOEAI_TYPE_STRING, .help = h }
#define MARKED_FIELD(n, t, m, h) { .name = n, .type = t, .flags = m, .help = h }
#define PID_FIELD(n, h)		 MARKED_FIELD(n, MOEAI_TYPE_U32, MOEAI_F_PID, h)
#define COMM_FIELD(n, h)	 MARKED_FIELD(n, MOEAI_TYPE_STRING, MOEAI_F_COMM, h)
#define UID_FIELD(n, h)		 MARKED_FIELD(n, MOEAI_TYPE_U32, MOEAI_F_UID, h)
#define PATH_FIELD(n, h)	 MARKED_FIELD(n, MOEAI_TYPE_STRING, MOEAI_F_PATH, h)
#define OLD_PATH_FIELD(n, h)	 MARKED_FIELD(n, MOEAI_TYPE_STRING, MOEAI_F_PATH | MOEAI_F_OLD, h)
#define ENUM_FIELD(n, l, h)	 { .name = n, .type = MOEAI_TYPE_ENUM, .labels = l, .help = h }
#define DEVICE_FIELD(n, h)	 MARKED_FIELD(n, MOEAI_TYPE_U32, MOEAI_F_HEX | MOEAI_F_DEVICE, h)

extern const char *const fs_op_names[];
extern const char *const fs_state_names[];
extern const char *const fs_change_names[];

#endif /* FS_FIELD_H */
