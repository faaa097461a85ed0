// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include "fuzz.h"
#include "kernel.h"
#include "wrapped.h"

static FILE *record;
static const uint8_t *script;
static size_t left;

void kernel_play(const uint8_t *data, size_t size)
{
	script = data;
	left = size;
}

size_t kernel_left(void)
{
	return left;
}

void kernel_record(FILE *to)
{
	record = to;
}

void kernel_do(const char *shell)
{
	promise(!record || !system(shell));
}

static uint16_t next_length(void)
{
	uint16_t len = script[0] | script[1] << 8;

	script += 2;
	left -= 2;
	return len;
}

static ssize_t play(void *buf, size_t size)
{
	size_t len;

	ASAN_UNPOISON_MEMORY_REGION(buf, size);
	errno = EAGAIN;
	if (left < 2)
		return -1;
	len = next_length();
	if (len == KERNEL_LARGE)
		return size < 1 << 20 ? (ssize_t)size + 4 : -1;
	if (len == KERNEL_OVERRUN || len == KERNEL_SIGNAL) {
		errno = len == KERNEL_OVERRUN ? ENOBUFS : EINTR;
		return -1;
	}
	if (len > left)
		len = left;
	memcpy(buf, script, len);
	script += len;
	left -= len;
	/* What is behind the datagram is not the library's business. */
	ASAN_POISON_MEMORY_REGION((char *)buf + len, size - len);
	return len;
}

static void write_record(const void *data, ssize_t n)
{
	int len = n >= 0 ? (int)n : errno == ENOBUFS ? KERNEL_OVERRUN : 0;

	if (!len)
		return;
	promise(len < KERNEL_SIGNAL || len == KERNEL_OVERRUN);
	putc(len & 0xff, record);
	putc(len >> 8, record);
	if (n > 0)
		promise(fwrite(data, 1, n, record) == (size_t)n);
}

static ssize_t recorded(const void *buf, ssize_t n)
{
	int error = errno;

	write_record(buf, n);
	errno = error;
	return n;
}

/* From the kernel: the address that it has is all zero. */
ssize_t __wrap_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *from,
			socklen_t *from_len)
{
	return record ? recorded(buf, __real_recvfrom(fd, buf, size, flags, from, from_len)) :
			play(buf, size);
}

/* Without MSG_TRUNC it is only to empty the queue. */
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
	if (flags & MSG_TRUNC)
		return record ? recorded(buf, __real_recv(fd, buf, size, flags)) : play(buf, size);
	errno = EAGAIN;
	return record ? __real_recv(fd, buf, size, flags) : -1;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	return record ? __real_send(fd, buf, len, flags) : (ssize_t)len;
}

int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set)
{
	return record ? __real_ppoll(fds, n, timeout, set) : 0;
}

int __wrap_genl_connect(struct nl_sock *sock)
{
	return record ? __real_genl_connect(sock) : 0;
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t to_len)
{
	return record ? __real_connect(fd, to, to_len) : 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return record ? __real_setsockopt(fd, level, name, value, len) : 0;
}

int __wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *event)
{
	return record ? __real_epoll_ctl(epoll, op, fd, event) : 0;
}
