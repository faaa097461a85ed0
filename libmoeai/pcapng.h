/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of blocks, pcapng, as far as netlink messages need them. Of a file that is read
 * nothing is believed before it was checked.
 * Source: draft-ietf-opsawg-pcapng; LINKTYPE_NETLINK of tcpdump.org.
 */
#ifndef MOEAI_PCAPNG_H
#define MOEAI_PCAPNG_H

#include <stdio.h>

#include "attr.h"
#include "error.h"

enum pcapng_type {
	PCAPNG_SECTION = 0x0a0d0d0a,
	PCAPNG_INTERFACE = 1,
	PCAPNG_NAMES = 4,
	PCAPNG_STATISTICS = 5,
	PCAPNG_PACKET = 6,
	PCAPNG_SECRETS = 10,
};

enum pcapng_option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_OS = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_TSRESOL = 9,
	PACKET_HASH = 3, /* the kind in a byte, then the hash */
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};

#define PCAPNG_MAGIC	  0x1a2b3c4d /* tells the byte order */
#define PCAPNG_LINKTYPE	  253	     /* netlink: 16 bytes before the messages */
#define PCAPNG_HARDWARE	  824	     /* in these: ARPHRD_NETLINK */
#define PCAPNG_HASH_CRC32 2
#define PCAPNG_BLOCK_MAX  (1 << 20)

uint32_t pcapng_crc32(const void *data, size_t len);

/* ---- writing ---------------------------------------------------------------- */

/* All but to zero at first. */
struct pcapng_writer {
	FILE *to;
	char *buf; /* of the block that is being built */
	size_t len, size;
	uint64_t written; /* bytes of whole blocks */
	int error;	  /* the first one; then nothing more is written */
};

void pcapng_begin(struct pcapng_writer *w, uint32_t type);
void pcapng_put(struct pcapng_writer *w, const void *data, size_t len); /* padded to 4 bytes */
void pcapng_put_option(struct pcapng_writer *w, uint16_t code, const void *data, size_t len);
void pcapng_put_text(struct pcapng_writer *w, uint16_t code, const char *text); /* NULL: none */

/* Returns 0 or the writer's first error. */
int pcapng_end(struct pcapng_writer *w);

/* Whole blocks. Time is in ns, as is said of the interface. */
int pcapng_head(struct pcapng_writer *w, const char *application, const char *os,
		const char *comment);
int pcapng_message(struct pcapng_writer *w, uint64_t time, const struct nlmsghdr *msg,
		   const char *comment);
int pcapng_tail(struct pcapng_writer *w, uint64_t time, uint64_t events, uint64_t lost,
		const char *comment);

/* ---- reading ---------------------------------------------------------------- */

struct pcapng_block {
	uint64_t at; /* the byte of the file where it begins */
	uint32_t type;
	const char *body; /* at a multiple of 4, until the next one is read */
	size_t len;
};

/* All but from zero at first. */
struct pcapng_reader {
	FILE *from;
	char *buf;
	size_t size;
	uint64_t at; /* bytes of whole blocks */
};

/*
 * Returns 1, 0 at the end, -EIO, -ENOMEM, -EPROTO: it is no pcapng, or malformed, or
 * cut short; -EOPNOTSUPP: of another byte order or version.
 */
int pcapng_read(struct pcapng_reader *r, struct pcapng_block *out, struct error *e);
void pcapng_reader_free(struct pcapng_reader *r); /* from stays open */

/* The link type of an interface. Returns 0 or -EPROTO. */
int pcapng_linktype(const struct pcapng_block *b, uint16_t *out);

/* What of a packet or of statistics is wanted here; pointers go into the block. */
struct pcapng_packet {
	uint32_t interface;
	struct attr_run messages;
	struct attr_run comment; /* not ended by a NUL */
	uint64_t received, dropped; /* of statistics; UINT64_MAX: it does not say */
};

/* Returns 0, or -EPROTO with what is wrong. */
int pcapng_packet(const struct pcapng_block *b, struct pcapng_packet *out, const char **wrong);
int pcapng_statistics(const struct pcapng_block *b, struct pcapng_packet *out);

#endif /* MOEAI_PCAPNG_H */
