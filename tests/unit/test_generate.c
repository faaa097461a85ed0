// SPDX-License-Identifier: GPL-2.0
/* moectl schema --c: whatever a kernel says, the header is valid C and C++. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../moectl/generate.h"

#define N(array)     (sizeof(array) / sizeof(*(array)))
#define SCHEMA(k, o, f) { .owner = (o), .kind = MOEAI_SCHEMA_##k, .fields = (f), .n_fields = N(f) }

#define HOSTILE "*/\n#error out\n/*/ \\\n?\?/\n\"\r\xff\xe2\x80\xae"

static const char *const labels[] = { "one", "ONE", "*/", "\n#error", "", "int" };
static const char *const bits[] = {
	"0",  "1",  "2",  "3",	"4",  "5",  "6",  "7",	"8",  "9",  "10", "11", "12", "13", "14", "15",
	"16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
};

/* A field of each type, and names that are none or mean something else. */
static const struct moeai_field all[] = {
	{ "int", HOSTILE, NULL, 0, 1, MOEAI_TYPE_U32, 0, MOEAI_F_REQUIRED, false, 0, 0 },
	{ "in-t", "", NULL, 0, 2, MOEAI_TYPE_S32, 0, 0, false, 0, 0 },
	{ "in_t", "", NULL, 0, 3, MOEAI_TYPE_U64, 0, 0, false, 0, 0 },
	{ "class", "", NULL, 0, 4, MOEAI_TYPE_S64, 0, 0, false, 0, 0 },
	{ "has", "", NULL, 0, 5, MOEAI_TYPE_BOOL, 0, 0, false, 0, 0 },
	{ "errno", "", NULL, 0, 6, MOEAI_TYPE_STRING, 0, MOEAI_F_REQUIRED, false, 0, 0 },
	{ "a_len", "", NULL, 0, 7, MOEAI_TYPE_STRING, 0, 0, false, 0, 0 },
	{ "a", "", NULL, 0, 8, MOEAI_TYPE_BINARY, 0, 0, false, 0, 0 },
	{ "", "", NULL, 0, 9, MOEAI_TYPE_PREFIX, 0, 0, false, 0, 0 },
	{ "9\n#error", "", labels, N(labels), 10, MOEAI_TYPE_ENUM, 0, 0, false, 0, 0 },
	{ "f\"", "", bits, N(bits), 11, MOEAI_TYPE_FLAGS, 0, MOEAI_F_KEY, false, 0, 0 },
	{ "newer", "", NULL, 0, 12, 77, 0, 0, false, 0, 0 },
};

/* What may be decoded in order. */
static const struct moeai_field plain[] = {
	{ "end", "", NULL, 0, 1, MOEAI_TYPE_U32, 0, 0, false, 0, 0 },
	{ "p", "", NULL, 0, 2, MOEAI_TYPE_BOOL, 0, 0, false, 0, 0 },
	{ "values", "", NULL, 0, 3, MOEAI_TYPE_STRING, 0, 0, false, 0, 0 },
	{ "out", "", NULL, 0, 4, MOEAI_TYPE_BINARY, 0, 0, false, 0, 0 },
	{ "int", "", labels, N(labels), 5, MOEAI_TYPE_ENUM, 0, 0, false, 0, 0 },
	{ "s", "", NULL, 0, 6, MOEAI_TYPE_S64, 0, 0, false, 0, 0 },
};

static const struct moeai_schema schemas[] = {
	{ "m.plain", MOEAI_SCHEMA_EVENT, plain, N(plain), 0xfedcba9876543210 },
	SCHEMA(EVENT, "m.a", all),
	SCHEMA(EVENT, "m.a_event", all),
	SCHEMA(EVENT, "m.\"\n#error " HOSTILE, all),
	{ .owner = "m.empty", .kind = MOEAI_SCHEMA_EVENT },
	SCHEMA(ARGS, "m.a", all),
	{ .owner = "m.nothing", .kind = MOEAI_SCHEMA_ARGS },
	SCHEMA(ARGS, "m.only_in", all),
	{ .owner = "m.only_out", .kind = MOEAI_SCHEMA_ARGS },
	SCHEMA(REPLY, "m.a", all),
	{ .owner = "m.nothing", .kind = MOEAI_SCHEMA_REPLY },
	{ .owner = "m.only_in", .kind = MOEAI_SCHEMA_REPLY },
	SCHEMA(REPLY, "m.only_out", all),
	SCHEMA(PARAM, "m", all),
	SCHEMA(TABLE, "m.a", all),
	SCHEMA(TABLE, "other", all),
	SCHEMA(STATUS, "status", all),
};

static void describe(struct described *d, struct description v[N(schemas)])
{
	for (size_t i = 0; i < N(schemas); i++)
		v[i] = (struct description){ (char *)HOSTILE, true, &schemas[i] };
	*d = (struct described){ v, N(schemas) };
}

static char *generated(const char *module)
{
	struct description v[N(schemas)];
	struct described d;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	describe(&d, v);
	assert_non_null(to);
	assert_int_equal(generate_header(to, module, &d), 0);
	fclose(to);
	return text;
}

static void test_compiles(void **state)
{
	static const char *const compilers[] = {
		"gcc -std=c11 -x c", "gcc -std=gnu17 -x c", "g++ -std=c++11 -x c++",
		"g++ -std=c++20 -x c++",
	};
	static const char *const modules[] = { "m", "*/\n#error \"", "class", "9" };
	char file[] = "/tmp/moeai_generate.XXXXXX", command[512];
	int fd = mkstemp(file);

	assert_true(fd >= 0);
	close(fd);
	for (size_t m = 0; m < N(modules); m++) {
		char *text = generated(modules[m]);
		FILE *to = fopen(file, "w");

		assert_non_null(to);
		fputs(text, to);
		fputs(text, to); /* guarded */
		fclose(to);
		free(text);
		for (size_t c = 0; c < N(compilers); c++) {
			snprintf(command, sizeof(command), "%s -fsyntax-only -pedantic -Wall "
				 "-Wextra -Werror -Iinclude/uapi -Iinclude %s",
				 compilers[c], file);
			if (system(command))
				fail_msg("module %zu: %s", m, command);
		}
	}
	unlink(file);
}

static void test_deterministic(void **state)
{
	char *first = generated("m"), *second = generated("m");

	assert_string_equal(first, second);
	free(first);
	free(second);
}

/* Nothing but printable ASCII in lines, whatever was given. */
static void test_characters(void **state)
{
	char *text = generated("m");

	for (const char *c = text; *c; c++)
		if (*c != '\n' && *c != '\t' && (*c < ' ' || *c > '~'))
			fail_msg("%#x at %td", (unsigned char)*c, c - text);
	assert_null(strstr(text, "\n#error"));
	free(text);
}

/* What programs are written against. */
static void test_names(void **state)
{
	static const char *const lines[] = {
		"#define M_A_EVENT \"m.a\"\n",
		"struct m_a_event {\n",
		"\nm_a_event_decode(const struct moeai_values *values, struct m_a_event *out)\n",
		"\nm_a_event_get(const struct moeai_event *event, struct m_a_event *out)\n",
		"\nm_a_args_encode(const struct m_a_args *in, struct moeai_arg *args)\n",
		"\nm_a_call(struct moeai *h, const struct m_a_args *in, int timeout, "
		"struct m_a_reply *out, struct moeai_reply **reply)\n",
		"static inline int\nm_nothing_call(struct moeai *h, int timeout)\n",
		"static inline int\nm_a_row_next(struct moeai_table *table, struct m_a_row *out)\n",
		"\nm_a_row_encode(const struct m_a_row *in, struct moeai_arg *args)\n",
		"#define M_OTHER_TABLE \"other\"\n",
		"#define M_PARAM_CLASS \"m\"\".\"\"class\"\n",
		"\tM_A_ARGS_CLASS = 4,\n",
		"\tint64_t class_;\n",
	};
	char *text = generated("m");

	for (size_t i = 0; i < N(lines); i++)
		if (!strstr(text, lines[i]))
			fail_msg("no %s in %s", lines[i], text);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiles),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
