// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <moeai/moeai.h>

#include "device.h"

int device_open(int flags, struct error *e)
{
	int fd = open(MOEAI_DEVICE, O_RDONLY | O_CLOEXEC | flags);

	if (fd >= 0)
		return fd;
	if (errno == EACCES || errno == EPERM)
		return error_set(e, -EACCES, MOEAI_DEVICE ": not permitted: run as root, or as a "
				 "member of group moeai");
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return error_set(e, -ENODEV, MOEAI_DEVICE ": no such device: load the module with "
				 "`modprobe moeai`");
	return error_set(e, -errno, MOEAI_DEVICE ": %s", moeai_strerror(errno));
}
