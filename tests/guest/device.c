// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ask.h"
#include "device.h"

struct moeai_map device_layout;

int device_open(int flags)
{
	int fd = open(MOEAI_DEVICE, O_RDONLY | O_CLOEXEC | flags);

	assert_true(fd >= 0);
	return fd;
}

const struct moeai_map *device_map(int fd)
{
	void *base = mmap(NULL, device_layout.size, PROT_READ, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(base, MAP_FAILED);
	return base;
}

void device_emit(unsigned int count, unsigned int size, const char *priority)
{
	assert_int_equal(control("test.emit count=%u size=%u priority=%s", count, size, priority),
			 0);
}

int device_unload(void)
{
	return sh("rmmod moeai_test 2>/dev/null; rmmod moeai_mem_monitor 2>/dev/null;"
		  "rmmod moeai 2>/dev/null");
}

void device_load(const char *args)
{
	int fd;

	assert_int_equal(sh("modprobe moeai %s && modprobe moeai_test", args), 0);
	fd = device_open(0);
	assert_int_equal(ioctl(fd, MOEAI_IOC_MAP, &device_layout), 0);
	close(fd);
}
/* Records of [tail, head) of a ring, as the tale has it. */
void device_tell(const void *base, const struct moeai_map_ring *ring, uint64_t size,
		      struct tale *t)
{
	uint64_t pos = ring->tail;
	struct event e;

	while (pos != ring->head) {
		const struct nlmsghdr *nlh = (const void *)((const char *)base + pos % size);

		assert_int_equal(nlh->nlmsg_len % 8, 0);
		assert_int_equal(nlh->nlmsg_type, device_layout.family);
		event_read(nlh, &e);
		tell(&e, t);
		pos += nlh->nlmsg_len;
	}
}
int device_ready(void **state)
{
	device_load("");
	return 0;
}

int device_leave(void **state)
{
	device_ready(state);
	return device_unload();
}
