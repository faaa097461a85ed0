// SPDX-License-Identifier: GPL-2.0
/* What is asked of /proc/moeai. */
/* check: limit=900 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "walk.h"

#define CONTROL "/proc/moeai/control"

/* Writes a line, if there is one, and reads all there is to read. */
static int read_file(const char *path, const char *line)
{
	int fd = open(path, (line ? O_RDWR : O_RDONLY) | O_CLOEXEC), error = 0;
	char bytes[4096];
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	if (line && write(fd, line, strlen(line)) < 0)
		error = -errno;
	while (!error && n > 0) {
		n = read(fd, bytes, sizeof(bytes));
		if (n < 0)
			error = -errno;
	}
	close(fd);
	return error;
}

static int run_read(const void *path)
{
	return read_file(path, NULL);
}

static int run_control(const void *line)
{
	return read_file(CONTROL, line);
}

static void test_procfs(void **state)
{
	walk("/proc/moeai/status",
	     &(struct operation){ run_read, both_loaded, NULL,
				  "/proc/moeai/status" });
	walk("/proc/moeai/log", &(struct operation){ run_read, both_loaded,
						     NULL, "/proc/moeai/log" });
	walk("control", &(struct operation){ run_control, both_loaded, NULL,
					     "core.ping\n" });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_procfs),
	};

	return cmocka_run_group_tests(tests, walk_setup, NULL);
}
