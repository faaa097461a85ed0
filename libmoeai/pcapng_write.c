// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <stdlib.h>

#include "pcapng.h"

#define ROOM	4096
#define TO_USER 6 /* as nlmon has what the kernel sends */

uint32_t pcapng_crc32(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint32_t crc = UINT32_MAX;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* ---- blocks ----------------------------------------------------------------- */

static bool make_room(struct pcapng_writer *w, size_t len)
{
	size_t size = w->size ? w->size : ROOM;
	char *buf;

	if (w->error || w->size - w->len >= len)
		return !w->error;
	while (size - w->len < len)
		size *= 2;
	buf = realloc(w->buf, size);
	if (!buf) {
		w->error = -ENOMEM;
		return false;
	}
	w->buf = buf;
	w->size = size;
	return true;
}

void pcapng_put(struct pcapng_writer *w, const void *data, size_t len)
{
	if (!make_room(w, len + 3))
		return;
	if (len)
		memcpy(w->buf + w->len, data, len);
	w->len += len;
	while (w->len % 4)
		w->buf[w->len++] = 0;
}

static void put_u32(struct pcapng_writer *w, uint32_t v)
{
	pcapng_put(w, &v, sizeof(v));
}

static void put_time(struct pcapng_writer *w, uint64_t time)
{
	put_u32(w, time >> 32);
	put_u32(w, (uint32_t)time);
}

void pcapng_put_option(struct pcapng_writer *w, uint16_t code, const void *data, size_t len)
{
	const uint16_t head[2] = { code, (uint16_t)len };

	pcapng_put(w, head, sizeof(head));
	pcapng_put(w, data, len);
}

void pcapng_put_text(struct pcapng_writer *w, uint16_t code, const char *text)
{
	if (text && *text)
		pcapng_put_option(w, code, text, strnlen(text, 255));
}

void pcapng_begin(struct pcapng_writer *w, uint32_t type)
{
	w->len = 0;
	put_u32(w, type);
	put_u32(w, 0); /* the length, which is not known yet */
}

int pcapng_end(struct pcapng_writer *w)
{
	uint32_t len = (uint32_t)w->len + sizeof(len);

	put_u32(w, len);
	if (w->error)
		return w->error;
	memcpy(w->buf + sizeof(len), &len, sizeof(len));
	if (fwrite(w->buf, 1, len, w->to) != len)
		return w->error = errno ? -errno : -EIO;
	w->written += len;
	return 0;
}

/* ---- what they say ---------------------------------------------------------- */

static void put_section(struct pcapng_writer *w, const char *application, const char *os,
			const char *comment)
{
	const uint16_t version[2] = { 1, 0 };
	const int64_t length = -1; /* of the section: to the end of the file */

	pcapng_begin(w, PCAPNG_SECTION);
	put_u32(w, PCAPNG_MAGIC);
	pcapng_put(w, version, sizeof(version));
	pcapng_put(w, &length, sizeof(length));
	pcapng_put_text(w, SECTION_OS, os);
	pcapng_put_text(w, SECTION_APPLICATION, application);
	pcapng_put_text(w, OPTION_COMMENT, comment);
	put_u32(w, OPTION_END);
	pcapng_end(w);
}

int pcapng_head(struct pcapng_writer *w, const char *application, const char *os,
		const char *comment)
{
	const uint16_t link[2] = { PCAPNG_LINKTYPE, 0 };
	const uint8_t nanoseconds = 9;

	put_section(w, application, os, comment);
	pcapng_begin(w, PCAPNG_INTERFACE);
	pcapng_put(w, link, sizeof(link));
	put_u32(w, 0); /* packets may be of any length */
	pcapng_put_text(w, INTERFACE_NAME, "moeai");
	pcapng_put_option(w, INTERFACE_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	put_u32(w, OPTION_END);
	return pcapng_end(w);
}

/* A checksum: what was changed on the disk shall not pass for what happened. */
static void put_hash(struct pcapng_writer *w, const char *packet, size_t len)
{
	char hash[5] = { PCAPNG_HASH_CRC32 };
	uint32_t crc = pcapng_crc32(packet, len);

	memcpy(hash + 1, &crc, sizeof(crc));
	pcapng_put_option(w, PACKET_HASH, hash, sizeof(hash));
}

int pcapng_message(struct pcapng_writer *w, uint64_t time, const struct nlmsghdr *msg,
		   const char *comment)
{
	const uint16_t cooked[8] = { htons(TO_USER), htons(PCAPNG_HARDWARE),
				     [7] = htons(NETLINK_GENERIC) };
	const size_t len = sizeof(cooked) + msg->nlmsg_len;
	size_t at;

	pcapng_begin(w, PCAPNG_PACKET);
	put_u32(w, 0); /* the interface */
	put_time(w, time);
	put_u32(w, (uint32_t)len);
	put_u32(w, (uint32_t)len);
	at = w->len;
	pcapng_put(w, cooked, sizeof(cooked));
	pcapng_put(w, msg, msg->nlmsg_len);
	pcapng_put_text(w, OPTION_COMMENT, comment);
	if (!w->error)
		put_hash(w, w->buf + at, len);
	put_u32(w, OPTION_END);
	return pcapng_end(w);
}

int pcapng_tail(struct pcapng_writer *w, uint64_t time, uint64_t events, uint64_t lost,
		const char *comment)
{
	pcapng_begin(w, PCAPNG_STATISTICS);
	put_u32(w, 0);
	put_time(w, time);
	pcapng_put_option(w, STATISTICS_RECEIVED, &events, sizeof(events));
	pcapng_put_option(w, STATISTICS_DROPPED, &lost, sizeof(lost));
	pcapng_put_text(w, OPTION_COMMENT, comment);
	put_u32(w, OPTION_END);
	return pcapng_end(w);
}
