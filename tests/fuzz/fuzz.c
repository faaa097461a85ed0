// SPDX-License-Identifier: GPL-2.0
#include "fuzz.h"

static const char *const labels[] = { "none", "low", "medium", "critical" };

#define FIELD(i, n, t, ...) \
	{ .name = (n), .help = "", .id = (i), .type = MOEAI_TYPE_##t, __VA_ARGS__ }
#define RANGE(a, b) .has_range = true, .min = (a), .max = (b)
#define LABELS .labels = labels, .n_labels = 4

static const struct moeai_field fields[] = {
	FIELD(1, "bool", BOOL),
	FIELD(2, "u32", U32),
	FIELD(3, "s32", S32),
	FIELD(4, "u64", U64),
	FIELD(5, "s64", S64),
	FIELD(6, "string", STRING),
	FIELD(7, "binary", BINARY),
	FIELD(8, "prefix", PREFIX),
	FIELD(9, "enum", ENUM, LABELS),
	FIELD(10, "flags", FLAGS, LABELS),
	FIELD(11, "hex", U64, .flags = MOEAI_F_HEX),
	FIELD(12, "bytes", U64, .unit = MOEAI_UNIT_BYTES),
	FIELD(13, "duration", U64, .unit = MOEAI_UNIT_NS),
	FIELD(14, "permille", U32, .unit = MOEAI_UNIT_PERMILLE, RANGE(0, 1000)),
	FIELD(15, "time", U64, .unit = MOEAI_UNIT_TIME),
	FIELD(16, "between", S64, RANGE(-5, 5)),
	FIELD(17, "short", STRING, RANGE(1, 4)),
	FIELD(18, "number", ENUM),
	FIELD(19, "bits", FLAGS),
	FIELD(20, "later", S32, .unit = MOEAI_UNIT_NS),
	FIELD(21, "rate", U64, .unit = MOEAI_UNIT_BYTES_S),
	FIELD(22, "newer", MAX + 1),
};

const struct moeai_schema fuzz_schema = {
	.owner = "fuzz.fields",
	.kind = MOEAI_SCHEMA_EVENT,
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(*fields),
};

char *fuzz_string(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	promise(s);
	if (size)
		memcpy(s, data, size);
	s[size] = 0;
	return s;
}
