// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../moectl/thing.h"

static void assert_kind(const char *text, enum thing_kind wanted, enum thing_kind kind)
{
	struct thing t;

	assert_int_equal(thing_parse(&t, text, wanted, false), 0);
	assert_int_equal(t.kind, kind);
	assert_ptr_equal(t.text, text);
	thing_free(&t);
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		enum thing_kind kind;
	} words[] = {
		{ "1", THING_PID },		{ "4194303", THING_PID },
		{ "2147483647", THING_PID },	{ "2147483648", THING_COMM },
		{ "007", THING_COMM },		{ "0x10", THING_COMM },
		{ "-1", THING_COMM },		{ "1a", THING_COMM },
		{ "postgres", THING_COMM },	{ "(sd-pam)", THING_COMM },
		{ "192.0.2.7", THING_ADDRESS }, { "192.0.2.0/24", THING_ADDRESS },
		{ "::", THING_ADDRESS },	{ "2001:db8::/32", THING_ADDRESS },
		{ "192.0.2", THING_COMM },	{ "192.0.2.0/33", THING_PATH },
		{ "192.0.2.0/x", THING_PATH },	{ "/etc", THING_PATH },
		{ "etc/x", THING_PATH },	{ ".", THING_PATH },
		{ "..", THING_PATH },		{ "./1", THING_PATH },
		{ ".profile", THING_COMM },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_kind(words[i].text, THING_ANY, words[i].kind);
	assert_kind("1", THING_COMM, THING_COMM);
	assert_kind("1", THING_PATH, THING_PATH);
	assert_kind("192.0.2.7", THING_PATH, THING_PATH);
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		enum thing_kind wanted;
	} words[] = {
		{ "x", THING_PID },	     { "", THING_PID },		  { "0", THING_PID },
		{ "192.0.2", THING_ADDRESS }, { "192.0.2.0/", THING_ADDRESS },
		{ "192.0.2.0/33", THING_ADDRESS }, { "fe80::1%eth0", THING_ADDRESS },
		{ "", THING_COMM },	     { "", THING_PATH },	  { "", THING_ANY },
		{ "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111", THING_ADDRESS },
	};
	struct thing t;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		assert_int_equal(thing_parse(&t, words[i].text, words[i].wanted, false), -EINVAL);
		thing_free(&t);
	}
}

/* A name is as long as the kernel has it. */
static void names(void **state)
{
	struct thing t;

	assert_int_equal(thing_parse(&t, "a_very_long_name_indeed", THING_ANY, false), 0);
	assert_string_equal(t.comm, "a_very_long_nam");
	thing_free(&t);
}

static bool meets(const char *a, const char *b)
{
	struct thing x, y;

	assert_int_equal(thing_parse(&x, a, THING_ADDRESS, false), 0);
	assert_int_equal(thing_parse(&y, b, THING_ADDRESS, false), 0);
	return thing_meets(&x.address, y.address.bytes, y.address.len, y.address.bits);
}

static void addresses(void **state)
{
	struct thing t;
	char text[THING_ADDRESS_LEN];

	assert_true(meets("192.0.2.7", "192.0.2.7"));
	assert_true(meets("192.0.2.7", "192.0.2.0/24"));
	assert_true(meets("192.0.2.0/24", "192.0.2.7"));
	assert_true(meets("192.0.2.7", "0.0.0.0/0"));
	assert_true(meets("192.0.2.128/25", "192.0.2.255"));
	assert_false(meets("192.0.2.128/25", "192.0.2.127"));
	assert_false(meets("192.0.2.7", "192.0.3.0/24"));
	assert_false(meets("::/0", "192.0.2.7"));
	assert_true(meets("2001:db8::1", "2001:db8::/33"));
	assert_false(meets("2001:db8:8000::1", "2001:db8::/33"));
	assert_true(meets("::ffff:192.0.2.7", "192.0.2.0/24"));
	assert_true(meets("::ffff:192.0.2.0/120", "192.0.2.9"));

	assert_int_equal(thing_parse(&t, "::ffff:192.0.2.7", THING_ANY, false), 0);
	assert_true(thing_is_single(&t.address));
	thing_address_text(&t.address, text, sizeof(text));
	assert_string_equal(text, "192.0.2.7");
	assert_int_equal(thing_parse(&t, "192.0.2.0/24", THING_ANY, false), 0);
	assert_false(thing_is_single(&t.address));
}

static char base[PATH_MAX];

static void assert_path(const char *text, const char *path, const char *target)
{
	char want[2 * PATH_MAX];
	struct thing t;

	assert_int_equal(thing_parse(&t, text, THING_PATH, false), 0);
	snprintf(want, sizeof(want), "%s%s", *path == '!' ? "" : base, path + (*path == '!'));
	assert_string_equal(t.path, want);
	if (target) {
		snprintf(want, sizeof(want), "%s%s", base, target);
		assert_string_equal(t.target, want);
	} else {
		assert_null(t.target);
	}
	thing_free(&t);
}

static void paths(void **state)
{
	char text[2 * PATH_MAX];

	assert_path("file", "/d/file", NULL);
	assert_path("./file", "/d/file", NULL);
	assert_path("../d//file", "/d/file", NULL);
	assert_path("gone", "/d/gone", NULL);
	assert_path("gone/", "/d/gone", NULL);
	assert_path("gone/away/x", "/d/gone/away/x", NULL);
	assert_path("gone/../x", "/d/x", NULL);
	assert_path("../link/file", "/d/file", NULL);
	assert_path("../link/gone", "/d/gone", NULL);
	assert_path("../link", "/link", "/d");
	assert_path(".", "/d", NULL);
	assert_path("..", "", NULL);
	assert_path("/", "!/", NULL);
	assert_path("/../..", "!/", NULL);
	assert_path("/no/such/../../..", "!/", NULL);
	snprintf(text, sizeof(text), "%s/link/../d/gone", base);
	assert_path(text, "/d/gone", NULL);
}

/* Of another system nothing here is looked at: no link, nor what is there. */
static void paths_elsewhere(void **state)
{
	static const char *const texts[][2] = {
		{ "/link/file", "/link/file" }, { "//link/./x/", "/link/x" },
		{ "/link/../x", "/x" }, { "/", "/" },
	};
	char text[2 * PATH_MAX];
	struct thing t;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(thing_parse(&t, texts[i][0], THING_ANY, true), 0);
		assert_string_equal(t.path, texts[i][1]);
		assert_null(t.target);
		thing_free(&t);
	}
	snprintf(text, sizeof(text), "%s/link/file", base);
	assert_int_equal(thing_parse(&t, text, THING_PATH, true), 0);
	assert_string_equal(t.path, text);
	thing_free(&t);
	snprintf(text, sizeof(text), "%s/link", base);
	assert_int_equal(thing_parse(&t, text, THING_PATH, true), 0);
	assert_string_equal(t.path, text);
	assert_null(t.target);
	thing_free(&t);
}

static int setup(void **state)
{
	char name[] = "/tmp/test_thing.XXXXXX";

	if (!mkdtemp(name) || !realpath(name, base) || chdir(base) || mkdir("d", 0700) ||
	    symlink("d", "link") || chdir("d"))
		return -1;
	return fclose(fopen("file", "w"));
}

static int teardown(void **state)
{
	return unlink("file") || chdir("..") || unlink("link") || rmdir("d") || rmdir(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),     cmocka_unit_test(refused), cmocka_unit_test(names),
		cmocka_unit_test(addresses), cmocka_unit_test(paths),
		cmocka_unit_test(paths_elsewhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
