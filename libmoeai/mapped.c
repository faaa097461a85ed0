// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <moeai/moeai.h>

#include "device.h"
#include "mapped.h"

#define SPAN   32768 /* bytes that are copied at once; no record is longer than half of it */

_Static_assert(SPAN >= 2 * MOEAI_READ_MAX, "a span has room for the longest record");

/* ---- open, close ------------------------------------------------------------ */

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

/* What the kernel says of the mapping has to make sense. */
static bool understood(const struct moeai_map *map)
{
	return map->version == MOEAI_MAP_VERSION && is_power_of_two(map->log_size) &&
	       map->log_size >= SPAN && map->log_offset <= map->size &&
	       2 * map->log_size <= map->size - map->log_offset && map->epoch;
}

static int map_log(struct mapped *d, struct error *e)
{
	struct moeai_map map;
	void *base;

	if (ioctl(d->fd, MOEAI_IOC_MAP, &map))
		return error_set(e, -errno, MOEAI_DEVICE ": %s", moeai_strerror(errno));
	if (!understood(&map))
		return error_set(e, -EPROTO, MOEAI_DEVICE ": the module's log is laid out in another way "
				 "than this library knows");
	/* Without the kept records: read(2) has them. */
	d->size = map.log_offset + 2 * map.log_size;
	base = mmap(NULL, d->size, PROT_READ, MAP_SHARED, d->fd, 0);
	if (base == MAP_FAILED)
		return error_set(e, -errno, MOEAI_DEVICE ": cannot map it: %s", moeai_strerror(errno));
	d->map = base;
	d->log = (const char *)base + map.log_offset;
	d->mask = map.log_size - 1;
	return 0;
}

int mapped_open(struct mapped *d, struct error *e)
{
	int rc;

	*d = (struct mapped){ .fd = -1, .in.size = SPAN };
	rc = device_open(O_NONBLOCK, e);
	if (rc < 0)
		return rc;
	d->fd = rc;
	d->in.buf = malloc(SPAN);
	rc = d->in.buf ? map_log(d, e) : error_set(e, -ENOMEM, "out of memory");
	if (rc)
		mapped_close(d);
	return rc;
}

void mapped_close(struct mapped *d)
{
	if (d->map)
		munmap((void *)d->map, d->size);
	if (d->fd >= 0)
		close(d->fd);
	free(d->in.buf);
	*d = (struct mapped){ .fd = -1 };
}

/* ---- read(2) ----------------------------------------------------------------- */

int mapped_seek(struct mapped *d, uint64_t since, struct error *e)
{
	d->in.len = d->in.pos = 0;
	if (ioctl(d->fd, MOEAI_IOC_SEEK, &since))
		return error_set(e, -errno, MOEAI_DEVICE ": %s", moeai_strerror(errno));
	return 0;
}

int mapped_history(struct mapped *d, const struct nlmsghdr **out, struct error *e)
{
	ssize_t n;
	int rc;

	for (;;) {
		rc = message_next(d->in.buf, d->in.len, &d->in.pos, out);
		if (rc < 0)
			return error_set(e, rc, MOEAI_DEVICE ": a malformed message");
		if (rc > 0)
			return 1;
		d->in.len = d->in.pos = 0;
		n = read(d->fd, d->in.buf, d->in.size);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return error_set(e, n ? -errno : -EPROTO, MOEAI_DEVICE ": cannot read: %s",
					 moeai_strerror(n ? errno : EPROTO));
		d->in.len = n;
	}
}

/* ---- the mapping --------------------------------------------------------------- */

static uint64_t head(const struct mapped *d)
{
	return __atomic_load_n(&d->map->log.head, __ATOMIC_ACQUIRE); /* E in kmod/core/ring.h */
}

bool mapped_intact(const struct mapped *d)
{
	uint64_t next = d->pos + d->in.pos;

	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* G */
	return (int64_t)(next - __atomic_load_n(&d->map->log.tail, __ATOMIC_RELAXED)) >= 0;
}

void mapped_skip(struct mapped *d, size_t n)
{
	d->pos += d->in.pos + n;
	d->in.len = d->in.pos = 0;
}

size_t mapped_span(const struct mapped *d, const char **data)
{
	uint64_t next = d->pos + d->in.pos;

	*data = d->log + (next & d->mask);
	return head(d) - next;
}

static int overtaken(struct mapped *d, struct error *e)
{
	d->in.len = d->in.pos = 0;
	return error_set(e, -ENOBUFS, "the log has overtaken the reader");
}

/* Copy what there is from the next record on. Returns 0, -ENOBUFS or -ETIMEDOUT: nothing. */
static int refill(struct mapped *d, struct error *e)
{
	const char *data;
	size_t n = mapped_span(d, &data);

	mapped_skip(d, 0);
	if (!n)
		return -ETIMEDOUT;
	if (n > d->in.size)
		n = d->in.size;
	memcpy(d->in.buf, data, n); /* F */
	if (!mapped_intact(d))
		return overtaken(d, e);
	d->in.len = n;
	return 0;
}

/* The record at the inbox's position, if all of it is there. */
static const struct nlmsghdr *whole(const struct mapped *d)
{
	const struct nlmsghdr *msg = (const void *)(d->in.buf + d->in.pos);
	size_t left = d->in.len - d->in.pos;

	return left >= sizeof(*msg) && msg->nlmsg_len <= left ? msg : NULL;
}

int mapped_next(struct mapped *d, const struct nlmsghdr **out, struct error *e)
{
	const struct nlmsghdr *msg = whole(d);
	int rc;

	if (!msg) {
		rc = refill(d, e);
		if (rc)
			return rc == -ETIMEDOUT ? error_set(e, rc, "%s", moeai_strerror(rc)) : rc;
		msg = whole(d);
	}
	if (!msg || msg->nlmsg_len < sizeof(*msg) || msg->nlmsg_len % 8)
		return error_set(e, -EPROTO, MOEAI_DEVICE ": a malformed record");
	d->in.pos += msg->nlmsg_len;
	*out = msg;
	return 0;
}

bool mapped_ready(const struct mapped *d)
{
	return head(d) != d->pos + d->in.pos;
}

int mapped_arm(struct mapped *d, struct error *e)
{
	uint64_t next = d->pos + d->in.pos;

	if (ioctl(d->fd, MOEAI_IOC_ARM, &next))
		return error_set(e, -errno, MOEAI_DEVICE ": %s", moeai_strerror(errno));
	return 0;
}

/* From a record that the kernel knows to be near, by their lengths. */
static int walk(struct mapped *d, uint64_t seq, uint64_t to, struct error *e)
{
	const struct nlmsghdr *msg;
	int rc = 0;

	while (!rc && seq < to) {
		rc = mapped_next(d, &msg, e);
		seq++;
	}
	return rc;
}

int mapped_live(struct mapped *d, uint64_t seq, struct error *e)
{
	struct moeai_range range = { .since = seq };

	d->in.len = d->in.pos = 0;
	if (ioctl(d->fd, MOEAI_IOC_RANGE, &range))
		return error_set(e, -errno, MOEAI_DEVICE ": %s", moeai_strerror(errno));
	if (range.first > seq)
		return overtaken(d, e);
	d->pos = range.pos;
	return walk(d, range.seq, seq < range.next ? seq : range.next, e);
}
