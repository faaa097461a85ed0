// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "handle.h"

struct moeai_shmem {
	int fd;
	void *data;
	size_t size;
};

static int refused(struct error *e, const char *name, int code)
{
	switch (code) {
	case ENOENT:
		return error_set(e, -code, "there is no region '%s': table shmem has those that "
				 "there are", name);
	case EACCES:
		return error_set(e, -code, "region '%s' is for reading: its module does not allow "
				 "more", name);
	case EPERM:
		return error_set(e, -code, "region '%s': writing needs CAP_NET_ADMIN", name);
	case EBUSY:
		return error_set(e, -code, "region '%s': this user has %d regions open already, "
				 "and more need CAP_SYS_ADMIN", name, MOEAI_OPEN_MAX);
	case EINVAL:
		return error_set(e, -code, "region '%s': unknown flags", name);
	case ENOTTY:
		return error_set(e, -EOPNOTSUPP, "the module that is loaded has no regions");
	}
	return error_set(e, -code, "region '%s': %s", name, moeai_strerror(code));
}

/* Returns a descriptor of the region, or -errno. */
static int open_region(const char *name, struct moeai_region *region, struct error *e)
{
	int device, fd, code;

	if (strlen(name) >= sizeof(region->name))
		return refused(e, name, ENOENT);
	strcpy(region->name, name);
	device = device_open(0, e);
	if (device < 0)
		return device;
	fd = ioctl(device, MOEAI_IOC_SHMEM, region);
	code = errno;
	close(device);
	return fd < 0 ? refused(e, name, code) : fd;
}

int moeai_shmem_open(struct moeai *h, const char *name, uint32_t flags, struct moeai_shmem **out)
{
	struct error none = { 0 }, *e = h ? &h->error : &none;
	struct moeai_region region = { .flags = flags };
	struct moeai_shmem *s = malloc(sizeof(*s));
	int rc;

	if (!s)
		return error_set(e, -ENOMEM, "out of memory");
	rc = s->fd = open_region(name, &region, e);
	if (rc < 0) {
		free(s);
		return rc;
	}
	s->size = region.size;
	s->data = mmap(NULL, s->size, flags & MOEAI_SHMEM_WRITE ? PROT_READ | PROT_WRITE : PROT_READ,
		       MAP_SHARED, s->fd, 0);
	if (s->data == MAP_FAILED) {
		rc = error_set(e, -errno, "region '%s': cannot map it: %s", name,
			       moeai_strerror(errno));
		close(s->fd);
		free(s);
		return rc;
	}
	*out = s;
	return 0;
}

void *moeai_shmem_data(const struct moeai_shmem *s)
{
	return s->data;
}

size_t moeai_shmem_size(const struct moeai_shmem *s)
{
	return s->size;
}

int moeai_shmem_fd(const struct moeai_shmem *s)
{
	return s->fd;
}

void moeai_shmem_close(struct moeai_shmem *s)
{
	if (!s)
		return;
	munmap(s->data, s->size);
	close(s->fd);
	free(s);
}
