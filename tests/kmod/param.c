// SPDX-License-Identifier: GPL-2.0
#include "test.h"

bool test_fail_start;

static bool b;
static u32 u;
static s32 s = -5;
static u64 big;
static s64 sbig;
static u32 choice;
static u32 flags;
static u32 checked = 1;
static s32 below = -3;
static u64 count;

static const char *const choices[] = { "zero", "one", "two", NULL };
static const char *const flag_names[] = { "a", "b", "c", NULL };

/* Odd numbers only. */
static int set_checked(const struct moeai_param *param, u64 value)
{
	if (!(value & 1))
		return -EDOM;
	WRITE_ONCE(checked, value);
	return 0;
}

/* Below zero only. */
static int set_below(const struct moeai_param *param, u64 value)
{
	if ((s64)value >= 0)
		return -EDOM;
	WRITE_ONCE(below, (s64)value);
	return 0;
}

static u64 read_count(const struct moeai_param *param)
{
	return ++count;
}

static u64 read_first(const struct moeai_param *param)
{
	return (u32)READ_ONCE(test_first_answer);
}

static u64 read_second(const struct moeai_param *param)
{
	return (u32)READ_ONCE(test_second_answer);
}

#define W MOEAI_PARAM_WRITE

const struct moeai_param test_params[] = {
	{ { "bool", "b", MOEAI_TYPE_BOOL }, W, &b },
	{ { "u32", "u", MOEAI_TYPE_U32 }, W, &u },
	{ { "s32", "s", MOEAI_TYPE_S32, .min = -10, .max = 10 }, W, &s },
	{ { "u64", "big", MOEAI_TYPE_U64 }, W, &big },
	{ { "s64", "sbig", MOEAI_TYPE_S64 }, W, &sbig },
	{ { "enum", "choice", MOEAI_TYPE_ENUM, .labels = choices }, W, &choice },
	{ { "flags", "flags", MOEAI_TYPE_FLAGS, .labels = flag_names }, W, &flags },
	{ { "size", "with suffixes", MOEAI_TYPE_U64, MOEAI_UNIT_BYTES }, W, &big },
	{ { "checked", "odd numbers", MOEAI_TYPE_U32, .max = 100 }, W, &checked,
	  .set = set_checked },
	{ { "below", "below zero", MOEAI_TYPE_S32, .min = -100, .max = 100 }, W, &below,
	  .set = set_below },
	{ { "fixed", "not to be set", MOEAI_TYPE_U32 }, 0, &u },
	{ { "fail_start", "start fails", MOEAI_TYPE_BOOL }, W, &test_fail_start },
	{ { "reads", "of this", MOEAI_TYPE_U64 }, MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT,
	  .read = read_count },
	{ { "gauge", "stays", MOEAI_TYPE_S32 }, MOEAI_PARAM_STAT, &s },
	{ { "first_answer", "", MOEAI_TYPE_S32 }, MOEAI_PARAM_STAT, .read = read_first },
	{ { "second_answer", "", MOEAI_TYPE_S32 }, MOEAI_PARAM_STAT, .read = read_second },
	{ { "changed", "generations of test.rows", MOEAI_TYPE_U64 },
	  MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, &test_changed },
	{ { "worked", "on a region, whatever is in it", MOEAI_TYPE_U64 },
	  MOEAI_PARAM_STAT | MOEAI_PARAM_COUNT, &test_worked },
};

const unsigned int test_n_params = ARRAY_SIZE(test_params);
