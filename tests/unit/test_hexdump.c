// SPDX-License-Identifier: GPL-2.0
/* Against what hexdump -C prints of the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/hexdump.h"

static void assert_dump(const void *data, size_t len, uint64_t offset, const char *want)
{
	char *text, *copy = malloc(len + !len); /* so that a byte too many is found */
	size_t size;
	FILE *to = open_memstream(&text, &size);

	memcpy(copy, data, len);
	hexdump(to, copy, len, offset);
	fclose(to);
	assert_string_equal(text, want);
	free(text);
	free(copy);
}

static void lines(void **state)
{
	assert_dump("", 0, 0, "00000000\n");
	assert_dump("a", 1, 0,
		    "00000000  61                                                "
		    "|a|\n00000001\n");
	assert_dump("0123456789abcde\x7f\xff\n", 18, 0x123456780,
		    "123456780  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 7f  "
		    "|0123456789abcde.|\n"
		    "123456790  ff 0a                                             |..|\n"
		    "123456792\n");
}

static void repetitions(void **state)
{
	static const char zeros[64];
	char bytes[64 + 5] = { 0 };

#define LINE(at, b, c)                                                                    \
	at "  " b " 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |" c "...............|\n"
	assert_dump(zeros, 16, 0, LINE("00000000", "00", ".") "00000010\n");
	assert_dump(zeros, 64, 0, LINE("00000000", "00", ".") "*\n00000040\n");
	bytes[32] = 'x';
	assert_dump(bytes, sizeof(bytes), 16,
		    LINE("00000010", "00", ".") "*\n" LINE("00000030", "78", "x")
			    LINE("00000040", "00", ".")
		    "00000050  00 00 00 00 00                                    |.....|\n"
		    "00000055\n");
	/* What is less than a line is not the same as one. */
	assert_dump(zeros, 20, 0, LINE("00000000", "00", ".")
		    "00000010  00 00 00 00                                       |....|\n"
		    "00000014\n");
}

static void digits(void **state)
{
	static const unsigned char bytes[] = { 0, 255, 'a' };
	char *text = hexdump_digits(bytes, sizeof(bytes));

	assert_string_equal(text, "00ff61");
	free(text);
	text = hexdump_digits("", 0);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(repetitions),
		cmocka_unit_test(digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
