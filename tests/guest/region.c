// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <moeai/moeai.h>
#include "device.h"
#include "region.h"

int region_ready(void **state)
{
	sh("rmmod moeai_mem_monitor 2>/dev/null; rmmod moeai_test 2>/dev/null");
	return sh("modprobe moeai && modprobe moeai_test");
}

int region_leave(void **state)
{
	return device_unload();
}

int region_do(const char *fmt, ...)
{
	char line[300] = "test.shmem ";
	size_t n = strlen(line);
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + n, sizeof(line) - n, fmt, args);
	va_end(args);
	return result_of(line);
}

void region_make(const char *name, size_t size, bool writable, unsigned int byte)
{
	assert_int_equal(region_do("do=create name=%s size=%zu writable=%d", name, size, writable),
			 0);
	assert_int_equal(region_do("do=fill name=%s byte=%u", name, byte), 0);
}

int region_open(const char *name, uint32_t flags, struct moeai_region *out)
{
	struct moeai_region region = { .flags = flags };
	int device = open(MOEAI_DEVICE, O_RDONLY | O_CLOEXEC), fd;

	if (device < 0)
		return -errno;
	strncpy(region.name, name, sizeof(region.name) - 1);
	fd = ioctl(device, MOEAI_IOC_SHMEM, &region);
	if (fd < 0)
		fd = -errno;
	close(device);
	if (out)
		*out = region;
	return fd;
}

unsigned char *region_map(int fd, size_t size, int prot)
{
	void *p = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* ---- table shmem -------------------------------------------------------------------------- */

static uint64_t number(const struct moeai_values *row, const char *column)
{
	struct moeai_value v;

	assert_int_equal(moeai_values_get(row, column, &v), 0);
	return v.u64;
}

static void text(const struct moeai_values *row, const char *column, char *out, size_t size)
{
	struct moeai_value v;

	assert_int_equal(moeai_values_get(row, column, &v), 0);
	snprintf(out, size, "%.*s", (int)v.len, (const char *)v.data);
}

struct region_row region_row(const char *name)
{
	struct region_row r = { .n = 0 };
	struct moeai_values row;
	struct moeai_table *t;
	struct moeai *h;
	char one[64];

	assert_int_equal(moeai_open(&h), 0);
	assert_int_equal(moeai_table_open(h, "shmem", &t), 0);
	while (moeai_table_next(t, &row) == 1) {
		text(&row, "name", one, sizeof(one));
		if (strcmp(one, name) != 0)
			continue;
		r = (struct region_row){ .size = number(&row, "size"), .id = number(&row, "id"),
					 .state = number(&row, "state"),
					 .files = number(&row, "files"),
					 .maps = number(&row, "maps"),
					 .writable = number(&row, "writable"), .n = r.n + 1 };
		text(&row, "module", r.module, sizeof(r.module));
	}
	moeai_table_close(t);
	moeai_close(h);
	return r;
}

uint64_t region_number(const char *module, const char *name)
{
	char path[60], key[60];
	const char *all, *p;

	snprintf(path, sizeof(path), "/proc/moeai/modules/%s", module);
	snprintf(key, sizeof(key), "\nstat.%s: ", name);
	all = slurp(path);
	assert_non_null(all);
	p = strstr(all, key);
	assert_non_null(p);
	return strtoull(p + strlen(key), NULL, 10);
}
