// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../moectl/mounts.h"

static const char table[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"23 22 0:21 / /proc rw,nosuid shared:12 - proc none rw\n"
	"24 22 8:2 / /home rw shared:2 - ext4 /dev/sda2 rw\n"
	"25 24 0:30 / /home/u/with\\040space rw - tmpfs none rw\n"
	"26 24 8:2 /u/src /home/u/again rw - ext4 /dev/sda2 rw\n"
	"27 24 8:2 /other /home/u/bound rw - ext4 /dev/sda2 rw\n"
	"28 24 0:31 / /home/user rw - tmpfs none rw\n"
	"29 24 0:32 / /home/u/auto rw - autofs systemd-1 rw\n"
	"30 29 0:33 / /home/u/auto rw - nfs host:/x rw\n"
	"31 24 0:34 / /home/u/auto rw master:7 propagate_from:2 - nfs host:/x rw\n"
	"nonsense\n"
	"32 24\n"
	"33 24 0:35 / /home/u\n";

/* Joined by blanks. */
static void assert_below(const char *folder, const char *want)
{
	FILE *from = fmemopen((void *)table, sizeof(table) - 1, "r");
	struct names names = { 0 };
	char got[500] = "";

	assert_non_null(from);
	assert_int_equal(mounts_below(from, folder, &names), 0);
	for (size_t i = 0; i < names.n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, names.v[i]);
	}
	assert_string_equal(got, want);
	names_free(&names);
	fclose(from);
}

static void below(void **state)
{
	assert_below("/home/u", "/home/u/with space /home/u/bound /home/u/auto");
	/* /u/src is a part of what is watched in the first case alone. */
	assert_below("/home/u/src", "");
	assert_below("/home", "/home/u/with space /home/user /home/u/auto");
	assert_below("/proc", "");
	assert_below("/nowhere", "");
	assert_below("/", "/proc /home /home/u/with space /home/u/again /home/u/bound /home/user "
			  "/home/u/auto");
	/* Part of a bind mount. */
	assert_below("/home/u/bound", "");
}

static void assert_place(const char *path, uint32_t device, const char *inside)
{
	FILE *from = fmemopen((void *)table, sizeof(table) - 1, "r");
	uint32_t got;
	char *text;

	assert_non_null(from);
	assert_int_equal(mounts_place(from, path, &got, &text), 0);
	assert_int_equal(got, device);
	assert_string_equal(text, inside);
	free(text);
	fclose(from);
}

static void place(void **state)
{
	FILE *from = fmemopen((void *)"nonsense\n", 9, "r");
	uint32_t device;
	char *inside;

	assert_place("/", 8 << 8 | 1, "/");
	assert_place("/etc/x", 8 << 8 | 1, "/etc/x");
	assert_place("/home", 8 << 8 | 2, "/");
	assert_place("/homes", 8 << 8 | 1, "/homes");
	assert_place("/home/u/src/a", 8 << 8 | 2, "/u/src/a");
	/* The same file by another way. */
	assert_place("/home/u/again/a", 8 << 8 | 2, "/u/src/a");
	assert_place("/home/u/with space", 30, "/");
	/* What was mounted last. */
	assert_place("/home/u/auto/x", 34, "/x");

	assert_int_equal(mounts_place(from, "/", &device, &inside), -ENOENT);
	assert_null(inside);
	fclose(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(below), cmocka_unit_test(place) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
