// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>

#include "pcapng.h"

#define HEAD_LEN       8 /* type and length; the length stands at the end, too */
#define BLOCK_MIN      (HEAD_LEN + 4)
#define PACKET_LEN     20
#define COOKED_LEN     16

static int malformed(const struct pcapng_reader *r, const char *what, struct error *e)
{
	return error_set(e, -EPROTO, "malformed at byte %" PRIu64 ": %s", r->at, what);
}

/* Returns 0, or -EPROTO: there is no more. */
static int take(struct pcapng_reader *r, size_t at, size_t len, struct error *e)
{
	if (fread(r->buf + at, 1, len, r->from) == len)
		return 0;
	if (ferror(r->from))
		return error_set(e, -EIO, "cannot read on at byte %" PRIu64, r->at);
	return error_set(e, -EPROTO, "cut short in what begins at byte %" PRIu64, r->at);
}

static int make_room(struct pcapng_reader *r, size_t size, struct error *e)
{
	char *buf;

	if (size <= r->size)
		return 0;
	buf = realloc(r->buf, size);
	if (!buf)
		return error_set(e, -ENOMEM, "out of memory");
	r->buf = buf;
	r->size = size;
	return 0;
}

/* Before the section's length can be read: which byte order is it? */
static int check_order(struct pcapng_reader *r, struct error *e)
{
	int rc = take(r, HEAD_LEN, sizeof(uint32_t), e);
	uint32_t magic;

	if (rc)
		return rc;
	magic = get_u32(r->buf + HEAD_LEN);
	if (magic == PCAPNG_MAGIC)
		return 0;
	if (magic == __builtin_bswap32(PCAPNG_MAGIC))
		return error_set(e, -EOPNOTSUPP,
				 "written by a machine of the other byte order: read it on one");
	return malformed(r, "neither byte order", e);
}

static int check_section(const struct pcapng_reader *r, size_t len, struct error *e)
{
	uint16_t major;

	if (len < BLOCK_MIN + 16)
		return malformed(r, "its head is too short", e);
	memcpy(&major, r->buf + HEAD_LEN + 4, sizeof(major));
	return major == 1 ? 0 : error_set(e, -EOPNOTSUPP, "pcapng of version %u, not 1", major);
}

/* What follows the block's head; done: so much of it is there already. */
static int take_body(struct pcapng_reader *r, size_t len, size_t done, struct error *e)
{
	int rc;

	if (len < BLOCK_MIN || len % 4 || len > PCAPNG_BLOCK_MAX || len < done)
		return malformed(r, "a block's length can't be true", e);
	rc = make_room(r, len, e);
	if (!rc)
		rc = take(r, done, len - done, e);
	if (!rc && get_u32(r->buf + len - 4) != len)
		return malformed(r, "a block's two lengths differ", e);
	return rc;
}

int pcapng_read(struct pcapng_reader *r, struct pcapng_block *out, struct error *e)
{
	size_t len, done = HEAD_LEN;
	uint32_t type;
	int rc = make_room(r, BLOCK_MIN, e), byte;

	if (rc)
		return rc;
	byte = getc(r->from);
	if (byte == EOF && !ferror(r->from) && r->at)
		return 0;
	if (byte != EOF)
		ungetc(byte, r->from);
	rc = take(r, 0, HEAD_LEN, e);
	if (rc)
		return rc;
	type = get_u32(r->buf);
	len = get_u32(r->buf + 4);
	if (!r->at && type != PCAPNG_SECTION)
		return error_set(e, -EPROTO, "no incident file: it does not begin as pcapng does");
	if (type == PCAPNG_SECTION) {
		if (r->at)
			return malformed(r, "a second section", e);
		rc = check_order(r, e);
		done += sizeof(uint32_t);
	}
	if (!rc)
		rc = take_body(r, len, done, e);
	if (!rc && type == PCAPNG_SECTION)
		rc = check_section(r, len, e);
	if (rc)
		return rc;
	*out = (struct pcapng_block){ r->at, type, r->buf + HEAD_LEN, len - BLOCK_MIN };
	r->at += len;
	return 1;
}

void pcapng_reader_free(struct pcapng_reader *r)
{
	free(r->buf);
	r->buf = NULL;
	r->size = 0;
}

/* ---- what blocks say ---------------------------------------------------------- */

int pcapng_linktype(const struct pcapng_block *b, uint16_t *out)
{
	if (b->len < 8)
		return -EPROTO;
	memcpy(out, b->body, sizeof(*out));
	return 0;
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

struct option {
	uint16_t code, len;
	const char *data;
};

/* Returns 1, 0 at the end, or -EPROTO. */
static int option_next(const char **p, const char *end, struct option *out)
{
	if (*p == end)
		return 0;
	if (end - *p < 4)
		return -EPROTO;
	memcpy(&out->code, *p, 2);
	memcpy(&out->len, *p + 2, 2);
	out->data = *p + 4;
	if (out->code == OPTION_END)
		return 0;
	if ((size_t)(end - out->data) < padded(out->len))
		return -EPROTO;
	*p = out->data + padded(out->len);
	return 1;
}

/* Of several kinds of hashes, the one that is known here. */
static bool hash_fits(const struct option *o, const char *packet, size_t len)
{
	return o->len != 5 || *o->data != PCAPNG_HASH_CRC32 ||
	       get_u32(o->data + 1) == pcapng_crc32(packet, len);
}

static bool is_netlink(const char *packet)
{
	uint16_t hardware, protocol;

	memcpy(&hardware, packet + 2, 2);
	memcpy(&protocol, packet + 14, 2);
	return ntohs(hardware) == PCAPNG_HARDWARE && ntohs(protocol) == NETLINK_GENERIC;
}

static int wrong_packet(const char **wrong, const char *what)
{
	*wrong = what;
	return -EPROTO;
}

int pcapng_packet(const struct pcapng_block *b, struct pcapng_packet *out, const char **wrong)
{
	const char *packet = b->body + PACKET_LEN, *end = b->body + b->len, *p;
	struct option o;
	size_t len;
	int more;

	*out = (struct pcapng_packet){ 0 };
	if (b->len < PACKET_LEN + COOKED_LEN)
		return wrong_packet(wrong, "a packet is too short");
	out->interface = get_u32(b->body);
	len = get_u32(b->body + 12);
	if (len < COOKED_LEN || len > b->len - PACKET_LEN || len != get_u32(b->body + 16))
		return wrong_packet(wrong, "a packet's length can't be true");
	if (!is_netlink(packet))
		return wrong_packet(wrong, "a packet is not of generic netlink");
	out->messages = (struct attr_run){ packet + COOKED_LEN, len - COOKED_LEN };
	p = packet + padded(len);
	while ((more = option_next(&p, end, &o)) > 0) {
		if (o.code == PACKET_HASH && !hash_fits(&o, packet, len))
			return wrong_packet(wrong, "a packet is not what was written: its "
					    "checksum differs");
		if (o.code == OPTION_COMMENT)
			out->comment = (struct attr_run){ o.data, o.len };
	}
	return more ? wrong_packet(wrong, "a packet's options make no sense") : 0;
}

int pcapng_statistics(const struct pcapng_block *b, struct pcapng_packet *out)
{
	const char *p = b->body + 12, *end = b->body + b->len;
	struct option o;
	int more;

	*out = (struct pcapng_packet){ .received = UINT64_MAX, .dropped = UINT64_MAX };
	if (b->len < 12)
		return -EPROTO;
	while ((more = option_next(&p, end, &o)) > 0) {
		if (o.code == OPTION_COMMENT)
			out->comment = (struct attr_run){ o.data, o.len };
		if (o.code == STATISTICS_RECEIVED && o.len == 8)
			out->received = get_u64(o.data);
		if (o.code == STATISTICS_DROPPED && o.len == 8)
			out->dropped = get_u64(o.data);
	}
	return more;
}
